//! Every way in which SeaORM writes an active model, on related tables: what is recorded, in which order.

mod keys;
mod links;
mod refused;
mod rows;
mod transactions;
mod trees;

use crate::support::case::Case;

pub fn cases() -> Vec<Case> {
    [
        rows::cases(),
        refused::cases(),
        keys::cases(),
        trees::cases(),
        links::cases(),
        transactions::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
