//! One file per topic.

use crate::support::case::Case;

mod bakery;
mod behavior;
mod bulk;
mod connection;
mod formats;
mod hooks;
mod values;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("bakery", bakery::cases()),
        ("behavior", behavior::cases()),
        ("formats", formats::cases()),
        ("bulk", bulk::cases()),
        ("connection", connection::cases()),
        ("hooks", hooks::cases()),
        ("values", values::cases()),
    ]
}
