//! Whether the database records what the entities say.

use std::fmt;

use sea_orm_audit::{__private::registered, Capture};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::{
    error::{Error, Result},
    mysql, postgres, sqlite,
    table::TriggerTable,
};

/// How the triggers of all audited entities of the program stand.
///
/// It prints as one line a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status(Vec<TableStatus>);

/// How the triggers of one table stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableStatus {
    /// The table: its name, or `schema.table` outside the default schema.
    pub table: String,
    /// Whether its changes are recorded.
    pub state: State,
    /// What the triggers do not see in this database, each with its remedy.
    pub gaps: Vec<String>,
}

/// Whether a table's changes are recorded as its entity says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The triggers are there, and are what the entity asks for.
    Installed,
    /// The triggers are there and were made from something else: in what it differs.
    Outdated(Vec<String>),
    /// Triggers are missing: which.
    Missing(Vec<String>),
    /// Triggers are there and do not fire: which.
    Disabled(Vec<String>),
    /// The table has our triggers, and no entity asks for them.
    LeftOver,
    /// The table has our triggers, and its entity is captured by hooks.
    CapturedByHooks,
}

impl TableStatus {
    /// A table without gaps.
    pub(super) fn new(table: String, state: State) -> Self {
        Self {
            table,
            state,
            gaps: Vec::new(),
        }
    }

    /// Whether the table is recorded as its entity says; gaps are not asked.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.state == State::Installed
    }
}

impl Status {
    /// Every table that has triggers of ours, or should have.
    #[must_use]
    pub fn tables(&self) -> &[TableStatus] {
        &self.0
    }

    /// The table of this name, as [`TableStatus::table`] has it.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableStatus> {
        self.0.iter().find(|status| status.table == name)
    }

    /// Makes an error of it unless every table is recorded as its entity says, for an application that is not to start then.
    ///
    /// ```
    /// use sea_orm_audit_migration::triggers;
    /// use sea_orm_migration::sea_orm::{Database, DbErr};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), DbErr> {
    /// let db = Database::connect("sqlite::memory:").await?;
    /// triggers::status(&db).await?.check()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`], which lists what is wrong with which table.
    pub fn check(self) -> Result<Self, Error> {
        let wrong: Vec<TableStatus> = self
            .0
            .iter()
            .filter(|status| !status.is_installed())
            .cloned()
            .collect();
        if wrong.is_empty() {
            Ok(self)
        } else {
            Err(Error::NotInstalled(Self(wrong)))
        }
    }
}

/// Compares the triggers in the database with the audited entities of the program, all at once.
///
/// # Errors
///
/// What the database says.
pub async fn status<C: ConnectionTrait>(db: &C) -> Result<Status, DbErr> {
    let backend = db.get_database_backend();
    let (by_trigger, by_hooks): (Vec<_>, Vec<_>) = registered(backend)
        .into_iter()
        .partition(|table| table.capture == Capture::Trigger);
    let expected: Vec<TriggerTable> = by_trigger.into_iter().map(TriggerTable).collect();
    let mut found = match backend {
        DbBackend::Postgres => postgres::status(db, &expected).await?,
        DbBackend::MySql => mysql::status(db, &expected).await?,
        _ => sqlite::status(db, &expected).await?,
    };
    for status in &mut found {
        let named = |table: &TriggerTable| table.display() == status.table;
        if status.state == State::LeftOver
            && by_hooks
                .iter()
                .cloned()
                .map(TriggerTable)
                .any(|table| named(&table))
        {
            status.state = State::CapturedByHooks;
        }
    }
    Ok(Status(found))
}

/// The tables that have triggers of ours, whoever asked for them.
pub(crate) async fn tables<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::status(db, &[]).await?,
        DbBackend::MySql => mysql::status(db, &[]).await?,
        _ => sqlite::status(db, &[]).await?,
    };
    Ok(found.into_iter().map(|status| status.table).collect())
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, status) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{status}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TableStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.state)?;
        for gap in &self.gaps {
            write!(f, "\n  not seen: {gap}")?;
        }
        Ok(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed => f.write_str("installed"),
            Self::Outdated(differences) => {
                write!(f, "outdated, install them again: {}", differences.join("; "))
            }
            Self::Missing(triggers) => write!(f, "missing: {}", triggers.join(", ")),
            Self::Disabled(triggers) => write!(f, "disabled: {}", triggers.join(", ")),
            Self::LeftOver => f.write_str("left over: no entity asks for its triggers, drop them"),
            Self::CapturedByHooks => f.write_str(
                "has triggers, and its entity is captured by hooks: say `capture = \"trigger\"` or drop the triggers",
            ),
        }
    }
}
