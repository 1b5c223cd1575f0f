//! SQLite.

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{
    DbErr,
    sea_query::{Expr, LockType},
};

use super::Backend;
use crate::log_table::LogTable;

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
}
