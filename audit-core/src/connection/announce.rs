//! How a hook tells the wrapper behind its `&C` what comes next.
//!
//! A hook sees its connection only as `C: ConnectionTrait`. To find an [`AuditedConnection`](super::AuditedConnection)
//! behind it, it arms a thread-local and calls the synchronous `get_database_backend`, where the wrapper answers.
//! What a hook announces waits in another thread-local for the wrapper's next statement: SeaORM runs it in the
//! same poll. An announcement carries the statement that it is about, and counts for no other.

use std::cell::{Cell, RefCell};

use sea_orm::{ConnectionTrait, Statement, Value};

thread_local! {
    static ARMED: Cell<Option<bool>> = const { Cell::new(None) };
    static NEXT: RefCell<Option<Announcement>> = const { RefCell::new(None) };
}

/// An update of one row by its key, as an active model is about to make it.
#[derive(Debug)]
pub(crate) struct Announcement {
    /// The statement that SeaORM will run, without what it may append for reading the row back.
    statement: Statement,
    pub(crate) key: Vec<Value>,
}

impl Announcement {
    pub(crate) fn new(statement: Statement, key: Vec<Value>) -> Self {
        Self { statement, key }
    }

    /// Keeps it for the next statement.
    pub(crate) fn publish(self) {
        NEXT.set(Some(self));
    }

    /// Whether this statement is the one that was announced.
    pub(crate) fn is_about(&self, statement: &Statement) -> bool {
        let Some(rest) = statement.sql.strip_prefix(self.statement.sql.as_str()) else {
            return false;
        };
        (rest.is_empty() || rest.starts_with(" RETURNING "))
            && statement.values == self.statement.values
    }
}

/// What was announced, if anything: the next statement takes it whether it is the one or not.
pub(super) fn take() -> Option<Announcement> {
    NEXT.take()
}

/// Whether statements on this connection go through an [`AuditedConnection`](super::AuditedConnection).
pub(crate) fn is_audited<C: ConnectionTrait>(db: &C) -> bool {
    let outer = ARMED.replace(Some(false));
    db.get_database_backend();
    ARMED.replace(outer).unwrap_or_default()
}

/// The wrapper's answer.
pub(super) fn answer() {
    if ARMED.get().is_some() {
        ARMED.set(Some(true));
    }
}
