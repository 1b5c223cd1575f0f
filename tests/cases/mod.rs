//! One file per topic.

use crate::support::case::Case;

mod bulk;
mod connection;
mod hooks;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("bulk", bulk::cases()),
        ("connection", connection::cases()),
        ("hooks", hooks::cases()),
    ]
}
