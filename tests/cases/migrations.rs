use crate::support::case::Case;

pub fn cases() -> Vec<Case> {
    Vec::new()
}
