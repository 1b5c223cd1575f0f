//! What an `AuditedConnection` does with statements that no active model announces: it records them or refuses them.

mod inserts;
mod statements;
mod wrappers;

use sea_orm::{DatabaseConnection, DbErr, Set};
use sea_orm_audit::Error;

use crate::support::{
    case::Case,
    replay::entries,
    shop::{new_product, product},
};

pub fn cases() -> Vec<Case> {
    [inserts::cases(), statements::cases(), wrappers::cases()]
        .into_iter()
        .flatten()
        .collect()
}

async fn count(db: &DatabaseConnection) -> usize {
    entries(db, "audit_log", "product").await.len()
}

fn refused<T: std::fmt::Debug>(result: Result<T, DbErr>) {
    let err = result.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::Unrecordable { entity, .. }) if entity == "product"),
        "{err}"
    );
}

fn keyed(id: i32, name: &str) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(id),
        ..new_product(name, 1)
    }
}
