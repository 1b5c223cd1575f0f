//! Who acts, as the session says.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{item, items, recorded_items, said};
use crate::{
    cases,
    support::{
        case::{Case, left_out},
        log::log,
        plain::{install, one, refused, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        the_session_says_who_acts,
        without_a_context_the_database_user_stands_in_it,
        whatever_the_variables_hold_is_kept,
        a_write_without_an_actor_is_refused_where_one_is_required,
        the_writers_user_and_not_the_triggers,
    ]
}

async fn the_session_says_who_acts(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        r#"SET @audit_actor = 'älice 🍰', @audit_correlation_id = 'r-1', @audit_context = '{"reason": "é"}'"#,
    )
    .await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    run(&db, "SET @audit_context = NULL").await;
    run(&db, "UPDATE item SET note = 'x'").await;
    run(&db, "SET @audit_context = '{}', @audit_actor = ''").await;
    run(&db, "DELETE FROM item").await;
    let all = log(&db).await;
    assert_eq!(all[0].actor.as_deref(), Some("älice 🍰"));
    assert_eq!(all[0].correlation_id.as_deref(), Some("r-1"));
    assert_eq!(all[0].context, Some(json!({"reason": "é"})));
    assert_eq!(all[1].actor.as_deref(), Some("älice 🍰"));
    assert_eq!(all[1].context, None);
    assert_eq!((&all[2].actor, &all[2].context), (&None, &None));
    let apart = one(
        &db,
        "SELECT MAX(ABS(TIMESTAMPDIFF(SECOND, occurred_at, UTC_TIMESTAMP()))) FROM audit_log",
    )
    .await;
    assert!(apart.parse::<i64>().unwrap() < 60, "{apart}");
}

async fn without_a_context_the_database_user_stands_in_it(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    run(
        &db,
        "SET @audit_actor = '', @audit_correlation_id = '', @audit_context = ''",
    )
    .await;
    run(&db, "INSERT INTO item (name) VALUES ('b')").await;
    let user = one(&db, "SELECT USER()").await;
    for entry in log(&db).await {
        assert_eq!(entry.actor, None);
        assert_eq!(entry.correlation_id, None);
        assert_eq!(entry.context, Some(json!({"database_user": user})));
    }
}

async fn whatever_the_variables_hold_is_kept(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    let deep = format!("{}{}", "[".repeat(32), "]".repeat(32));
    let too_deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
    let bare = format!("'{deep}'");
    let beyond = format!("'{too_deep}'");
    let contexts: [(&str, Json); 14] = [
        ("'no json'", json!({"context": "no json"})),
        ("'[1]'", json!({"context": [1]})),
        ("'null'", json!({"context": null})),
        ("'{\"a\":'", json!({"context": "{\"a\":"})),
        ("7", json!({"context": 7})),
        ("1.50", json!({"context": 1.5})),
        ("0xFF00", json!({"context": "ff00"})),
        ("_binary'{\"a\": 1}'", json!({"a": 1})),
        ("CONVERT('{\"a\": \"é\"}' USING latin1)", json!({"a": "é"})),
        ("DATE '2024-02-29'", json!({"context": "2024-02-29"})),
        ("'é\\n\\t\"'", json!({"context": "é\n\t\""})),
        ("' '", json!({"context": " "})),
        (&bare, json!({"context": deep})),
        (&beyond, json!({"context": too_deep})),
    ];
    for (at, (value, kept)) in contexts.into_iter().enumerate() {
        run(&db, &format!("SET @audit_context = {value}")).await;
        run(&db, &format!("UPDATE item SET note = '{at}'")).await;
        let entries = log(&db).await;
        assert_eq!(entries.last().unwrap().context, Some(kept), "{value}");
    }
    run(&db, "SET @audit_context = NULL").await;
    for (value, kept) in [
        ("7", "7"),
        ("1.50", "1.50"),
        ("0xFF00", "ff00"),
        ("_binary'alice'", "alice"),
        ("' '", " "),
        ("CONVERT('é' USING latin1)", "é"),
        ("TRUE", "1"),
    ] {
        run(
            &db,
            &format!("SET @audit_actor = {value}, @audit_correlation_id = {value}"),
        )
        .await;
        run(&db, &format!("UPDATE item SET note = 'actor {kept}'")).await;
        let entries = log(&db).await;
        let entry = entries.last().unwrap();
        assert_eq!(entry.actor.as_deref(), Some(kept), "{value}");
        assert_eq!(entry.correlation_id.as_deref(), Some(kept), "{value}");
    }
    for variable in ["audit_actor", "audit_correlation_id"] {
        run(&db, "SET @audit_actor = 'a', @audit_correlation_id = 'b'").await;
        run(&db, &format!("SET @{variable} = REPEAT('é', 255)")).await;
        run(&db, &format!("UPDATE item SET note = '{variable}'")).await;
        run(&db, &format!("SET @{variable} = REPEAT('é', 256)")).await;
        let err = refused(&db, "UPDATE item SET note = 'long'").await;
        assert!(
            err.contains(&format!("(audit) item: @{variable} is longer than 255")),
            "{err}"
        );
    }
}

async fn a_write_without_an_actor_is_refused_where_one_is_required(test: Arc<TestDb>) {
    let db = items(&test).await;
    install(&db, &item().require_actor()).await;
    run(&db, "SET @audit_actor = 'alice'").await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    for none in ["NULL", "''"] {
        run(
            &db,
            &format!("SET @audit_actor = {none}, @audit_correlation_id = 'r'"),
        )
        .await;
        for write in [
            "INSERT INTO item (name) VALUES ('b')",
            "INSERT IGNORE INTO item (name) VALUES ('b')",
            "UPDATE item SET note = 'x'",
            "DELETE FROM item",
        ] {
            let err = refused(&db, write).await;
            assert!(
                err.contains("(audit) item: a change needs an actor"),
                "{write}: {err}"
            );
        }
        run(&db, "UPDATE item SET seen = 1").await;
    }
    assert_eq!(said(&db).await.len(), 1);
}

async fn the_writers_user_and_not_the_triggers(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let own = one(&db, "SELECT DATABASE()").await;
    let clerk = format!("clerk_{}", std::process::id());
    let create = format!("CREATE USER {clerk}@'%' IDENTIFIED BY 'pw'");
    if let Err(err) = try_run(&db, &create).await {
        left_out(format!("no user may be created: {err}"));
    }
    run(&db, &format!("GRANT INSERT ON `{own}`.item TO {clerk}@'%'")).await;
    let url = test.url();
    let (_, host) = url.split_once('@').unwrap();
    let as_clerk = sea_orm::Database::connect(format!("mysql://{clerk}:pw@{host}")).await;
    let written = match &as_clerk {
        Ok(db) => try_run(db, "INSERT INTO item (name) VALUES ('by the clerk')").await,
        Err(err) => Err(err.to_string()),
    };
    run(&db, &format!("DROP USER {clerk}@'%'")).await;
    written.unwrap();
    let context = log(&db).await.remove(0).context.unwrap();
    let user = context["database_user"].as_str().unwrap();
    assert!(user.starts_with(&clerk), "{user}");
}
