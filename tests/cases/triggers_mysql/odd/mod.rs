//! Values that no program of ours would write, and columns that no entity of ours would have.

mod columns;
mod json;
mod keys;
mod moments;
mod values;

use serde_json::Value as Json;

use super::said;
use crate::support::{case::Case, plain::run};

pub fn cases() -> Vec<Case> {
    [
        values::cases(),
        moments::cases(),
        json::cases(),
        columns::cases(),
        keys::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The new values of the entry that an INSERT makes.
async fn inserted(db: &sea_orm::DatabaseConnection, sql: &str) -> Json {
    run(db, sql).await;
    let mut all = said(db).await;
    assert_eq!(all.len(), 1, "{sql}");
    all.remove(0).4
}
