//! Triggers on SQLite.

mod context;
mod installing;
mod odd;
mod order;

use crate::support::{case::Case, server::Server};

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    all.extend(context::cases());
    all.extend(installing::cases());
    all.extend(odd::cases());
    all.extend(order::cases());
    all.into_iter()
        .map(|case| case.only_on(&[Server::Sqlite]))
        .collect()
}
