//! Bulk writes whose every row has its entry.
//!
//! Each builder takes what SeaORM's takes and does its work in one transaction, in chunks of rows: memory is bounded by the
//! chunk, and the statements of all full chunks have the same text.

mod delete;
mod insert;
mod run;
mod update;

pub use delete::AuditedDeleteMany;
pub use insert::AuditedInsertMany;
pub use update::AuditedUpdateMany;

/// How many rows are in memory at one time unless the builder is told otherwise.
const CHUNK: usize = 500;

/// What a bulk write did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkResult {
    /// The rows that the statement was about. An update counts those too that it left as they were.
    pub rows_affected: u64,
}
