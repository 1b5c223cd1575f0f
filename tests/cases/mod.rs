//! One file per topic.

use crate::support::case::Case;

mod bakery;
mod behavior;
mod bulk;
mod chains;
mod connection;
mod dropped;
mod formats;
mod hooks;
mod kill;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("bakery", bakery::cases()),
        ("behavior", behavior::cases()),
        ("bulk", bulk::cases()),
        ("chains", chains::cases()),
        ("connection", connection::cases()),
        ("dropped", dropped::cases()),
        ("formats", formats::cases()),
        ("hooks", hooks::cases()),
        ("kill", kill::cases()),
    ]
}
