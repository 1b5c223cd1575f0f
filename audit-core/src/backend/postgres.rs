//! PostgreSQL.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};

use super::Backend;
use crate::log_table::LogTable;

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
}
