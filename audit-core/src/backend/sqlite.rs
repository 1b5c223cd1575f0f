//! SQLite.

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{
    DbBackend, DbErr, Statement,
    sea_query::{Expr, LockType},
};

use super::{Backend, trigger_marks};
use crate::{connection::SessionContext, log_table::LogTable};

#[derive(Debug)]
pub(super) struct Sqlite;

impl Backend for Sqlite {
    fn default_schema(&self) -> Option<&'static str> {
        Some("main")
    }

    fn log_exists(&self, log: LogTable) -> Expr {
        let (schema, table) = log.parts();
        let catalog = match schema {
            Some(schema) => format!("\"{}\".sqlite_master", schema.replace('"', "\"\"")),
            None => "sqlite_master".to_owned(),
        };
        Expr::cust_with_values(
            format!(
                "(SELECT COUNT(*) FROM {catalog} WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE)"
            ),
            [table],
        )
    }

    /// There is no list of what a trigger is for, but each kind of change has at least one.
    fn triggers_write(&self, schema: Option<&str>, table: &str, log: LogTable) -> Expr {
        let catalog = match schema {
            Some(schema) => format!("\"{}\".sqlite_master", schema.replace('"', "\"\"")),
            None => "sqlite_master".to_owned(),
        };
        let [mark, log] = trigger_marks(log);
        Expr::cust_with_values(
            format!(
                "(SELECT COUNT(*) >= 3 FROM {catalog} WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE \
                 AND instr(sql, ?) > 0 AND instr(sql, ?) > 0)"
            ),
            [table.to_owned(), mark, log],
        )
    }

    /// There are no row locks: a transaction that writes is the only one.
    fn lock_before_update(&self) -> Option<LockType> {
        None
    }

    fn lock_before_delete(&self) -> Option<LockType> {
        None
    }

    fn numbers_inserted_rows(&self) -> bool {
        true
    }

    /// A statement that failed leaves the transaction as it was.
    fn conflict_clause_to_drop(&self) -> Option<&'static str> {
        Some(" ON CONFLICT ")
    }

    /// No memory, no access to the file, no room: [these] may roll back the transaction.
    ///
    /// [these]: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    fn ends_transaction(&self, err: &DbErr) -> bool {
        let text = err.to_string();
        ["(code: 7)", "(code: 10)", "(code: 13)"]
            .iter()
            .any(|code| text.contains(code))
    }

    fn reports_existing_rows_as_inserted(&self) -> bool {
        false
    }

    /// SQLite's own clock has milliseconds.
    fn occurred_at(&self, now: DateTime<Utc>) -> Expr {
        Expr::val(now.trunc_subsecs(6))
    }

    fn json(&self, text: Option<String>) -> Expr {
        Expr::val(text)
    }

    /// A row that only this transaction sees: it is removed before the transaction is committed.
    fn set_context(&self, context: &SessionContext) -> Statement {
        Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "INSERT INTO main.audit_context (id, actor, correlation_id, context) VALUES (1, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET actor = excluded.actor, \
             correlation_id = excluded.correlation_id, context = excluded.context",
            context.to_texts().map(Into::into),
        )
    }

    fn clear_context(&self) -> Option<Statement> {
        Some(Statement::from_string(
            DbBackend::Sqlite,
            "DELETE FROM main.audit_context",
        ))
    }

    fn sessions_keep_context(&self) -> bool {
        false
    }

    fn lacks_context_table(&self, err: &DbErr) -> bool {
        err.to_string()
            .contains("no such table: main.audit_context")
    }

    /// `VACUUM`, and a `BEGIN` where the session is in a transaction that began as raw SQL.
    fn refuses_transaction(&self, err: &DbErr) -> bool {
        err.to_string().contains("within a transaction")
    }
}
