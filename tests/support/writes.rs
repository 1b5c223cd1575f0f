//! Writes to products, at random.

use sea_orm::{ConnectionTrait, DbErr, Set, Unchanged, entity::prelude::*};

use super::{
    dice::Dice,
    shop::{new_product, product},
};

/// Rows that come and go one by one.
const SINGLE: std::ops::Range<i32> = 1..16;

/// Rows that come and go several at once.
const SEVERAL: std::ops::Range<i32> = 16..32;

fn named(id: i32, dice: &mut Dice) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(id),
        ..new_product(&format!("product {id}"), dice.within(1..1000).into())
    }
}

fn restocked(id: i32, dice: &mut Dice) -> product::ActiveModel {
    product::ActiveModel {
        id: Unchanged(id),
        stock: Set(Some(dice.within(0..1_000_000).into())),
        ..Default::default()
    }
}

/// Creates, updates or deletes the product with this key through its active model.
pub async fn write_by_active_model<C>(db: &C, dice: &mut Dice, id: i32) -> Result<(), DbErr>
where
    C: ConnectionTrait,
{
    match dice.below(5) {
        0 | 1 => named(id, dice).insert(db).await.map(drop),
        2 | 3 => restocked(id, dice).update(db).await.map(drop),
        _ => restocked(id, dice).delete(db).await.map(drop),
    }
}

/// Does any write that an [`AuditedConnection`](sea_orm_audit::AuditedConnection) records on every database.
pub async fn write_any<C>(db: &C, dice: &mut Dice) -> Result<(), DbErr>
where
    C: ConnectionTrait,
{
    let id = dice.within(SINGLE);
    match dice.below(8) {
        0 => {
            let update = restocked(id, dice);
            update.update_without_returning(db).await.map(drop)
        }
        1 => {
            let insert = product::Entity::insert(named(id, dice));
            insert.exec(db).await.map(drop)
        }
        2 => {
            let first = dice.within(SEVERAL);
            let rows = [named(first, dice), named(first + 1, dice)];
            let insert = product::Entity::insert_many(rows);
            insert.exec_without_returning(db).await.map(drop)
        }
        3 => {
            let first = dice.within(SEVERAL);
            let range = product::Column::Id.between(first, first + 3);
            let delete = product::Entity::delete_many().filter(range);
            delete.exec(db).await.map(drop)
        }
        _ => write_by_active_model(db, dice, id).await,
    }
}
