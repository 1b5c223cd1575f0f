//! Triggers on MySQL and MariaDB.

mod context;
mod install;
mod odd;
mod status;
mod writes;

use sea_orm::DatabaseConnection;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::Value as Json;

use crate::support::{
    case::Case,
    log::log,
    plain::{install, run},
    server::{Server, TestDb},
};

pub fn cases() -> Vec<Case> {
    let mut all = writes::cases();
    all.extend(odd::cases());
    all.extend(context::cases());
    all.extend(install::cases());
    all.extend(status::cases());
    all.into_iter()
        .map(|case| case.only_on(&[Server::MySql]))
        .collect()
}

/// A database with the log and a table of items, on one connection.
async fn items(test: &TestDb) -> DatabaseConnection {
    drop(test.connect().await);
    let db = test.pool(1).await;
    run(
        &db,
        "CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(200) UNIQUE, price DECIMAL(12, 2), \
         note VARCHAR(50), seen INT, secret VARCHAR(50))",
    )
    .await;
    db
}

/// What records items.
fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("price", Kind::Decimal)
        .column("note", Kind::Text)
        .excluded("seen")
        .redacted("secret", Kind::Text)
}

/// A database with the log, a table of items, and what records them.
async fn recorded_items(test: &TestDb) -> DatabaseConnection {
    let db = items(test).await;
    install(&db, &item()).await;
    db
}

/// Of each entry: the action, the record, the record before, the values before and after.
type Said = (String, String, Option<String>, Json, Json);

/// What the log says, and empties it.
async fn said(db: &DatabaseConnection) -> Vec<Said> {
    let entries = log(db).await;
    run(db, "DELETE FROM audit_log WHERE id > 0").await;
    entries
        .into_iter()
        .map(|entry| {
            (
                entry.action.to_string(),
                entry.record_id,
                entry.old_record_id,
                entry.old_values.unwrap_or_default(),
                entry.new_values.unwrap_or_default(),
            )
        })
        .collect()
}

fn created(record: &str, new: Json) -> Said {
    (
        "create".to_owned(),
        record.to_owned(),
        None,
        Json::Null,
        new,
    )
}

fn updated(record: &str, old: Json, new: Json) -> Said {
    ("update".to_owned(), record.to_owned(), None, old, new)
}

fn deleted(record: &str, old: Json) -> Said {
    (
        "delete".to_owned(),
        record.to_owned(),
        None,
        old,
        Json::Null,
    )
}
