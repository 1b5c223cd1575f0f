//! Writes on plain connections that are left to triggers which nobody announced.

use std::{
    any::TypeId,
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::capture::gate::Recorder;

/// A table on a connection, which is known by its address: SeaORM hands both hooks of a write the same reference.
///
/// The hook before a write always says anew whether the hook after it has something to do, so an address that is used again
/// does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leave {
    connection: usize,
    entity: TypeId,
}

static LEFT: LazyLock<Mutex<HashSet<Leave>>> = LazyLock::new(Mutex::default);

impl Leave {
    fn of<C>(recorder: &Recorder, connection: &C) -> Self {
        Self {
            connection: std::ptr::from_ref(connection).addr(),
            entity: recorder.table.id(),
        }
    }

    /// Takes note of what the look before a write has shown; gives back whether the write is left to triggers.
    pub(super) fn note<C>(recorder: &Recorder, connection: &C) -> bool {
        let this = Self::of(recorder, connection);
        let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        if recorder.stands_back() {
            left.insert(this);
        } else {
            left.remove(&this);
        }
        recorder.stands_back()
    }

    /// Whether the hook before this write has left it to triggers.
    pub(super) fn is_noted<C>(recorder: &Recorder, connection: &C) -> bool {
        let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        left.contains(&Self::of(recorder, connection))
    }
}
