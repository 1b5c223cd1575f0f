//! What can go wrong, named so that an application can act on it.

use std::sync::Arc;

use sea_orm::DbErr;

/// The result of an audit operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a change was refused, or why an entry cannot be read.
///
/// SeaORM's hooks can only return [`DbErr`]; [`Error::of`] finds this error again inside one.
/// No variant carries a column's value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log table is not in the database; nothing was written.
    #[error(
        "the audit log table `{log}` does not exist, so this change of `{entity}` was refused: run the \
         migration `{migration}` (see `sea_orm_audit_migration::migrations`)"
    )]
    LogMissing {
        /// The audited table.
        entity: String,
        /// The log table that is missing.
        log: String,
        /// The migration that creates it.
        migration: String,
    },
    /// A record's key does not fit into the log; nothing was written.
    #[error(
        "the key of this record of `{entity}` has {length} characters, and the log holds {limit}"
    )]
    KeyTooLong {
        /// The audited table.
        entity: String,
        /// The length of the key's text in characters.
        length: usize,
        /// The longest text the log holds, in characters.
        limit: usize,
    },
    /// A table's name does not fit into the log; nothing was written.
    #[error("the table name `{entity}` has {length} characters, and the log holds {limit}")]
    EntityNameTooLong {
        /// The audited table.
        entity: String,
        /// The length of the name in characters.
        length: usize,
        /// The longest name the log holds, in characters.
        limit: usize,
    },
    /// The actor or the correlation id does not fit into the log; nothing was written.
    #[error("the audit context's {field} has {length} characters, and the log holds {limit}")]
    ContextTooLong {
        /// `actor` or `correlation id`.
        field: &'static str,
        /// The length of the text in characters.
        length: usize,
        /// The longest text the log holds, in characters.
        limit: usize,
    },
    /// A value of the context has no JSON form; see [`AuditContext::try_with`](crate::AuditContext::try_with).
    #[error("the value of the audit context's key `{key}` cannot be written as JSON")]
    ContextNotJson {
        /// The key it was given for.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The entity or the connection says `require_actor` and the context names none; nothing was written.
    #[error(
        "a change of `{entity}` needs an actor: run it inside `AuditContext::new().actor(..).scope(..)`"
    )]
    ActorRequired {
        /// The audited table.
        entity: String,
    },
    /// The actor or the correlation id holds the character NUL, which the database has no place for; nothing was written.
    #[error("the audit context's {field} holds the character NUL, which the database cannot keep")]
    ContextHoldsNul {
        /// `actor` or `correlation id`.
        field: &'static str,
    },
    /// The table from which triggers read the context is not in the database; nothing was written.
    #[error(
        "the table `audit_context` does not exist, so this change of `{entity}` was refused: run the migration \
         `{migration}` (see `sea_orm_audit_migration::migrations`)"
    )]
    ContextTableMissing {
        /// The audited table.
        entity: String,
        /// The migration that creates it.
        migration: &'static str,
    },
    /// A column's value has no canonical form; nothing was written.
    #[error("column `{column}` of `{entity}` cannot be recorded")]
    Unencodable {
        /// The audited table.
        entity: String,
        /// The column.
        column: &'static str,
        /// Which kind of value it is and what to do.
        #[source]
        source: crate::change::value::Unencodable,
    },
    /// The rows of this write to an audited table cannot be told; nothing was written.
    #[error(
        "this {verb} of `{entity}` was refused, because the rows that it changes cannot be told: write through an \
         active model or the `audited_{verb}_many` builder, or say `allow_bypass` on the connection"
    )]
    Unrecordable {
        /// The audited table.
        entity: String,
        /// `insert`, `update` or `delete`.
        verb: &'static str,
    },
    /// Several audited entities have one table, and the statement does not say which it means; nothing was written.
    #[error(
        "this {verb} was refused, because several audited entities have the table `{entity}`: write through an active \
         model or the `audited_{verb}_many` builder, which know theirs"
    )]
    AmbiguousEntity {
        /// The audited table.
        entity: String,
        /// `insert`, `update` or `delete`.
        verb: &'static str,
    },
    /// A bulk update would change a key; nothing was written.
    #[error("a bulk update of `{entity}` cannot change its key column `{column}`")]
    KeyInUpdate {
        /// The audited table.
        entity: String,
        /// The key column.
        column: &'static str,
    },
    /// Somebody else changed the rows while this change was recorded; it can be tried again.
    ///
    /// A statement or a bulk write that has a transaction of its own was rolled back. Inside the application's transaction the
    /// change may be there without its entry: roll back, which is all that an
    /// [`AuditedConnection`](crate::AuditedConnection) lets it do.
    #[error("rows of `{entity}` were changed by somebody else meanwhile: try again")]
    ChangedMeanwhile {
        /// The audited table.
        entity: String,
    },
    /// A transaction was rolled back instead of committed, because something in it could not be recorded.
    #[error("the transaction was rolled back: {reason}")]
    Uncommittable {
        /// What could not be recorded.
        reason: String,
    },
    /// An entry holds what this version does not understand: it was written by a newer one, or by hand.
    #[error("entry {id} of the audit log cannot be read: {reason}")]
    UnreadableEntry {
        /// The entry's `id`.
        id: i64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A value in an entry is not one that its column can hold.
    #[error(
        "column `{column}` of entry {id} of the audit log cannot be read as a value of `{entity}`"
    )]
    UnreadableValue {
        /// The entry's `id`.
        id: i64,
        /// The audited table.
        entity: String,
        /// The column.
        column: String,
        /// What was expected.
        #[source]
        source: Option<crate::change::value::Undecodable>,
    },
    /// A model was asked of an entry about another table.
    #[error("entry {id} of the audit log is about `{found}`, not about `{expected}`")]
    WrongEntity {
        /// The entry's `id`.
        id: i64,
        /// The table of the entity asked for.
        expected: String,
        /// The table the entry is about.
        found: String,
    },
    /// A model was asked of an entry that does not hold the whole row.
    #[error(
        "entry {id} of the audit log does not hold the whole row: {} missing or redacted",
        columns.join(", ")
    )]
    PartialImage {
        /// The entry's `id`.
        id: i64,
        /// The columns that are not in the image, or whose value is redacted.
        columns: Vec<String>,
    },
}

impl Error {
    /// The error inside what SeaORM returned, where this crate refused the change.
    ///
    /// ```
    /// use sea_orm::DbErr;
    /// use sea_orm_audit::Error;
    ///
    /// let refused = DbErr::from(Error::ActorRequired { entity: "product".to_owned() });
    /// assert!(matches!(Error::of(&refused), Some(Error::ActorRequired { .. })));
    ///
    /// let other = DbErr::RecordNotUpdated;
    /// assert!(Error::of(&other).is_none());
    /// ```
    #[must_use]
    pub fn of(err: &DbErr) -> Option<&Self> {
        match err {
            DbErr::TryIntoErr { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }
}

/// The only variant of SeaORM's error that carries a source of any type.
impl From<Error> for DbErr {
    fn from(err: Error) -> Self {
        Self::TryIntoErr {
            from: "change",
            into: "audit entry",
            source: Arc::new(err),
        }
    }
}
