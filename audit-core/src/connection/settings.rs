//! What an application can say about a connection.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::context::AuditContext;

/// How long nobody looks again whether the log is there and triggers are not.
const MEMORY: Duration = Duration::from_secs(3);

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
    /// When a log was last seen, and no triggers that write to it, by the table that they would record.
    known_logs: Mutex<HashMap<(&'static str, TypeId), Instant>>,
    /// Whether triggers were seen that no entity of the program speaks of.
    triggers: AtomicBool,
    lost: AtomicU64,
}

impl Shared {
    /// Whether this table's log was seen lately, so that nobody need look again.
    pub(super) fn knows(&self, log: &'static str, table: TypeId) -> bool {
        self.known_logs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(log, table))
            .is_some_and(|seen| seen.elapsed() < MEMORY)
    }

    pub(super) fn remember(&self, log: &'static str, table: TypeId) {
        self.known_logs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((log, table), Instant::now());
    }

    pub(super) fn saw_triggers(&self) {
        self.triggers.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_seen_triggers(&self) -> bool {
        self.triggers.load(Ordering::Relaxed)
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
