//! A transaction that may not be committed any more.

use std::sync::{Arc, Mutex, PoisonError};

use super::session::Session;

/// Why a transaction may not be committed, once something in it went unrecorded.
#[derive(Debug)]
pub(super) struct Seal {
    reason: Mutex<Option<String>>,
    /// The transaction that this one is a savepoint of.
    around: Option<Arc<Seal>>,
    session: Arc<Session>,
    /// How often the database had been told a context when this began.
    told_before: u64,
}

impl Default for Seal {
    fn default() -> Self {
        Self::of(Session::adopted())
    }
}

impl Seal {
    /// The seal of a transaction that begins now.
    pub(super) fn begun() -> Self {
        Self::of(Session::begun())
    }

    fn of(session: Session) -> Self {
        Self {
            reason: Mutex::default(),
            around: None,
            session: Arc::new(session),
            told_before: 0,
        }
    }

    /// The seal of a savepoint.
    pub(super) fn within(around: &Arc<Self>) -> Self {
        Self {
            reason: Mutex::default(),
            around: Some(around.clone()),
            session: around.session.clone(),
            told_before: around.session.told(),
        }
    }

    /// What the database has as its context.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn is_savepoint(&self) -> bool {
        self.around.is_some()
    }

    /// It is being committed, rolled back or dropped: what the database was told in it may be taken back.
    pub(super) fn ends(&self) {
        if self.is_savepoint() {
            self.session.savepoint_ended(self.told_before);
        }
    }

    /// The database has rolled back by itself, savepoints and all: what is written from now on would be a transaction of its own.
    pub(super) fn lost(&self, err: &sea_orm::DbErr) {
        let mut seal = Some(self);
        while let Some(this) = seal {
            this.set(|| format!("the database has rolled it back: {err}"));
            seal = this.around.as_deref();
        }
    }

    /// The first reason counts.
    pub(super) fn set(&self, reason: impl FnOnce() -> String) {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(reason);
    }

    pub(super) fn reason(&self) -> Option<String> {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Watches over a write from before its statement until its entry is there.
    pub(super) fn watch<'a>(&'a self, entity: &'a str) -> Watch<'a> {
        Watch {
            seal: self,
            entity,
            over: false,
        }
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        self.ends();
    }
}

/// Seals the transaction if it is dropped before the write is over.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    seal: &'a Seal,
    entity: &'a str,
    over: bool,
}

impl Watch<'_> {
    /// The change and its entry are both there, or neither is.
    pub(super) fn over(mut self) {
        self.over = true;
    }

    /// The change is there and its entry is not.
    pub(super) fn failed(mut self, err: &sea_orm::DbErr) {
        self.over = true;
        self.seal
            .set(|| format!("a change of `{}` could not be recorded: {err}", self.entity));
    }
}

/// The future of the write was dropped, and whether its statement ran is unknown.
impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.seal
                .set(|| format!("a write to `{}` was cancelled half way", self.entity));
        }
    }
}
