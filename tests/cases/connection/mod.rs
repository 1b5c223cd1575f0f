//! Writes through an `AuditedConnection`.

mod settings;
mod transactions;
mod writes;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, entity::prelude::*};
use sea_orm_audit::Error;

use crate::support::{case::Case, shop::product};

pub fn cases() -> Vec<Case> {
    [writes::cases(), transactions::cases(), settings::cases()]
        .into_iter()
        .flatten()
        .collect()
}

fn is_unrecordable(err: &DbErr, verb: &str) -> bool {
    matches!(Error::of(err), Some(Error::Unrecordable { entity, verb: v, .. }) if entity == "product" && *v == verb)
}

async fn drop_log(db: &DatabaseConnection) {
    db.execute_unprepared("DROP TABLE audit_log").await.unwrap();
}

async fn products(db: &DatabaseConnection) -> u64 {
    product::Entity::find().count(db).await.unwrap()
}
