//! One file per topic.

use crate::support::case::Case;

mod hooks;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![("hooks", hooks::cases())]
}
