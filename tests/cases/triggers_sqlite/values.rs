//! Any value is in the triggers' log as it is in the hooks'.

use std::{fmt::Debug, sync::Arc};

use proptest::prelude::*;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, TransactionTrait, TryIntoModel,
};
use sea_orm_audit::Audited;

use super::shadow::{SHADOW, compare, create_shadow, watch};
use crate::{
    cases,
    support::{
        case::Case,
        replay::Replay,
        server::TestDb,
        values::{
            ROWS, choice, chrono, create, decimal, float, for_any, json, mixed, raw, row,
            small_unsigned, text, time, whole,
        },
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        any_whole_number,
        any_small_unsigned_number,
        any_float,
        any_decimal,
        any_text,
        any_bytes_and_uuid,
        any_json,
        any_date_and_time_of_chrono,
        any_date_and_time_of_time,
        any_enum,
        any_mixed_row,
    ]
}

async fn any_whole_number(test: Arc<TestDb>) {
    both_say_the_same(&test, whole::Entity).await;
}

async fn any_small_unsigned_number(test: Arc<TestDb>) {
    both_say_the_same(&test, small_unsigned::Entity).await;
}

async fn any_float(test: Arc<TestDb>) {
    both_say_the_same(&test, float::Entity).await;
}

async fn any_decimal(test: Arc<TestDb>) {
    both_say_the_same(&test, decimal::Entity).await;
}

async fn any_text(test: Arc<TestDb>) {
    both_say_the_same(&test, text::Entity).await;
}

async fn any_bytes_and_uuid(test: Arc<TestDb>) {
    both_say_the_same(&test, raw::Entity).await;
}

async fn any_json(test: Arc<TestDb>) {
    both_say_the_same(&test, json::Entity).await;
}

async fn any_date_and_time_of_chrono(test: Arc<TestDb>) {
    both_say_the_same(&test, chrono::Entity).await;
}

async fn any_date_and_time_of_time(test: Arc<TestDb>) {
    both_say_the_same(&test, time::Entity).await;
}

async fn any_enum(test: Arc<TestDb>) {
    both_say_the_same(&test, choice::Entity).await;
}

async fn any_mixed_row(test: Arc<TestDb>) {
    both_say_the_same(&test, mixed::Entity).await;
}

/// Any row, created, updated to any other, updated to itself and deleted, by SeaORM.
async fn both_say_the_same<E>(test: &TestDb, entity: E)
where
    E: Audited<PrimaryKey: PrimaryKeyTrait<ValueType = i64>, Column: Debug>,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
{
    let db = test.connect().await;
    create(&db, entity).await;
    create_shadow(&db).await;
    watch::<E>(&db).await;
    let key = E::PrimaryKey::iter().next().unwrap().into_column();
    let rows = (row::<E>(test.server), row::<E>(test.server), any::<bool>());
    for_any(ROWS, rows, async |(first, second, stays)| {
        let db = db.begin().await.unwrap();
        let mut active = <E::ActiveModel as ActiveModelTrait>::default();
        for (column, value) in first {
            active.set(column, value);
        }
        let id = active.insert(&db).await.unwrap().get(key);
        let stored = async || {
            let row = E::find().filter(key.eq(id.clone())).one(&db).await.unwrap();
            row.unwrap()
        };
        let mut active = <E::ActiveModel as ActiveModelTrait>::default();
        active.set(key, id.clone());
        for (column, value) in second {
            active.set(column, value);
        }
        active.update(&db).await.unwrap();
        let row = stored().await;
        let again = row.clone().into_active_model().reset_all();
        again.update(&db).await.unwrap();
        if !stays {
            stored().await.delete(&db).await.unwrap();
        }
        db.commit().await.unwrap();
    });
    compare::<E>(&db).await;
    if E::default().table_name() != "decimal_value" {
        Replay::default().log(SHADOW).check::<E>(&db).await;
    }
}
