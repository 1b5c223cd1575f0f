//! What goes wrong in a database.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

/// Refuses every entry, as a full disk would.
///
/// A trigger raises the database's own error for it: the statement fails, and its transaction is what it is after any
/// failed statement. To fill a disk or a tablespace for real is not for a test of a shared server.
pub async fn refuse_entries(db: &DatabaseConnection) {
    let statements: &[&str] = match db.get_database_backend() {
        DbBackend::Postgres => &[
            "CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER no_room BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION no_room()",
        ],
        DbBackend::MySql => &[
            "CREATE TRIGGER no_room BEFORE INSERT ON audit_log FOR EACH ROW \
             SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'no space left'",
        ],
        _ => &["CREATE TRIGGER no_room BEFORE INSERT ON audit_log \
             BEGIN SELECT RAISE(ABORT, 'no space left'); END"],
    };
    for sql in statements {
        db.execute_unprepared(sql).await.unwrap();
    }
}

/// The disk has room again.
pub async fn allow_entries(db: &DatabaseConnection) {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "DROP TRIGGER no_room ON audit_log",
        _ => "DROP TRIGGER no_room",
    };
    db.execute_unprepared(sql).await.unwrap();
}

/// What another session keeps to itself.
#[derive(Clone, Copy, Debug)]
pub enum Held {
    /// The rows of the product table, so that a write waits before it changes anything.
    Rows,
    /// The log, so that a write waits between its change and its entry.
    Log,
}

/// A session that holds something until it is rolled back.
pub async fn hold(db: &DatabaseConnection, held: Held) -> DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await.unwrap();
    let sql = match (db.get_database_backend(), held) {
        (DbBackend::Sqlite, _) => return tx,
        (DbBackend::Postgres, Held::Log) => "LOCK TABLE audit_log IN EXCLUSIVE MODE",
        (_, Held::Rows) => "SELECT * FROM product FOR UPDATE",
        (_, Held::Log) => "SELECT * FROM audit_log FOR UPDATE",
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    tx.query_all_raw(statement).await.unwrap();
    tx
}

/// Gives the only connection of a pool little patience.
pub async fn hurry(db: &DatabaseConnection) {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SET statement_timeout = '200ms'",
        DbBackend::MySql => "SET innodb_lock_wait_timeout = 1",
        _ => "PRAGMA busy_timeout = 50",
    };
    db.execute_unprepared(sql).await.unwrap();
}

/// What the server calls the only connection of a pool.
pub async fn session(db: &DatabaseConnection) -> i64 {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT CAST(pg_backend_pid() AS bigint) AS id",
        _ => "SELECT CAST(CONNECTION_ID() AS SIGNED) AS id",
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "id").unwrap()
}

/// Waits until this session waits for a lock, and ends it.
pub async fn cut_off_while_it_waits(db: &DatabaseConnection, session: i64) {
    let backend = db.get_database_backend();
    let waiting = match backend {
        DbBackend::Postgres => format!(
            "SELECT 1 FROM pg_stat_activity WHERE pid = {session} AND wait_event_type = 'Lock'"
        ),
        // Nothing but a lock keeps a statement of ours for as long.
        _ => format!(
            "SELECT 1 FROM information_schema.processlist \
             WHERE id = {session} AND command IN ('Query', 'Execute') AND time >= 1"
        ),
    };
    let find = async {
        let waiting = || db.query_one_raw(Statement::from_string(backend, waiting.as_str()));
        while waiting().await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), find)
        .await
        .expect("it waits");
    let sql = match backend {
        DbBackend::Postgres => format!("SELECT pg_terminate_backend({session})"),
        _ => format!("KILL CONNECTION {session}"),
    };
    db.execute_unprepared(&sql).await.unwrap();
}
