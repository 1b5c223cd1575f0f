//! The log: one row is one change of one record.
//!
//! An ordinary SeaORM entity, to be queried as any other:
//!
//! ```
//! use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
//! use sea_orm_audit::audit_log;
//!
//! let by_alice = audit_log::Entity::find()
//!     .filter(audit_log::Column::Actor.eq("alice"))
//!     .order_by_desc(audit_log::Column::Id);
//! assert!(by_alice.build(DbBackend::Sqlite).sql.contains(r#"WHERE "audit_log"."actor" = ?"#));
//! ```
//!
//! [`Model`] gains `changes()`, `old()` and `new()` for reading an entry; they are in its own documentation.

use std::{convert::Infallible, fmt, str::FromStr};

use sea_orm::entity::prelude::*;

/// The name of the log table where an entity names no other.
pub const TABLE: &str = "audit_log";

/// The longest `entity`, in characters.
pub const ENTITY_LENGTH: usize = 191;

/// The longest `record_id`, in characters; with `entity` it fits into one index on every database.
pub const RECORD_ID_LENGTH: usize = 512;

/// The longest `actor` and `correlation_id`, in characters.
pub const CONTEXT_LENGTH: usize = 255;

/// What stands for a redacted value, on both sides of a change.
pub const REDACTED: &str = "[redacted]";

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
#[non_exhaustive]
pub struct Model {
    /// The order of writing.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was written: UTC, microseconds, by the database's clock (SQLite: the process's).
    pub occurred_at: DateTimeUtc,
    /// What happened to the record.
    pub action: Action,
    /// The audited table: its name, or `schema.table` outside the default schema.
    pub entity: String,
    /// The record's key: one column gives its plain text, several a JSON array.
    pub record_id: String,
    /// The key before, only where the key itself changed, which triggers see.
    pub old_record_id: Option<String>,
    /// Who acted.
    pub actor: Option<String>,
    /// What belongs together: one request, one job.
    pub correlation_id: Option<String>,
    /// The changed columns before (update) or the whole row (delete). Null on an update whose old state was not seen.
    pub old_values: Option<Json>,
    /// The changed columns after (update) or the whole row (create).
    pub new_values: Option<Json>,
    /// The reason and every further key of the context.
    pub context: Option<Json>,
}

/// The log refers to tables by name only, so it has no relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What happened to a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveValueType)]
#[sea_orm(value_type = "String")]
#[non_exhaustive]
pub enum Action {
    /// The row came to be.
    Create,
    /// Columns of the row changed.
    Update,
    /// The row is gone.
    Delete,
    /// A word that this version does not know, kept as it stands in the log.
    Unknown(String),
}

impl Action {
    /// The word that stands in the log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Unknown(word) => word,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Action {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(match word {
            "create" => Self::Create,
            "update" => Self::Update,
            "delete" => Self::Delete,
            other => Self::Unknown(other.to_owned()),
        })
    }
}
