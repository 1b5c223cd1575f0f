//! One file per topic.

use crate::support::case::Case;

mod chains;
mod connection;
mod dropped;
mod faults;
mod hooks;
mod kill;
mod wrapped;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("chains", chains::cases()),
        ("connection", connection::cases()),
        ("dropped", dropped::cases()),
        ("faults", faults::cases()),
        ("hooks", hooks::cases()),
        ("kill", kill::cases()),
        ("wrapped", wrapped::cases()),
    ]
}
