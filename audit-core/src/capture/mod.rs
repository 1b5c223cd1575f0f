//! From a write to its entry.

pub(crate) mod gate;
pub(crate) mod hooks;
mod leave;
pub(crate) mod pending;
mod read;
mod write;
