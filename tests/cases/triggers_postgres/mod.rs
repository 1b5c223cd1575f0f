//! What only PostgreSQL's triggers see, and what only PostgreSQL can do to them.

mod columns;
mod installed;
mod keys;
mod names;
mod partitions;
mod rights;
mod session;
mod types;
mod writes;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::Value as Json;

use crate::support::{
    case::Case,
    fold::{fold, rows_of},
    plain::{install, run},
    server::{Server, TestDb},
};

pub fn cases() -> Vec<Case> {
    [
        writes::cases(),
        keys::cases(),
        partitions::cases(),
        names::cases(),
        columns::cases(),
        types::cases(),
        session::cases(),
        rights::cases(),
        installed::cases(),
    ]
    .into_iter()
    .flatten()
    .map(|case| case.only_on(&[Server::Postgres]))
    .collect()
}

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("n", Kind::Integer)
}

/// A table of items with triggers.
async fn items(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text UNIQUE, n integer)",
    )
    .await;
    install(&db, &item()).await;
    db
}

/// Panics unless the log folds to the table.
async fn replay(db: &DatabaseConnection, table: &str, key: &[&str]) {
    assert_eq!(
        fold(db, table, |known, value| {
            // A column that came later was not there to be seen.
            known.unwrap_or(&Json::Null) == value
        })
        .await,
        rows_of(db, table, key).await
    );
}

/// The entries about a table, as `action record_id old new`.
async fn said(db: &DatabaseConnection, entity: &str) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', action, old_record_id || ' ->', record_id, old_values, '|', new_values) AS said \
               FROM audit_log WHERE entity = $1 ORDER BY id";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [entity.into()]);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "said").unwrap())
        .collect()
}
