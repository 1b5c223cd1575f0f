//! One file per topic.

use crate::support::case::Case;

mod capture_table;
mod concurrency;
mod context;
mod hooks;
mod migrations;
mod quiet;
mod refusals;
mod workload;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("capture_table", capture_table::cases()),
        ("concurrency", concurrency::cases()),
        ("context", context::cases()),
        ("hooks", hooks::cases()),
        ("migrations", migrations::cases()),
        ("quiet", quiet::cases()),
        ("refusals", refusals::cases()),
        ("workload", workload::cases()),
    ]
}
