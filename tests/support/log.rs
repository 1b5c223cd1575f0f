//! The log as the cases look at it.

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use sea_orm_audit::audit_log;

/// All entries, in the order of writing.
pub async fn log<C: ConnectionTrait>(db: &C) -> Vec<audit_log::Model> {
    audit_log::Entity::find()
        .order_by_asc(audit_log::Column::Id)
        .all(db)
        .await
        .unwrap()
}

/// What happened to which record: `update product 1`.
pub async fn trail<C: ConnectionTrait>(db: &C) -> Vec<String> {
    log(db)
        .await
        .iter()
        .map(|entry| format!("{} {} {}", entry.action, entry.entity, entry.record_id))
        .collect()
}

/// What happened to the rows of one table.
pub async fn actions<C: ConnectionTrait>(db: &C, entity: &str) -> Vec<String> {
    log(db)
        .await
        .iter()
        .filter(|entry| entry.entity == entity)
        .map(|entry| entry.action.to_string())
        .collect()
}
