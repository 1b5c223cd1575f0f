//! One file per topic.

use crate::support::case::Case;

mod capture_table;
mod hooks;
mod quiet;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("capture_table", capture_table::cases()),
        ("hooks", hooks::cases()),
        ("quiet", quiet::cases()),
    ]
}
