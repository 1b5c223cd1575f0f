//! What an entry says of a row.

use std::sync::Arc;

use sea_orm_audit::Values;
use sea_orm_audit_migration::triggers::Kind;
use serde_json::json;

use crate::{
    cases,
    cases::triggers_mysql::{item, items, recorded_items, said, updated},
    support::{
        case::Case,
        log::log,
        plain::{install, one, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_changed_key_is_one_update_of_both_records,
        an_update_to_an_equal_value_makes_no_entry,
        whole_rows_where_they_are_asked_for,
        redacted_columns_say_that_they_changed,
    ]
}

async fn a_changed_key_is_one_update_of_both_records(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    said(&db).await;
    run(&db, "UPDATE item SET id = 40, note = 'moved' WHERE id = 1").await;
    assert_eq!(
        said(&db).await,
        [(
            "update".to_owned(),
            "40".to_owned(),
            Some("1".to_owned()),
            json!({"id": 1, "note": null}),
            json!({"id": 40, "note": "moved"})
        )]
    );
}

async fn an_update_to_an_equal_value_makes_no_entry(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "ALTER TABLE item ADD doc JSON, ADD flag TINYINT, ADD ratio DOUBLE",
    )
    .await;
    let table = item()
        .column("doc", Kind::Json)
        .column("flag", Kind::Bool)
        .column("ratio", Kind::Double);
    install(&db, &table).await;
    run(
        &db,
        r#"INSERT INTO item (name, price, doc, flag, ratio) VALUES ('a', 1.1, '{"a": [1, 2], "b": 1.50}', 1, 0)"#,
    )
    .await;
    said(&db).await;
    for equal in [
        "price = 1.10",
        "name = 'a'",
        r#"doc = '{"b": 15e-1, "a": [1.0, 2]}'"#,
        "flag = 2",
        "ratio = -0e0",
        "seen = 3",
    ] {
        run(&db, &format!("UPDATE item SET {equal}")).await;
        let entries = said(&db).await;
        assert!(entries.is_empty(), "{equal}: {entries:?}");
    }
    for other in [
        "name = 'A'",
        "name = 'A '",
        "name = 'Á '",
        r#"doc = '{"a": [2, 1], "b": 1.5}'"#,
        r#"doc = '{"n": 9007199254740992}'"#,
        r#"doc = '{"n": 9007199254740993}'"#,
        r#"doc = '{"n": 1, "n": 2}'"#,
        r#"doc = '{"n": 2, "n": 1}'"#,
        "doc = 'null'",
        "doc = NULL",
        "price = NULL",
        "price = 0",
        "note = ''",
        "secret = ''",
        "ratio = 5e-324",
    ] {
        run(&db, &format!("UPDATE item SET {other}")).await;
        assert_eq!(said(&db).await.len(), 1, "{other}");
    }
}

async fn whole_rows_where_they_are_asked_for(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "ALTER TABLE item ADD doc JSON").await;
    let table = item().column("doc", Kind::Json).values(Values::Full);
    install(&db, &table).await;
    run(
        &db,
        r#"INSERT INTO item (name, price, doc) VALUES ('a', 1, '{"b": 1, "a": 2.0}')"#,
    )
    .await;
    said(&db).await;
    run(
        &db,
        r#"UPDATE item SET price = 2, doc = '{"a": 2, "b": 1.0}', seen = 1"#,
    )
    .await;
    let entries = log(&db).await;
    // Equal values may have several texts; the old one is on both sides.
    let text = |column: &str| {
        format!(
            "SELECT {column} FROM audit_log WHERE id = {}",
            entries[0].id
        )
    };
    for column in ["old_values", "new_values"] {
        let text = one(&db, &text(column)).await;
        assert!(text.contains(r#""doc":{"b": 1, "a": 2.0}"#), "{text}");
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains(r#""name":"a""#), "{text}");
    }
    said(&db).await;
    run(&db, r#"UPDATE item SET doc = '{"a": 2.00, "b": 1}'"#).await;
    assert!(said(&db).await.is_empty());
}

async fn redacted_columns_say_that_they_changed(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "INSERT INTO item (name, secret) VALUES ('a', 'hunter2')",
    )
    .await;
    run(&db, "UPDATE item SET secret = NULL").await;
    run(&db, "UPDATE item SET secret = NULL, note = 'x'").await;
    let hidden = json!({"secret": "[redacted]"});
    let all = said(&db).await;
    assert_eq!(all[0].4["secret"], json!("[redacted]"));
    assert_eq!(all[1], updated("1", hidden.clone(), hidden));
    assert_eq!(
        all[2],
        updated("1", json!({"note": null}), json!({"note": "x"}))
    );
    assert_eq!(all.len(), 3);
}
