//! One file per topic.

use crate::support::case::Case;

mod bakery;
mod hooks;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![("bakery", bakery::cases()), ("hooks", hooks::cases())]
}
