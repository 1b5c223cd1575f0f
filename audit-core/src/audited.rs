//! The contract that `#[derive(Audited)]` fills in.

use sea_orm::{EntityTrait, IntoActiveModel, PrimaryKeyTrait};

use crate::{
    bulk::{AuditedDeleteMany, AuditedInsertMany, AuditedUpdateMany},
    history::History,
};

/// How an audited entity is recorded; constants written by the derive.
///
/// The options of `#[audited(..)]` that concern the entity as a whole. What concerns one column is in
/// [`Audited::EXCLUDED`] and [`Audited::REDACTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How changes reach the log.
    pub capture: Capture,
    /// Which of a row's columns an update keeps.
    pub values: Values,
    /// The log table, `audit_log` unless `#[audited(log = "..")]` names another; `schema.table` is understood.
    pub log: &'static str,
    /// Whether a write without an actor is refused.
    pub require_actor: bool,
}

impl Options {
    /// The options of an entity that names none.
    pub const DEFAULT: Self = Self {
        capture: Capture::Hooks,
        values: Values::Changed,
        log: crate::audit_log::TABLE,
        require_actor: false,
    };

    /// Records by hooks or by triggers.
    #[must_use]
    pub const fn capture(mut self, capture: Capture) -> Self {
        self.capture = capture;
        self
    }

    /// Keeps whole rows or changed columns on an update.
    #[must_use]
    pub const fn values(mut self, values: Values) -> Self {
        self.values = values;
        self
    }

    /// Writes to another log table.
    #[must_use]
    pub const fn log(mut self, log: &'static str) -> Self {
        self.log = log;
        self
    }

    /// Refuses writes without an actor.
    #[must_use]
    pub const fn require_actor(mut self) -> Self {
        self.require_actor = true;
        self
    }
}

/// How the changes of an entity's rows reach the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capture {
    /// By SeaORM's hooks and [`AuditedConnection`](crate::AuditedConnection).
    Hooks,
    /// By triggers in the database, which `sea-orm-audit-migration` installs.
    ///
    /// Where several entities have one table and one of them says so, it holds for all of them. Hooks do nothing then, and no
    /// statement is refused. Triggers know who acts through [`AuditedConnection`](crate::AuditedConnection) or through a pool with
    /// `PostgresHooks` or `MySqlHooks`; behind a plain connection the actor is null.
    Trigger,
}

/// Which columns the entry of an update holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Values {
    /// The changed columns, before and after.
    Changed,
    /// The whole row, before and after.
    Full,
}

/// An entity whose changes are in the log; implemented by `#[derive(Audited)]`.
///
/// The trait carries the options as data and gives the entity its [`history`](Self::history).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an audited entity",
    label = "not audited",
    note = "add `#[derive(Audited)]` to its `Model`"
)]
pub trait Audited: EntityTrait {
    /// The options of the entity as a whole.
    const OPTIONS: Options;

    /// The columns that are nowhere in the log.
    const EXCLUDED: &'static [Self::Column];

    /// The columns whose change is recorded and whose value is not.
    const REDACTED: &'static [Self::Column];

    /// Updates many rows, each with its entry; see [`AuditedUpdateMany`].
    fn audited_update_many() -> AuditedUpdateMany<Self> {
        AuditedUpdateMany::new()
    }

    /// Deletes many rows, each with its entry; see [`AuditedDeleteMany`].
    fn audited_delete_many() -> AuditedDeleteMany<Self> {
        AuditedDeleteMany::new()
    }

    /// Inserts many rows, each with its entry; see [`AuditedInsertMany`].
    fn audited_insert_many<I>(rows: I) -> AuditedInsertMany<Self, I::IntoIter>
    where
        I: IntoIterator<Item: IntoActiveModel<Self::ActiveModel>>,
    {
        AuditedInsertMany::new(rows.into_iter())
    }

    /// The entries of the record with this key, newest first.
    fn history<K>(key: K) -> History<Self>
    where
        K: Into<<Self::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    {
        History::new(key.into())
    }
}
