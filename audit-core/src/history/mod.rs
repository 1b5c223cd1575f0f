//! Reading the log.

mod entry;
mod record;

pub use entry::FieldChange;
pub use record::History;
