//! Statements of their own, on a pool.

mod carried;
mod hooks;
mod refused;
mod tasks;

use sea_orm::{DatabaseConnection, TransactionTrait};
use sea_orm_audit::AuditContext;

use crate::support::{airport::session_actor, case::Case};

pub fn cases() -> Vec<Case> {
    [
        carried::cases(),
        hooks::cases(),
        tasks::cases(),
        refused::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn by(name: &str) -> AuditContext {
    AuditContext::new().actor(name)
}

fn all_by(seen: &[(String, Option<String>)], actor: &str) -> bool {
    !seen.is_empty() && seen.iter().all(|(_, by)| by.as_deref() == Some(actor))
}

/// No connection of the pool has an actor outside of a write.
async fn nothing_is_left(db: &DatabaseConnection, connections: u32) {
    let mut held = Vec::new();
    for _ in 0..connections {
        held.push(db.begin().await.unwrap());
    }
    for tx in held {
        assert_eq!(session_actor(&tx).await, None);
        tx.rollback().await.unwrap();
    }
}
