//! Who acts: one row in `audit_context`, or none.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryOrder, Set,
    Statement,
};
use sea_orm_audit::audit_log;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, refused, run},
        secrets::vault,
        server::TestDb,
        shadow,
        shop::{create_table, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        the_context_is_in_the_entry,
        without_a_context_there_is_none,
        a_context_that_is_no_object_is_kept_in_one,
        a_write_without_an_actor_is_refused_where_one_is_required,
        what_is_too_long_for_the_log_is_refused,
        moments_sort_and_read_like_those_of_the_hooks,
        what_is_hidden_is_nowhere,
    ]
}

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Text)
        .column("name", Kind::Text)
}

async fn open(test: &TestDb, table: &TriggerTable) -> DatabaseConnection {
    let db = test.connect().await;
    run(&db, "CREATE TABLE item (id TEXT PRIMARY KEY, name TEXT)").await;
    install(&db, table).await;
    db
}

async fn say(
    db: &DatabaseConnection,
    actor: Option<&str>,
    id: Option<&str>,
    context: Option<&str>,
) {
    let sql = "INSERT OR REPLACE INTO audit_context VALUES (1, ?, ?, ?)";
    let values = [actor.into(), id.into(), context.into()];
    db.execute_raw(Statement::from_sql_and_values(
        DbBackend::Sqlite,
        sql,
        values,
    ))
    .await
    .unwrap();
}

async fn written(db: &DatabaseConnection) -> audit_log::Model {
    run(db, "INSERT INTO item VALUES (hex(randomblob(8)), 'a')").await;
    log(db).await.pop().unwrap()
}

async fn the_context_is_in_the_entry(test: Arc<TestDb>) {
    let db = open(&test, &item()).await;
    let actor = "zoë \"the\" 👩\n".to_owned() + &"é".repeat(240);
    say(
        &db,
        Some(&actor),
        Some("request 1"),
        Some(r#"{"reason": "\"ü\"", "n": 1.50}"#),
    )
    .await;
    run(&db, "INSERT INTO item VALUES ('1', 'a')").await;
    run(&db, "UPDATE item SET name = 'b'").await;
    run(&db, "DELETE FROM item").await;
    let entries = log(&db).await;
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert_eq!(entry.actor.as_deref(), Some(actor.as_str()));
        assert_eq!(entry.correlation_id.as_deref(), Some("request 1"));
        assert_eq!(entry.context, Some(json!({"reason": "\"ü\"", "n": 1.5})));
    }
}

async fn without_a_context_there_is_none(test: Arc<TestDb>) {
    let db = open(&test, &item()).await;
    let nothing = |entry: audit_log::Model| {
        assert_eq!(
            (entry.actor, entry.correlation_id, entry.context),
            (None, None, None)
        );
    };
    nothing(written(&db).await);
    say(&db, None, None, None).await;
    nothing(written(&db).await);
    say(&db, Some(""), Some(""), Some("")).await;
    nothing(written(&db).await);
}

async fn a_context_that_is_no_object_is_kept_in_one(test: Arc<TestDb>) {
    let db = open(&test, &item()).await;
    for text in [
        "{broken",
        "[1]",
        "null",
        "\"a\"",
        "1e400",
        "{\"a\": 1e400}",
        "{}\u{0}",
        " ",
    ] {
        say(&db, None, None, Some(text)).await;
        assert_eq!(
            written(&db).await.context,
            Some(json!({ "context": text })),
            "{text}"
        );
    }
    say(&db, None, None, Some("{}")).await;
    assert_eq!(written(&db).await.context, Some(json!({})));
    run(
        &db,
        "UPDATE audit_context SET context = CAST(x'7bff7d' AS TEXT), actor = CAST(x'61ff' AS TEXT)",
    )
    .await;
    let entry = written(&db).await;
    assert_eq!(entry.context, Some(json!({"context": "{\u{fffd}}"})));
    assert_eq!(entry.actor.as_deref(), Some("a\u{fffd}"));
    run(
        &db,
        "UPDATE audit_context SET context = x'7b7d', actor = 7, correlation_id = 1.5",
    )
    .await;
    let entry = written(&db).await;
    assert_eq!(entry.context, Some(json!({})));
    assert_eq!(entry.actor.as_deref(), Some("7"));
}

async fn a_write_without_an_actor_is_refused_where_one_is_required(test: Arc<TestDb>) {
    let db = open(&test, &item().require_actor()).await;
    say(&db, Some("alice"), None, None).await;
    run(&db, "INSERT INTO item VALUES ('1', 'a')").await;
    for context in [
        "DELETE FROM audit_context",
        "INSERT INTO audit_context VALUES (1, NULL, 'x', '{}')",
        "UPDATE audit_context SET actor = ''",
    ] {
        run(&db, context).await;
        for sql in [
            "INSERT INTO item VALUES ('2', 'b')",
            "INSERT OR IGNORE INTO item VALUES ('2', 'b')",
            "UPDATE item SET name = 'b'",
            "DELETE FROM item",
        ] {
            let err = refused(&db, sql).await;
            assert!(
                err.contains("(audit) changes of item need an actor"),
                "{sql}: {err}"
            );
        }
        // What changes nothing is no change.
        run(&db, "UPDATE item SET name = 'a'").await;
    }
    assert_eq!(log(&db).await.len(), 1);
}

async fn what_is_too_long_for_the_log_is_refused(test: Arc<TestDb>) {
    let db = open(&test, &item()).await;
    let write = async |key: &str| {
        let sql = "INSERT INTO item VALUES (?, 'a')";
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [key.into()]);
        db.execute_raw(statement)
            .await
            .map_err(|err| err.to_string())
    };
    for letter in ["k", "é", "👩", "\u{0}", "\u{1}", "\n", "\"", "\\"] {
        let held = letter.repeat(512);
        write(&held).await.unwrap();
        assert_eq!(log(&db).await.pop().unwrap().record_id, held);
        let err = write(&letter.repeat(513)).await.unwrap_err();
        assert!(
            err.contains("(audit) the key of a record of item is longer than 512"),
            "{err}"
        );
    }
    let mixed = "\u{0}\\u0000\\\n\"é".repeat(46) + "éééééé";
    write(&mixed).await.unwrap();
    assert_eq!(log(&db).await.pop().unwrap().record_id, mixed);
    for (actor, id, held) in [
        ("é".repeat(255), "i".repeat(255), true),
        ("é".repeat(256), String::new(), false),
        (String::new(), "i".repeat(256), false),
    ] {
        say(&db, Some(&actor), Some(&id), None).await;
        let key = format!("{actor}{id}");
        match write(&key).await {
            Ok(_) => assert!(held),
            Err(err) => assert!(
                !held && err.contains("(audit) the ") && err.contains("255"),
                "{err}"
            ),
        }
    }
}

async fn moments_sort_and_read_like_those_of_the_hooks(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, product::Entity).await;
    // By hooks first, and by triggers then.
    for at in 0..10 {
        new_product(&at.to_string(), 1).insert(&db).await.unwrap();
    }
    install(&db, &TriggerTable::of::<product::Entity>(DbBackend::Sqlite)).await;
    run(&db, "UPDATE product SET stock = 7").await;
    let entries = log(&db).await;
    let by_time = audit_log::Entity::find()
        .order_by_asc(audit_log::Column::OccurredAt)
        .order_by_asc(audit_log::Column::Id)
        .all(&db)
        .await
        .unwrap();
    // Milliseconds beside microseconds: what is sorted as text is sorted as moments.
    assert!(by_time.is_sorted_by_key(|entry| entry.occurred_at));
    let now = std::time::SystemTime::now();
    for entry in &entries {
        let at = std::time::SystemTime::from(entry.occurred_at);
        let age = now.duration_since(at).unwrap_or_default();
        assert!(age.as_secs() < 60, "{entry:?}");
    }
    assert_eq!(entries.len(), 20);
    let micros = |entry: &audit_log::Model| entry.occurred_at.timestamp_subsec_micros();
    assert!(
        entries
            .iter()
            .rev()
            .take(10)
            .all(|entry| micros(entry) % 1000 == 0)
    );
    assert!(entries.iter().any(|entry| micros(entry) % 1000 != 0));
}

async fn what_is_hidden_is_nowhere(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, vault::Entity).await;
    shadow::create_log(&db).await;
    shadow::watch::<vault::Entity>(&db).await;
    let row = vault::ActiveModel {
        id: Set(1),
        owner: Set("a".to_owned()),
        secret: Set("xyzzy".to_owned()),
        hidden: Set("plugh".to_owned()),
    };
    let tx = sea_orm::TransactionTrait::begin(&db).await.unwrap();
    let row = row.insert(&tx).await.unwrap();
    for (owner, secret, hidden) in [
        ("a", "xyzzy", "plugh 2"),
        ("b", "xyzzy", "plugh 2"),
        ("b", "xyzzy 2", "plugh 2"),
    ] {
        let mut active: vault::ActiveModel = row.clone().into();
        active.owner = Set(owner.to_owned());
        active.secret = Set(secret.to_owned());
        active.hidden = Set(hidden.to_owned());
        active.update(&tx).await.unwrap();
    }
    sea_orm::ModelTrait::delete(row, &tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shadow::compare::<vault::Entity>(&db).await, 4);
    let rows = db
        .query_all_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT * FROM shadow_log",
        ))
        .await
        .unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let values = ["old_values", "new_values"].map(|column| {
            row.try_get::<Option<Json>>("", column)
                .unwrap()
                .map(|json| json.to_string())
        });
        assert!(
            !format!("{values:?}").contains("xyzzy") && !format!("{values:?}").contains("plugh")
        );
    }
}
