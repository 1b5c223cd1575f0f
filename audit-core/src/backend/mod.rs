//! All that differs between the databases, behind one trait: one file per database.

mod mysql;
mod postgres;
mod sqlite;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, Statement,
    sea_query::{Expr, LockType},
};

use crate::{connection::SessionContext, log_table::LogTable};

/// What a database does in its own way.
pub(crate) trait Backend: std::fmt::Debug + Sync {
    /// The schema that a table without a schema is in.
    fn default_schema(&self) -> Option<&'static str>;

    /// An expression: 1 if the log table is there, else 0.
    ///
    /// It needs no right to read the log, which an application that may only add to it does not have.
    fn log_exists(&self, log: LogTable) -> Expr;

    /// An expression: 1 if this table has our triggers for every kind of change, and they write to this log, else 0.
    ///
    /// `schema` is the one that the entity names. In doubt there are none: an entry too many is better than one too few.
    fn triggers_write(&self, schema: Option<&str>, table: &str, log: LogTable) -> Expr;

    /// The lock that keeps a row as it is until it is updated.
    fn lock_before_update(&self) -> Option<LockType>;

    /// The lock that keeps a row as it is until it is deleted.
    fn lock_before_delete(&self) -> Option<LockType>;

    /// [`lock_before_delete`](Self::lock_before_delete) as it stands at the end of a SELECT.
    fn lock_clause_before_delete(&self) -> Option<&'static str> {
        self.lock_before_delete().map(|_| " FOR UPDATE")
    }

    /// Whether the result of an INSERT tells the number that the database gave the row.
    fn numbers_inserted_rows(&self) -> bool;

    /// What an INSERT says about rows that are there already, where it can be left out to see whether it fails.
    fn conflict_clause_to_drop(&self) -> Option<&'static str> {
        None
    }

    /// Whether the database has rolled back the whole transaction by itself, where it then goes on without one.
    ///
    /// The driver's own error is not at hand in every build, but its text begins with the database's number.
    fn ends_transaction(&self, err: &DbErr) -> bool {
        let _ = err;
        false
    }

    /// Whether SeaORM reports a row as inserted that was there already.
    ///
    /// Where there is no `RETURNING`, `INSERT .. ON CONFLICT DO NOTHING` reads its row by key.
    fn reports_existing_rows_as_inserted(&self) -> bool;

    /// The moment of writing, in UTC with microseconds; `now` is the process's.
    fn occurred_at(&self, now: DateTime<Utc>) -> Expr;

    /// A text that is JSON, as a value of the log's JSON columns.
    fn json(&self, text: Option<String>) -> Expr;

    /// The statement that makes this the context of the transaction under way, as triggers read it.
    fn set_context(&self, context: &SessionContext) -> Statement;

    /// The statement that takes the context away again, where the end of the transaction does not.
    fn clear_context(&self) -> Option<Statement>;

    /// Whether a session may have a context from outside of the transaction.
    fn sessions_keep_context(&self) -> bool;

    /// Whether a text may have the character NUL in it.
    fn keeps_nul(&self) -> bool {
        true
    }

    /// Whether a context could not be set because there is no place for it.
    fn lacks_context_table(&self, err: &DbErr) -> bool {
        let _ = err;
        false
    }

    /// Whether a statement was refused because it is in a transaction, or a transaction because there is one already.
    fn refuses_transaction(&self, err: &DbErr) -> bool;

    /// Whether a column of the log holds exactly this text, and may use an index for it.
    fn text_is(&self, column: crate::audit_log::Column, text: &str) -> Expr {
        column.eq(text)
    }
}

/// What stands in every trigger of ours: how its description begins, and the log in it.
fn trigger_marks(log: LogTable) -> [String; 2] {
    let log = serde_json::Value::from(log.as_str());
    [
        "-- sea-orm-audit triggers ".to_owned(),
        format!("\"log\":{log}"),
    ]
}

/// The one place that asks which database it is.
pub(crate) fn of(backend: DbBackend) -> &'static dyn Backend {
    match backend {
        DbBackend::MySql => &mysql::MySql,
        DbBackend::Postgres => &postgres::Postgres,
        // SeaORM's list of databases is open; SQLite's way is the plainest.
        _ => &sqlite::Sqlite,
    }
}
