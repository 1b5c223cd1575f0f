//! JSON that is none, and JSON that is deep.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use super::inserted;
use crate::{
    cases,
    cases::triggers_mysql::{items, said},
    support::{
        case::Case,
        log::log,
        plain::{install, one, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![json_that_is_none, json_as_deep_as_it_goes,]
}

async fn json_that_is_none(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE doc (id INT PRIMARY KEY, j LONGTEXT, b BLOB)",
    )
    .await;
    let doc = TriggerTable::named("doc")
        .key("id", Kind::Integer)
        .column("j", Kind::Json)
        .column("b", Kind::Json);
    install(&db, &doc).await;
    for (at, (text, form)) in [
        ("", json!("")),
        ("{bad", json!("{bad")),
        ("[1,]", json!("[1,]")),
        ("{'a': 1}", json!("{'a': 1}")),
        ("\\\"", json!("\"")),
        ("null", json!({"$json": null})),
        (" null\\n", json!({"$json": null})),
        ("\\\"null\\\"", json!("null")),
        (r#"{"$json": 1}"#, json!({"$json": {"$json": 1}})),
        (r#"{"$json": null}"#, json!({"$json": {"$json": null}})),
        (r#"{"$json": 1, "a": 2}"#, json!({"$json": 1, "a": 2})),
        (r#"{"$JSON": 1}"#, json!({"$JSON": 1})),
        (r#"{"a": {"$json": 1}}"#, json!({"a": {"$json": 1}})),
        ("[]", json!([])),
        ("{}", json!({})),
        ("18446744073709551615", json!(u64::MAX)),
        ("  1.50 ", json!(1.5)),
        ("true", json!(true)),
        (r#"["é🍰"]"#, json!(["é🍰"])),
    ]
    .into_iter()
    .enumerate()
    {
        let row = inserted(
            &db,
            &format!(
                "INSERT INTO doc VALUES ({at}, '{0}', '{0}')",
                text.replace('\'', "''")
            ),
        )
        .await;
        assert_eq!(row["j"], form, "{text}");
        assert_eq!(row["b"], form, "{text}");
    }
    let row = inserted(&db, "INSERT INTO doc VALUES (100, NULL, 0xFF)").await;
    assert_eq!((&row["j"], &row["b"]), (&json!(null), &json!("ff")));
    for to in ["'{worse'", "'{\"a\": 1}'", "NULL", "'null'"] {
        run(&db, &format!("UPDATE doc SET j = {to} WHERE id = 100")).await;
        assert_eq!(said(&db).await.len(), 1, "{to}");
    }
}

/// MariaDB reads 32 levels, and the entry is one of them: what its log cannot hold is refused in words.
async fn json_as_deep_as_it_goes(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE deep (id INT PRIMARY KEY, j JSON, t LONGTEXT)",
    )
    .await;
    let deep = TriggerTable::named("deep")
        .key("id", Kind::Integer)
        .column("j", Kind::Json)
        .column("t", Kind::Json);
    install(&db, &deep).await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let insert = |id: usize, column: &str, depth: usize| {
        format!(
            "INSERT INTO deep (id, {column}) VALUES ({id}, '{}')",
            nested(depth)
        )
    };
    run(&db, &insert(1, "j", 30)).await;
    for depth in [31, 32, 33] {
        if let Err(err) = try_run(&db, &insert(depth, "j", depth)).await {
            assert!(
                depth > 31 || err.contains("(audit) deep: "),
                "{depth}: {err}"
            );
        }
    }
    // A text that the server cannot read as JSON is kept as a text.
    run(&db, &insert(40, "t", 60)).await;
    let entries = log(&db).await;
    let last = entries.last().unwrap().new_values.clone().unwrap();
    assert_eq!(last["t"], json!(nested(60)));
    let rows = one(&db, "SELECT COUNT(*) FROM deep").await;
    assert_eq!(rows, entries.len().to_string());
}
