//! Every way in which SQL writes.

mod entries;
mod refused;
mod session;
mod statements;

use serde_json::{Value as Json, json};

use crate::support::case::Case;

pub fn cases() -> Vec<Case> {
    [
        statements::cases(),
        entries::cases(),
        session::cases(),
        refused::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn whole(id: i64, name: &str, price: &str) -> Json {
    json!({"id": id, "name": name, "price": price, "note": null, "secret": "[redacted]"})
}
