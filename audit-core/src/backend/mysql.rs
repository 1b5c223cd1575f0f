//! MySQL and MariaDB.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, Statement,
    sea_query::{Expr, ExprTrait, LockType},
};

use super::{Backend, trigger_marks};
use crate::{audit_log::Column, connection::SessionContext, log_table::LogTable};

#[derive(Debug)]
pub(super) struct MySql;

impl Backend for MySql {
    /// A schema is a database here, and which one is the default is the connection's affair.
    fn default_schema(&self) -> Option<&'static str> {
        None
    }

    fn log_exists(&self, log: LogTable) -> Expr {
        let (schema, table) = log.parts();
        Expr::cust_with_values(
            "(SELECT COUNT(*) FROM information_schema.tables \
             WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?)",
            [schema, Some(table)],
        )
    }

    /// Only who has the right to make triggers sees them.
    fn triggers_write(&self, schema: Option<&str>, table: &str, log: LogTable) -> Expr {
        let [mark, log] = trigger_marks(log);
        Expr::cust_with_values(
            "(SELECT COUNT(DISTINCT EVENT_MANIPULATION) = 3 FROM information_schema.TRIGGERS \
             WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ? \
             AND LOCATE(?, ACTION_STATEMENT) > 0 AND LOCATE(?, ACTION_STATEMENT) > 0)",
            [
                schema.map(str::to_owned),
                Some(table.to_owned()),
                Some(mark),
                Some(log),
            ],
        )
    }

    fn lock_before_update(&self) -> Option<LockType> {
        Some(LockType::Update)
    }

    fn lock_before_delete(&self) -> Option<LockType> {
        Some(LockType::Update)
    }

    fn numbers_inserted_rows(&self) -> bool {
        true
    }

    /// A statement that failed leaves the transaction as it was, and a row that was already there is not told apart
    /// otherwise: the driver asks for [found rows], which counts it as affected.
    ///
    /// [found rows]: https://dev.mysql.com/doc/c-api/8.4/en/mysql-affected-rows.html
    fn conflict_clause_to_drop(&self) -> Option<&'static str> {
        Some(" ON DUPLICATE KEY")
    }

    /// The victim of a [deadlock].
    ///
    /// [deadlock]: https://mariadb.com/kb/en/innodb-lock-modes/
    fn ends_transaction(&self, err: &DbErr) -> bool {
        err.to_string().contains("1213 (40001)")
    }

    fn reports_existing_rows_as_inserted(&self) -> bool {
        true
    }

    /// `UTC_TIMESTAMP` rather than `NOW`: the column is a `DATETIME`, which has no zone and does not end in 2038.
    fn occurred_at(&self, _: DateTime<Utc>) -> Expr {
        Expr::cust("UTC_TIMESTAMP(6)")
    }

    fn json(&self, text: Option<String>) -> Expr {
        Expr::val(text)
    }

    /// The log's collation tells letters apart but may ignore spaces at the end; the bytes do not.
    ///
    /// See <https://mariadb.com/kb/en/pad-space/>.
    fn text_is(&self, column: Column, text: &str) -> Expr {
        column.eq(text).and(
            column
                .into_expr()
                .cast_as("BINARY")
                .eq(Expr::val(text).cast_as("BINARY")),
        )
    }

    /// User variables live as long as the session, so they are cleared before the transaction's end.
    fn set_context(&self, context: &SessionContext) -> Statement {
        Statement::from_sql_and_values(
            DbBackend::MySql,
            "SET @audit_actor = ?, @audit_correlation_id = ?, @audit_context = ?",
            context.to_texts().map(Into::into),
        )
    }

    fn clear_context(&self) -> Option<Statement> {
        Some(self.set_context(&SessionContext::default()))
    }

    /// Those of a pool with our hooks do, and a transaction that was dropped leaves its own.
    fn sessions_keep_context(&self) -> bool {
        true
    }

    /// No statement is refused: what cannot be in a transaction commits it.
    fn refuses_transaction(&self, _: &DbErr) -> bool {
        false
    }
}
