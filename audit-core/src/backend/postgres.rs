//! PostgreSQL.

use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend, DbErr, Statement,
    sea_query::{Expr, ExprTrait, LockType},
};

use super::{Backend, trigger_marks};
use crate::{connection::SessionContext, log_table::LogTable};

#[derive(Debug)]
pub(super) struct Postgres;

impl Backend for Postgres {
    fn default_schema(&self) -> Option<&'static str> {
        Some("public")
    }

    /// [`to_regclass`] follows the search path as the INSERT does.
    ///
    /// [`to_regclass`]: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG
    fn log_exists(&self, log: LogTable) -> Expr {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let (schema, table) = log.parts();
        let name = match schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(table)),
            None => quoted(table),
        };
        Expr::cust_with_values(
            "CAST(CAST(to_regclass($1) IS NOT NULL AS integer) AS bigint)",
            [name],
        )
    }

    /// A trigger that is disabled does not count.
    fn triggers_write(&self, schema: Option<&str>, table: &str, log: LogTable) -> Expr {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let name = match schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(table)),
            None => quoted(table),
        };
        let [mark, log] = trigger_marks(log);
        Expr::cust_with_values(
            "(SELECT CAST(COUNT(*) = 3 AS integer)::bigint FROM pg_catalog.pg_trigger t \
             JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid \
             WHERE t.tgrelid = to_regclass($1) AND t.tgenabled IN ('O', 'A') \
             AND t.tgname IN ('0_audit_insert', '0_audit_update', '0_audit_delete') \
             AND strpos(p.prosrc, $2) > 0 AND strpos(p.prosrc, $3) > 0)",
            [name, mark, log],
        )
    }

    /// `UPDATE` takes the same lock unless it changes a key; `FOR UPDATE` would block inserts of rows that refer to this one.
    ///
    /// See <https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS>.
    fn lock_before_update(&self) -> Option<LockType> {
        Some(LockType::NoKeyUpdate)
    }

    fn lock_before_delete(&self) -> Option<LockType> {
        Some(LockType::Update)
    }

    fn numbers_inserted_rows(&self) -> bool {
        false
    }

    fn reports_existing_rows_as_inserted(&self) -> bool {
        false
    }

    /// `now()` would be the beginning of the transaction.
    fn occurred_at(&self, _: DateTime<Utc>) -> Expr {
        Expr::cust("clock_timestamp()")
    }

    /// Bound as text: a bound JSON value goes through `jsonb`, which rewrites numbers and refuses `\u0000`.
    fn json(&self, text: Option<String>) -> Expr {
        Expr::val(text).cast_as("json")
    }

    /// Settings of the transaction: its end, and that of a savepoint that is rolled back, restores what was before.
    fn set_context(&self, context: &SessionContext) -> Statement {
        // There is no NULL for a setting; triggers read an empty text as none.
        let values = context
            .to_texts()
            .map(|text| text.unwrap_or_default().into());
        Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT set_config('audit.actor', $1, true), set_config('audit.correlation_id', $2, true), \
             set_config('audit.context', $3, true)",
            values,
        )
    }

    fn clear_context(&self) -> Option<Statement> {
        None
    }

    /// Those of a pool with our hooks do.
    fn sessions_keep_context(&self) -> bool {
        true
    }

    fn keeps_nul(&self) -> bool {
        false
    }

    /// `CREATE INDEX CONCURRENTLY`, `VACUUM` and their like, and procedures that commit.
    fn refuses_transaction(&self, err: &DbErr) -> bool {
        let text = err.to_string();
        text.contains("cannot run inside a transaction block")
            || text.contains("invalid transaction termination")
            || sql_state(err).is_some_and(|state| matches!(&*state, "25001" | "2D000"))
    }
}

/// The code of the server's error, whatever language its text is in.
#[cfg(feature = "sqlx-postgres")]
fn sql_state(err: &DbErr) -> Option<std::borrow::Cow<'_, str>> {
    match err {
        DbErr::Exec(sea_orm::RuntimeErr::SqlxError(err))
        | DbErr::Query(sea_orm::RuntimeErr::SqlxError(err)) => err.as_database_error()?.code(),
        _ => None,
    }
}

/// Without the driver's feature there is only the text.
#[cfg(not(feature = "sqlx-postgres"))]
fn sql_state(_: &DbErr) -> Option<std::borrow::Cow<'_, str>> {
    None
}
