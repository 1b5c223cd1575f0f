//! What must not be in the log is nowhere.

use std::{fmt::Debug, sync::Arc};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, Set, Statement, TransactionSession, TransactionTrait, entity::prelude::ColumnTrait,
    entity::prelude::Decimal,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error, OnFailure, audit_log};
use serde_json::json;

use crate::{
    cases,
    support::{
        bakery::Db,
        case::Case,
        replay::Replay,
        server::TestDb,
        shop::create_table,
        values::{Everything, deep, vault},
    },
};

const EXCLUDED: [&str; 5] = ["no_text", "no_bytes", "no_json", "no_decimal", "no_maybe"];
const REDACTED: [&str; 5] = ["text", "bytes", "json", "decimal", "maybe"];

pub fn cases() -> Vec<Case> {
    cases![
        a_secret_is_nowhere,
        a_secret_is_nowhere_when_a_write_fails,
        a_secret_is_nowhere_when_an_entry_is_lost,
        a_value_that_cannot_be_read_is_not_in_the_error,
    ]
}

/// A row whose every hidden value is recognised wherever it turns up.
pub(super) fn secret(name: &str, digit: u8) -> vault::ActiveModel {
    let text = format!("m4rk3r{digit}");
    let decimal = Decimal::new(9_876_543_210 + i64::from(digit), 4);
    vault::ActiveModel {
        name: Set(name.to_owned()),
        open: Set(Some(json!("open"))),
        no_text: Set(text.clone()),
        no_bytes: Set(text.clone().into_bytes()),
        no_json: Set(json!({text.clone(): [text.clone()]})),
        no_decimal: Set(decimal),
        no_maybe: Set(Some(text.clone())),
        text: Set(text.clone()),
        bytes: Set(text.clone().into_bytes()),
        json: Set(json!([{text.clone(): text.clone()}])),
        decimal: Set(decimal),
        maybe: Set(Some(text)),
        ..Default::default()
    }
}

/// The text, and what its bytes look like in hex, in Base64, in `Debug` and in the decimal.
fn assert_private(what: &str, text: &str) {
    for secret in [
        "m4rk3r",
        "6d34726b3372",
        "bTRyazNy",
        "109, 52, 114",
        "98765",
        "43210",
    ] {
        let found = text.to_lowercase().contains(&secret.to_lowercase());
        assert!(!found, "{what} has {secret}:\n{text}");
    }
}

fn assert_private_debug(what: &str, value: &impl Debug) {
    assert_private(what, &format!("{value:?} {value:#?}"));
}

/// An error in every form that may be printed, its sources included.
fn assert_private_error(err: &DbErr) {
    assert_private("an error", &format!("{err} {err:?} {err:#?}"));
    let mut source = std::error::Error::source(err);
    while let Some(err) = source {
        assert_private("an error's source", &format!("{err} {err:?}"));
        source = err.source();
    }
    if let Some(err) = Error::of(err) {
        assert_private("our error", &format!("{err} {err:?}"));
    }
}

/// All columns of the log as texts.
async fn whole_log(db: &DatabaseConnection) -> String {
    let columns = [
        "id",
        "occurred_at",
        "action",
        "entity",
        "record_id",
        "old_record_id",
        "actor",
        "correlation_id",
        "old_values",
        "new_values",
        "context",
    ];
    let ty = match db.get_database_backend() {
        sea_orm::DbBackend::MySql => "char",
        _ => "text",
    };
    let texts = columns.map(|column| format!("COALESCE(CAST({column} AS {ty}), '') AS {column}"));
    let sql = format!("SELECT {} FROM audit_log", texts.join(", "));
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| {
        let texts = columns.map(|column| row.try_get::<String>("", column).unwrap());
        texts.join(" | ")
    };
    rows.iter().map(text).collect::<Vec<_>>().join("\n")
}

pub(super) async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create_table(&db, vault::Entity).await;
    db
}

async fn check_everywhere(db: &DatabaseConnection, everything: &Everything) {
    let log = whole_log(db).await;
    assert!(log.contains("vault"), "{log}");
    assert_private("the log", &log);
    assert_private("tracing", &everything.said());
    for entry in audit_log::Entity::find().all(db).await.unwrap() {
        assert_private_debug("an entry", &entry);
        assert_private_debug("the changes of an entry", &entry.changes().unwrap());
        assert_private_debug("a history", &vault::Entity::history(1));
        for model in [entry.old::<vault::Entity>(), entry.new::<vault::Entity>()] {
            assert_private_debug("a row that does not read back", &model);
        }
    }
    Replay::default()
        .excluded(&EXCLUDED)
        .redacted(&REDACTED)
        .check::<vault::Entity>(db)
        .await;
}

/// Creates a row, changes it in every column, and deletes it; another one stays.
async fn comes_and_goes<C: Db>(db: &C, name: &str) {
    let row = secret(name, 1).insert(db).await.unwrap();
    let mut change = secret(&format!("{name} again"), 2);
    change.id = Set(row.id);
    let row = change.update(db).await.unwrap();
    row.delete(db).await.unwrap();
    secret(&format!("{name} stays"), 3)
        .insert(db)
        .await
        .unwrap();
}

async fn a_secret_is_nowhere(test: Arc<TestDb>) {
    let db = open(&test).await;
    let everything = Everything::collect();
    let wrapped = AuditedConnection::new(db.clone()).acting_as("alice");
    comes_and_goes(&wrapped, "wrapped").await;
    // On a pool there is a warning, too.
    comes_and_goes(&db, "pool").await;
    let inside = db.begin().await.unwrap();
    comes_and_goes(&inside, "inside").await;
    inside.commit().await.unwrap();
    let suspended = AuditContext::suspended("a reason");
    let unbound = AuditedConnection::new(db.clone());
    suspended
        .scope(async {
            let row = secret("suspended", 4).insert(&unbound).await.unwrap();
            row.delete(&unbound).await.unwrap();
        })
        .await;
    vault::Entity::audited_insert_many([secret("many", 5), secret("more", 6)])
        .exec(&wrapped)
        .await
        .unwrap();
    vault::Entity::audited_update_many()
        .set(vault::ActiveModel {
            text: Set("m4rk3r7".to_owned()),
            ..Default::default()
        })
        .filter(vault::Column::Name.eq("many"))
        .exec(&wrapped)
        .await
        .unwrap();
    vault::Entity::audited_delete_many()
        .filter(vault::Column::Text.eq("m4rk3r7"))
        .exec(&wrapped)
        .await
        .unwrap();
    assert_private_debug("a connection", &wrapped);
    let transaction = wrapped.begin().await.unwrap();
    assert_private_debug("a transaction", &transaction);
    transaction.rollback().await.unwrap();
    let said = everything.said();
    assert!(said.contains("not recorded"), "{said}");
    check_everywhere(&db, &everything).await;
}

async fn a_secret_is_nowhere_when_a_write_fails(test: Arc<TestDb>) {
    let db = open(&test).await;
    let everything = Everything::collect();
    let wrapped = AuditedConnection::new(db.clone());
    secret("taken", 1).insert(&wrapped).await.unwrap();
    let row = secret("free", 2).insert(&wrapped).await.unwrap();

    let twice = [
        secret("taken", 3).insert(&wrapped).await.unwrap_err(),
        secret("taken", 4).insert(&db).await.unwrap_err(),
        {
            let mut change = secret("taken", 5);
            change.id = Set(row.id);
            change.update(&wrapped).await.unwrap_err()
        },
        {
            let mut gone = secret("gone", 6);
            gone.id = Set(-1);
            gone.update(&wrapped).await.unwrap_err()
        },
    ];
    twice.iter().for_each(assert_private_error);

    // Refused by us: without an actor, and with a value in an open column that cannot be recorded.
    let strict = AuditedConnection::new(db.clone()).require_actor();
    let mut unencodable = secret("deep", 7);
    unencodable.open = Set(Some(deep(127)));
    let refused = [
        secret("nobody", 8).insert(&strict).await.unwrap_err(),
        unencodable.clone().insert(&db).await.unwrap_err(),
        unencodable.insert(&wrapped).await.unwrap_err(),
    ];
    refused.iter().for_each(assert_private_error);
    assert!(matches!(
        Error::of(&refused[0]),
        Some(Error::ActorRequired { .. })
    ));
    assert!(matches!(
        Error::of(&refused[1]),
        Some(Error::Unencodable { column: "open", .. })
    ));
    // What SeaORM writes without hooks and nobody can record.
    let many = vault::Entity::update_many()
        .col_expr(vault::Column::Text, "m4rk3r9".into())
        .exec(&wrapped)
        .await;
    if let Err(err) = many {
        assert_private_error(&err);
    }
    assert_eq!(vault::Entity::find().all(&db).await.unwrap().len(), 2);
    check_everywhere(&db, &everything).await;

    db.execute_unprepared("ALTER TABLE audit_log RENAME TO gone")
        .await
        .unwrap();
    let fresh = AuditedConnection::new(db.clone());
    let missing = [
        secret("lost", 1).insert(&fresh).await.unwrap_err(),
        secret("lost", 2).insert(&db).await.unwrap_err(),
        row.delete(&fresh).await.unwrap_err(),
    ];
    for err in &missing {
        assert!(
            matches!(Error::of(err), Some(Error::LogMissing { .. })),
            "{err}"
        );
        assert_private_error(err);
    }
    db.execute_unprepared("ALTER TABLE gone RENAME TO audit_log")
        .await
        .unwrap();
    check_everywhere(&db, &everything).await;
}

async fn a_secret_is_nowhere_when_an_entry_is_lost(test: Arc<TestDb>) {
    let db = open(&test).await;
    let everything = Everything::collect();
    let wrapped = AuditedConnection::new(db.clone()).on_failure(OnFailure::Report);
    secret("kept", 1).insert(&wrapped).await.unwrap();
    check_everywhere(&db, &everything).await;

    db.execute_unprepared("ALTER TABLE audit_log RENAME TO gone")
        .await
        .unwrap();
    let row = secret("lost", 2).insert(&wrapped).await.unwrap();
    let mut change = row.into_active_model();
    change.text = Set("m4rk3r3".to_owned());
    change.update(&wrapped).await.unwrap();
    assert_eq!(wrapped.lost_entries(), 2);
    let said = everything.said();
    assert!(said.contains("vault"), "{said}");
    assert_private("tracing", &said);
    assert_private_debug("a connection", &wrapped);
}

async fn a_value_that_cannot_be_read_is_not_in_the_error(test: Arc<TestDb>) {
    let db = open(&test).await;
    let wrapped = AuditedConnection::new(db.clone());
    let id = secret("row", 1).insert(&wrapped).await.unwrap().id;
    let image = json!({"id": "m4rk3r", "name": ["m4rk3r"], "open": null});
    let entry = vault::Entity::history(id).one(&db).await.unwrap().unwrap();
    let with = |new_values| {
        let mut entry = entry.clone();
        entry.new_values = Some(new_values);
        entry
    };
    for entry in [with(image), with(json!("m4rk3r")), with(json!(["m4rk3r"]))] {
        let err = entry.new::<vault::Entity>().unwrap_err();
        assert_private_debug("an error of reading", &err);
        assert_private_error(&err.into());
    }
}
