//! Whom triggers are told of.

use crate::support::case::Case;

mod pools;
mod rolling;
mod statements;
mod transactions;
mod trips;

pub fn cases() -> Vec<Case> {
    let mut cases = statements::cases();
    cases.extend(transactions::cases());
    cases.extend(pools::cases());
    cases.extend(trips::cases());
    cases.extend(rolling::cases());
    cases
}
