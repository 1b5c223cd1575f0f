//! Plain SQL, as somebody else would write it, and triggers on tables that no entity describes.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_audit_migration::triggers::TriggerTable;
use sea_orm_migration::SchemaManager;

/// Runs a statement; panics with it where it fails.
pub async fn run(db: &impl ConnectionTrait, sql: &str) {
    if let Err(err) = db.execute_unprepared(sql).await {
        panic!("{sql}\n{err}");
    }
}

/// Runs a statement, or gives back what the database says against it.
pub async fn try_run(db: &impl ConnectionTrait, sql: &str) -> Result<(), String> {
    let result = db.execute_unprepared(sql).await;
    result.map(drop).map_err(|err| err.to_string())
}

/// What the database says against a statement; panics where it says nothing.
pub async fn refused(db: &impl ConnectionTrait, sql: &str) -> String {
    match try_run(db, sql).await {
        Ok(()) => panic!("{sql}\nis not refused"),
        Err(err) => err,
    }
}

/// The one value that a query gives, as text; empty where it is NULL.
pub async fn one(db: &impl ConnectionTrait, sql: &str) -> String {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::MySql => format!("SELECT CONVERT(({sql}) USING utf8mb4)"),
        _ => format!("SELECT CAST(({sql}) AS TEXT)"),
    };
    let row = db
        .query_one_raw(Statement::from_string(backend, sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<Option<String>>(0)
        .unwrap()
        .unwrap_or_default()
}

/// The one number that a query gives.
pub async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let number = one(db, sql).await;
    number
        .parse()
        .unwrap_or_else(|_| panic!("{sql}\ngives {number:?}"))
}

/// Installs triggers.
pub async fn install(db: &DatabaseConnection, table: &TriggerTable) {
    table.install(&SchemaManager::new(db)).await.unwrap();
}

/// Why triggers cannot be installed.
pub async fn not_installed(db: &DatabaseConnection, table: &TriggerTable) -> DbErr {
    table.install(&SchemaManager::new(db)).await.unwrap_err()
}
