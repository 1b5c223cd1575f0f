//! Why triggers cannot be installed, or may not be relied upon.

use std::sync::Arc;

use sea_orm_migration::sea_orm::DbErr;

use super::status::Status;

/// The result of looking after triggers.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why triggers cannot be installed, or may not be relied upon. Nothing is half installed.
///
/// Migrations can only return [`DbErr`]; [`Error::of`] finds this error again inside one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The table is not in the database.
    #[error("table `{table}` does not exist: create it before its triggers")]
    TableMissing {
        /// The audited table.
        table: String,
    },
    /// The table is a view or the like, which has no such triggers.
    #[error("`{table}` is {what}, and only a table can have these triggers")]
    NotATable {
        /// The audited table.
        table: String,
        /// What it is instead.
        what: String,
    },
    /// The log is not in the database.
    #[error(
        "the audit log table `{log}` of `{table}` does not exist: run its migration `CreateLog` before the triggers"
    )]
    LogMissing {
        /// The audited table.
        table: String,
        /// The log table that is missing.
        log: String,
    },
    /// What all triggers have in common is not in the database.
    #[error(
        "triggers need what the migration `{migration}` creates: run it first (see `sea_orm_audit_migration::migrations`)"
    )]
    SupportMissing {
        /// The name of the migration.
        migration: &'static str,
    },
    /// A column of the entity is not in the table.
    #[error("table `{table}` has no column `{column}`: bring table and entity together first")]
    ColumnMissing {
        /// The audited table.
        table: String,
        /// The column.
        column: String,
    },
    /// Nothing keeps two rows from having one key.
    #[error(
        "table `{table}` has no primary key or unique index over ({columns}): an entry could not tell its record"
    )]
    NoKey {
        /// The audited table.
        table: String,
        /// The columns of the entity's key.
        columns: String,
    },
    /// A column of the key is excluded or redacted.
    #[error("column `{column}` of `{table}` belongs to the key and cannot be excluded or redacted")]
    HiddenKey {
        /// The audited table.
        table: String,
        /// The column.
        column: String,
    },
    /// A value of the column has no form in the log.
    #[error(
        "column `{column}` of `{table}` has type `{ty}`, which cannot be shown in JSON: exclude it with `#[audited(skip)]`"
    )]
    UnsupportedColumn {
        /// The audited table.
        table: String,
        /// The column.
        column: String,
        /// Its type in the database or, where no feature covers it, in the entity.
        ty: String,
    },
    /// A table's name does not fit into the log.
    #[error("the table name `{table}` has {length} characters, and the log holds {limit}")]
    NameTooLong {
        /// The audited table.
        table: String,
        /// The length of the name in characters.
        length: usize,
        /// The longest name the log holds, in characters.
        limit: usize,
    },
    /// The database user may not create triggers.
    #[error("the triggers of `{table}` cannot be created by this user: {remedy}")]
    NotPermitted {
        /// The audited table.
        table: String,
        /// What to do.
        remedy: &'static str,
        /// What the database says.
        #[source]
        source: DbErr,
    },
    /// The database does something that no trigger can see, or is too old.
    #[error("triggers of `{table}` cannot be installed: {reason}")]
    Unsupported {
        /// The audited table.
        table: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Some audited table is not recorded as its entity says; see [`Status::check`].
    #[error("audited tables are not recorded as their entities say:\n{0}")]
    NotInstalled(Status),
    /// The database said no to something else.
    #[error("the database refused")]
    Database(#[from] DbErr),
}

impl Error {
    /// The error inside what SeaORM returned, where this crate refused.
    #[must_use]
    pub fn of(err: &DbErr) -> Option<&Self> {
        match err {
            DbErr::TryIntoErr { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }
}

/// What the database said stays as it is; the rest goes into the only variant that carries a source of any type.
impl From<Error> for DbErr {
    fn from(err: Error) -> Self {
        match err {
            Error::Database(err) => err,
            err => Self::TryIntoErr {
                from: "audited table",
                into: "triggers",
                source: Arc::new(err),
            },
        }
    }
}
