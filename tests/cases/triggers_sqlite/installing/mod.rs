//! Triggers come and go as a whole, on tables of every sort.

mod again;
mod refused;
mod tables;

use sea_orm::DatabaseConnection;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use sea_orm_migration::SchemaManager;

use crate::support::{
    case::Case,
    plain::{count, run},
    server::TestDb,
};

pub fn cases() -> Vec<Case> {
    [again::cases(), refused::cases(), tables::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// That an error is this one of ours.
macro_rules! assert_ours {
    ($err:expr, $pattern:pat $(if $guard:expr)?) => {{
        let err = $err;
        let ours = ::sea_orm_audit_migration::triggers::Error::of(&err);
        assert!(matches!(ours, Some($pattern) $(if $guard)?), "{err:?}");
    }};
}
use assert_ours;

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
}

async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, more TEXT)",
    )
    .await;
    db
}

async fn triggers_there(db: &DatabaseConnection) -> i64 {
    count(
        db,
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
    )
    .await
}

async fn drop_of(db: &DatabaseConnection, table: &TriggerTable) {
    table.drop(&SchemaManager::new(db)).await.unwrap();
}
