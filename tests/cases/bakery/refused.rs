//! Writes that the database refuses, and the write that hooks cannot see.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, IntoActiveModel, ModelTrait, Set, TransactionTrait,
};
use sea_orm_audit::AuditContext;
use serde_json::json;

use crate::{
    cases,
    support::{
        bakery::{
            Mark, a_baker, a_bakery, baker, bakery, by_text, created, deleted, open, oven,
            replay_all, updated,
        },
        case::Case,
        events::Events,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_refused_create_leaves_no_entry,
        a_refused_update_leaves_no_entry_and_nothing_for_the_next,
        a_refused_delete_leaves_no_entry_and_nothing_for_the_next,
        a_refused_write_in_a_savepoint_leaves_no_entry_and_the_rest_goes_on,
        a_transaction_tried_again_is_recorded_like_the_first_time,
        a_row_deleted_elsewhere_after_a_refused_delete_is_not_deleted_twice,
        an_update_without_returning_has_no_entry_and_is_reported,
    ]
}

fn namesake_of(baker: &baker::Model) -> baker::ActiveModel {
    baker::ActiveModel {
        name: Set(baker.name.clone()),
        ..Default::default()
    }
}

/// A bakery that cannot be deleted, for it has an oven.
async fn a_bakery_with_an_oven(db: &DatabaseConnection) -> (bakery::Model, oven::Model) {
    let bakery = a_bakery(db).await;
    let oven = oven::ActiveModel {
        label: Set("stone".to_owned()),
        bakery_id: Set(bakery.id),
        ..Default::default()
    };
    (bakery, oven.insert(db).await.unwrap())
}

fn by_the_database<T: std::fmt::Debug>(result: Result<T, DbErr>) {
    let err = result.unwrap_err();
    assert!(err.sql_err().is_some(), "{err}");
}

async fn a_refused_create_leaves_no_entry(test: Arc<TestDb>) {
    let db = open(&test).await;
    let baker = a_baker(&db).await;
    let mark = Mark::now(&db).await;
    by_the_database(namesake_of(&baker).insert(&db).await);
    let refused = by_text::ActiveModel {
        key: Set("x".to_owned()),
        ..Default::default()
    };
    refused.clone().insert(&db).await.unwrap();
    by_the_database(refused.insert(&db).await);

    assert_eq!(mark.since(&db).await, [created("by_text", "x")]);
    replay_all(&db).await;
}

async fn a_refused_update_leaves_no_entry_and_nothing_for_the_next(test: Arc<TestDb>) {
    let db = open(&test).await;
    let (first, second) = (a_baker(&db).await, a_baker(&db).await);
    let mark = Mark::now(&db).await;
    let mut change = second.clone().into_active_model();
    change.name = Set(first.name.clone());
    by_the_database(change.update(&db).await);
    assert!(mark.since(&db).await.is_empty());

    let mut change = second.clone().into_active_model();
    change.contact = Set(Some(json!({"phone": "1"})));
    change.update(&db).await.unwrap();
    assert_eq!(mark.since(&db).await, [updated("baker", second.id)]);
    replay_all(&db).await;
}

async fn a_refused_delete_leaves_no_entry_and_nothing_for_the_next(test: Arc<TestDb>) {
    let db = open(&test).await;
    let (bakery, oven) = a_bakery_with_an_oven(&db).await;
    let mark = Mark::now(&db).await;
    by_the_database(bakery.clone().delete(&db).await);
    assert!(mark.since(&db).await.is_empty());

    let mut change = bakery.clone().into_active_model();
    change.margin = Set(0.5);
    let changed = change.update(&db).await.unwrap();
    oven.clone().delete(&db).await.unwrap();
    changed.delete(&db).await.unwrap();
    assert_eq!(
        mark.since(&db).await,
        [
            updated("bakery", bakery.id),
            deleted("oven", oven.id),
            deleted("bakery", bakery.id)
        ]
    );
    replay_all(&db).await;
}

async fn a_refused_write_in_a_savepoint_leaves_no_entry_and_the_rest_goes_on(test: Arc<TestDb>) {
    let db = open(&test).await;
    let baker = a_baker(&db).await;
    let mark = Mark::now(&db).await;
    let txn = db.begin().await.unwrap();
    let before = a_baker(&txn).await;
    let savepoint = txn.begin().await.unwrap();
    by_the_database(namesake_of(&baker).insert(&savepoint).await);
    savepoint.rollback().await.unwrap();
    let after = a_baker(&txn).await;
    txn.commit().await.unwrap();

    assert_eq!(
        mark.since(&db).await,
        [created("baker", before.id), created("baker", after.id)]
    );
    replay_all(&db).await;
}

/// The first try leaves behind what its update was announced with, and the second one's create must not find it.
async fn a_transaction_tried_again_is_recorded_like_the_first_time(test: Arc<TestDb>) {
    let db = open(&test).await;
    let baker = a_baker(&db).await;
    let id = baker.id + 10;
    let mark = Mark::now(&db).await;
    for contact in ["first", "second"] {
        let txn = db.begin().await.unwrap();
        let apprentice = baker::ActiveModel {
            id: Set(id),
            name: Set("apprentice".to_owned()),
            contact: Set(Some(json!(contact))),
            ..Default::default()
        };
        let mut apprentice = apprentice.insert(&txn).await.unwrap().into_active_model();
        if contact == "first" {
            apprentice.name = Set(baker.name.clone());
            by_the_database(apprentice.update(&txn).await);
            txn.rollback().await.unwrap();
        } else {
            txn.commit().await.unwrap();
        }
    }

    assert_eq!(mark.since(&db).await, [created("baker", id)]);
    replay_all(&db).await;
}

async fn a_row_deleted_elsewhere_after_a_refused_delete_is_not_deleted_twice(test: Arc<TestDb>) {
    let db = open(&test).await;
    let (bakery, oven) = a_bakery_with_an_oven(&db).await;
    let mark = Mark::now(&db).await;
    by_the_database(bakery.clone().delete(&db).await);
    let txn = db.begin().await.unwrap();
    oven.clone().delete(&txn).await.unwrap();
    bakery.clone().delete(&txn).await.unwrap();
    txn.commit().await.unwrap();
    let nothing = bakery.clone().delete(&db).await.unwrap();

    assert_eq!(nothing.rows_affected, 0);
    assert_eq!(
        mark.since(&db).await,
        [deleted("oven", oven.id), deleted("bakery", bakery.id)]
    );
    replay_all(&db).await;
}

/// SeaORM calls no hook after it. The log is behind by that update; the next one shows it, and so does a warning.
async fn an_update_without_returning_has_no_entry_and_is_reported(test: Arc<TestDb>) {
    let db = open(&test).await;
    let bakery = a_bakery(&db).await;
    let mark = Mark::now(&db).await;
    let events = Events::collect();
    AuditContext::new()
        .scope(async {
            let mut unseen = bakery.clone().into_active_model();
            unseen.margin = Set(0.2);
            unseen.update_without_returning(&db).await.unwrap();
        })
        .await;

    assert!(mark.since(&db).await.is_empty());
    let reported = events.containing("update_without_returning");
    assert_eq!(reported.len(), 1, "{reported:?}");
    assert!(reported[0].contains("bakery"), "{reported:?}");

    let mut seen = bakery.clone().into_active_model();
    seen.margin = Set(0.3);
    seen.update(&db).await.unwrap();
    let entries = mark.entries(&db).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].old_values, Some(json!({"margin": 0.2})));
    assert_eq!(entries[0].new_values, Some(json!({"margin": 0.3})));
}
