//! Entities in every format, and the history of records with keys of every type.

mod entities;
mod places;
mod reading;
mod written;

use crate::support::case::Case;

pub fn cases() -> Vec<Case> {
    [written::cases(), reading::cases(), places::cases()]
        .into_iter()
        .flatten()
        .collect()
}
