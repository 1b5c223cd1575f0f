//! The capture table: for each of SeaORM's ways to write, whether hooks on a plain connection record it.
//!
//! | file | ways to write |
//! |---|---|
//! | `active_model` | methods of an active model |
//! | `relations` | nested writes: builders, junction rows, cascading deletes |
//! | `unseen` | everything that SeaORM's hooks are not called for |
//! | `connections` | other connections than a pool and a transaction |

mod active_model;
mod connections;
mod relations;
mod unseen;

use crate::support::case::Case;

pub fn cases() -> Vec<Case> {
    [
        active_model::cases(),
        relations::cases(),
        unseen::cases(),
        connections::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
