//! Any value of any type: what triggers write is what the hooks write.

use std::{fmt::Debug, sync::Arc};

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseConnection, IntoActiveModel, Iterable,
    ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, TryIntoModel,
};
use sea_orm_audit::{Audited, AuditedConnection};

use super::shadow::{assert_same, cast_shadow, create_shadow};
use crate::{
    cases,
    support::{
        case::Case,
        server::TestDb,
        values::{
            Row, big_unsigned, choice, chrono, create, decimal, float, for_any, json, raw, row,
            small_unsigned, text, time, whole,
        },
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        any_whole_number_is_written_alike,
        any_unsigned_number_is_written_alike,
        any_float_is_written_alike,
        any_decimal_is_written_alike,
        any_text_is_written_alike,
        any_bytes_and_uuid_are_written_alike,
        any_json_is_written_alike,
        any_date_and_time_of_chrono_is_written_alike,
        any_date_and_time_of_time_is_written_alike,
        any_enum_is_written_alike,
    ]
}

/// How many rows each kind of table is tried with.
const ROWS: u32 = 120;

/// Creates, updates and deletes any rows, recorded by hooks and triggers at once.
async fn alike<E>(test: &TestDb, entity: E)
where
    E: Audited<PrimaryKey: PrimaryKeyTrait<ValueType = i64>, Column: Debug>,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
{
    let db = test.connect().await;
    create_shadow(&db).await;
    create(&db, entity).await;
    cast_shadow::<E>(&db).await;
    let rows = (
        row::<E>(test.server),
        row::<E>(test.server),
        proptest::prelude::any::<bool>(),
    );
    for_any(ROWS, rows, async |(first, second, stays)| {
        comes_and_goes::<E>(&db, first, second, stays).await;
    });
    assert!(assert_same::<E>(&db).await > ROWS as usize);
}

async fn comes_and_goes<E>(db: &DatabaseConnection, first: Row<E>, second: Row<E>, stays: bool)
where
    E: Audited<PrimaryKey: PrimaryKeyTrait<ValueType = i64>>,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
{
    let db = AuditedConnection::new(db.clone());
    let key = E::PrimaryKey::iter().next().unwrap().into_column();
    let mut active = <E::ActiveModel as ActiveModelTrait>::default();
    for (column, value) in first {
        active.set(column, value);
    }
    let id = active.insert(&db).await.unwrap().get(key);
    let mut active = <E::ActiveModel as ActiveModelTrait>::default();
    active.set(key, id);
    for (column, value) in second {
        active.set(column, value);
    }
    let updated = active.update(&db).await.unwrap();
    if !stays {
        updated.delete(&db).await.unwrap();
    }
}

async fn any_whole_number_is_written_alike(test: Arc<TestDb>) {
    alike(&test, whole::Entity).await;
}

async fn any_unsigned_number_is_written_alike(test: Arc<TestDb>) {
    alike(&test, small_unsigned::Entity).await;
    let db = test.pool(2).await;
    create(&db, big_unsigned::Entity).await;
    cast_shadow::<big_unsigned::Entity>(&db).await;
    let rows = (
        row::<big_unsigned::Entity>(test.server),
        row::<big_unsigned::Entity>(test.server),
    );
    for_any(ROWS, rows, async |(first, second)| {
        comes_and_goes::<big_unsigned::Entity>(&db, first, second, true).await;
    });
    assert_same::<big_unsigned::Entity>(&db).await;
}

async fn any_float_is_written_alike(test: Arc<TestDb>) {
    alike(&test, float::Entity).await;
}

async fn any_decimal_is_written_alike(test: Arc<TestDb>) {
    alike(&test, decimal::Entity).await;
}

async fn any_text_is_written_alike(test: Arc<TestDb>) {
    alike(&test, text::Entity).await;
}

async fn any_bytes_and_uuid_are_written_alike(test: Arc<TestDb>) {
    alike(&test, raw::Entity).await;
}

async fn any_json_is_written_alike(test: Arc<TestDb>) {
    alike(&test, json::Entity).await;
}

async fn any_date_and_time_of_chrono_is_written_alike(test: Arc<TestDb>) {
    alike(&test, chrono::Entity).await;
}

async fn any_date_and_time_of_time_is_written_alike(test: Arc<TestDb>) {
    alike(&test, time::Entity).await;
}

async fn any_enum_is_written_alike(test: Arc<TestDb>) {
    alike(&test, choice::Entity).await;
}
