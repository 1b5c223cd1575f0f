//! How a hook tells the wrapper behind its `&C` what comes next.
//!
//! A hook sees its connection only as `C: ConnectionTrait`. To find an [`AuditedConnection`](super::AuditedConnection)
//! behind it, it arms a thread-local and calls the synchronous `get_database_backend`, where the wrapper answers.
//! What a hook announces waits in another thread-local for the wrapper's next statement: SeaORM runs it in the
//! same poll. An announcement carries the statement that it is about, and counts for no other.

use std::{cell::RefCell, sync::Arc};

use sea_orm::{ConnectionTrait, Statement, Value};

use super::settings::{Settings, Shared};
use crate::{context::AuditContext, table::Table};

thread_local! {
    static ARMED: RefCell<Option<Question>> = const { RefCell::new(None) };
    static NEXT: RefCell<Option<Announcement>> = const { RefCell::new(None) };
}

tokio::task_local! {
    static RECORDED_HERE: ();
    static ON_BEHALF_OF: AuditContext;
}

/// A hook asks, and the wrapper may answer.
#[derive(Debug, Default)]
struct Question {
    answer: Option<Wrapper>,
}

/// What a wrapper says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Wrapper {
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
}

impl Wrapper {
    /// The context of a write through it: bound, of the innermost scope, or the process default.
    pub(crate) fn context(&self) -> AuditContext {
        self.settings
            .context
            .clone()
            .or_else(AuditContext::ambient)
            .unwrap_or_default()
    }

    /// Has the context told from now on, for triggers that no entity speaks of.
    pub(crate) fn saw_triggers(&self) {
        self.shared.saw_triggers();
    }

    pub(crate) fn requires_actor(&self) -> bool {
        self.settings.require_actor
    }
}

/// The statement that comes next, as an active model is about to run it.
#[derive(Debug)]
pub(crate) struct Announcement {
    /// What SeaORM will run, without what it may append for reading rows back.
    statement: Statement,
    pub(super) table: &'static dyn Table,
    pub(super) what: What,
}

/// Which row a statement is about.
#[derive(Debug)]
pub(crate) enum What {
    /// It updates the row with this key.
    Update(Vec<Value>),
    /// It inserts a row, with this key unless the database gives it one.
    Insert(Option<Vec<Value>>),
    /// It deletes a row, and shows itself which.
    Delete,
}

impl Announcement {
    pub(crate) fn new(statement: Statement, table: &'static dyn Table, what: What) -> Self {
        Self {
            statement,
            table,
            what,
        }
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

/// The [`AuditedConnection`](super::AuditedConnection) that statements on this connection go through, if they do.
pub(crate) fn wrapper<C: ConnectionTrait>(db: &C) -> Option<Wrapper> {
    let outer = ARMED.replace(Some(Question::default()));
    db.get_database_backend();
    ARMED.replace(outer)?.answer
}

/// Runs a future whose writes are recorded by whoever runs it: a wrapper lets them pass.
pub(crate) async fn recorded_here<F: Future>(future: F) -> F::Output {
    RECORDED_HERE.scope((), future).await
}

pub(super) fn is_recorded_here() -> bool {
    RECORDED_HERE.try_with(|()| ()).is_ok()
}

/// Runs what a wrapper gives to the wrapper inside it, with the outer one's context.
pub(super) async fn on_behalf_of<F: Future>(context: AuditContext, future: F) -> F::Output {
    match outer_context() {
        // The outermost counts.
        Some(_) => future.await,
        None => ON_BEHALF_OF.scope(context, future).await,
    }
}

/// The context of the wrapper around this one, while it runs something.
pub(super) fn outer_context() -> Option<AuditContext> {
    ON_BEHALF_OF.try_with(Clone::clone).ok()
}

/// The wrapper's answer, where somebody asks.
pub(super) fn answer(wrapper: impl FnOnce() -> Wrapper) {
    ARMED.with_borrow_mut(|armed| {
        if let Some(question) = armed {
            question.answer.get_or_insert_with(wrapper);
        }
    });
}
