//! What an application can say about a connection.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::context::AuditContext;

/// What becomes of a change whose entry cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The change fails too, and both are rolled back.
    #[default]
    Fail,
    /// The change stays. The loss is reported through `tracing` at level `ERROR` and counted in
    /// [`lost_entries`](super::AuditedConnection::lost_entries).
    Report,
}

/// The settings of one connection; its transactions begin with the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) context: Option<AuditContext>,
    pub(super) require_actor: bool,
    pub(super) on_failure: OnFailure,
    pub(super) bypass: Option<Arc<str>>,
}

/// What all clones of a connection and all its transactions have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    known_logs: Mutex<HashSet<&'static str>>,
    lost: AtomicU64,
}

impl Shared {
    /// Whether this log was seen before, so that nobody need look again.
    pub(super) fn knows(&self, log: &'static str) -> bool {
        self.known_logs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(log)
    }

    pub(super) fn remember(&self, log: &'static str) {
        self.known_logs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(log);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Reports a change without an entry.
    pub(super) fn report_lost(&self, entity: &str, err: &sea_orm::DbErr) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            entity,
            error = %err,
            "a change of an audited row has no entry: it could not be written, and the connection is told to go on",
        );
    }
}
