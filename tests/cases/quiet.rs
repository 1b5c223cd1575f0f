//! What leaves no entry, and what is said about it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    IntoActiveModel, ModelTrait, Set, Statement, TransactionTrait, entity::prelude::Decimal,
};
use sea_orm_audit::AuditContext;
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        documents::{document, documents, new_document},
        events::Events,
        log::{log, trail},
        pools,
        replay::replay,
        server::{Server, TestDb},
        shop::{create_table, new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        a_rolled_back_transaction_leaves_nothing,
        a_rolled_back_savepoint_undoes_only_itself,
        a_transaction_that_is_dropped_leaves_nothing,
        writes_on_a_pool_warn_once_per_entity,
        writes_in_a_transaction_do_not_warn,
        a_suspended_scope_records_nothing_and_says_why,
        a_scope_inside_a_suspended_one_records,
        a_create_after_a_failed_write_of_its_key_is_a_create,
        the_same_decimal_with_another_scale_is_no_change,
        a_reordered_object_is_no_change_and_a_reordered_array_is_one,
    ];
    cases.extend(
        cases![
            an_update_dropped_at_any_point_leaves_no_image_for_the_next,
            a_record_recreated_after_a_dropped_update_is_a_create,
        ]
        .into_iter()
        .map(|case| case.only_on(&[Server::Sqlite, Server::Postgres])),
    );
    cases
}

async fn tea(db: &DatabaseConnection) -> product::Model {
    new_product("tea", 250).insert(db).await.unwrap()
}

fn stocked(product: &product::Model, stock: i64) -> product::ActiveModel {
    let mut active = product.clone().into_active_model();
    active.stock = Set(Some(stock));
    active
}

async fn a_rolled_back_transaction_leaves_nothing(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let txn = db.begin().await.unwrap();
    new_product("milk", 120).insert(&txn).await.unwrap();
    let changed = stocked(&tea, 2).update(&txn).await.unwrap();
    changed.delete(&txn).await.unwrap();
    assert_eq!(log(&txn).await.len(), 4);
    txn.rollback().await.unwrap();

    assert_eq!(trail(&db).await, ["create product 1"]);
    replay::<product::Entity>(&db).await;
}

async fn a_transaction_that_is_dropped_leaves_nothing(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let txn = db.begin().await.unwrap();
    new_product("milk", 120).insert(&txn).await.unwrap();
    drop(txn);

    assert!(log(&db).await.is_empty());
    replay::<product::Entity>(&db).await;
}

async fn a_rolled_back_savepoint_undoes_only_itself(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let outer = db.begin().await.unwrap();
    stocked(&tea, 2).update(&outer).await.unwrap();
    let inner = outer.begin().await.unwrap();
    stocked(&tea, 3).update(&inner).await.unwrap();
    new_product("milk", 120).insert(&inner).await.unwrap();
    inner.rollback().await.unwrap();
    stocked(&tea, 4).update(&outer).await.unwrap();
    outer.commit().await.unwrap();

    let entries = log(&db).await;
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[2].old_values, Some(json!({"stock": 2})));
    assert_eq!(entries[2].new_values, Some(json!({"stock": 4})));
    replay::<product::Entity>(&db).await;
}

const NOT_ATOMIC: &str = "written outside of a transaction";

/// Creates the table of an entity and writes two rows.
macro_rules! write_twice {
    ($($entity:ident)::+, $db:expr, $writer:expr) => {{
        use $($entity)::+ as entity;
        create_table($db, entity::Entity).await;
        let writer = $writer;
        for _ in 0..2 {
            let row = entity::ActiveModel { number: Set(1), ..Default::default() };
            row.insert(writer).await.unwrap();
        }
    }};
}

/// The warning comes once in a process, so each database has an entity for it that nobody else writes.
async fn writes_on_a_pool_warn_once_per_entity(test: Arc<TestDb>) {
    let db = test.connect().await;
    let events = Events::collect();
    match test.server {
        Server::Sqlite => write_twice!(pools::on_sqlite, &db, &db),
        Server::Postgres => write_twice!(pools::on_postgres, &db, &db),
        Server::MySql => write_twice!(pools::on_mysql, &db, &db),
    }
    let warnings = events.containing(NOT_ATOMIC);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("entity=\"on_"), "{warnings:?}");
    assert_eq!(log(&db).await.len(), 2);
}

async fn writes_in_a_transaction_do_not_warn(test: Arc<TestDb>) {
    let db = test.connect().await;
    let events = Events::collect();
    write_twice!(pools::in_transactions, &db, &db.begin().await.unwrap());
    assert!(events.containing(NOT_ATOMIC).is_empty());
}

async fn a_suspended_scope_records_nothing_and_says_why(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let events = Events::collect();
    AuditContext::suspended("first import")
        .scope(async {
            let tea = tea(&db).await;
            let tea = stocked(&tea, 2).update(&db).await.unwrap();
            tea.delete(&db).await.unwrap();
        })
        .await;

    assert!(log(&db).await.is_empty());
    let warnings = events.containing("reason=\"first import\"");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for (warning, verb) in warnings.iter().zip(["insert", "update", "delete"]) {
        assert!(warning.contains("entity=\"product\""), "{warning}");
        assert!(warning.contains(&format!("verb={verb}")), "{warning}");
    }
    replay::<product::Entity>(&db).await;
}

async fn a_scope_inside_a_suspended_one_records(test: Arc<TestDb>) {
    let db = shop(&test).await;
    AuditContext::suspended("first import")
        .scope(AuditContext::new().actor("alice").scope(async {
            tea(&db).await;
        }))
        .await;

    assert_eq!(log(&db).await[0].actor.as_deref(), Some("alice"));
    replay::<product::Entity>(&db).await;
}

/// The failed write has left its image of a row that is another one now.
async fn a_create_after_a_failed_write_of_its_key_is_a_create(test: Arc<TestDb>) {
    let db = documents(&test).await;
    let delete_elsewhere = async |key: &'static str| {
        let db = db.clone();
        let delete = async move {
            let row = document::Entity::find_by_id(key).one(&db).await.unwrap();
            row.unwrap().delete(&db).await.unwrap();
        };
        tokio::spawn(delete).await.unwrap();
    };
    AuditContext::new()
        .scope(async {
            for key in ["a", "b", "c"] {
                new_document(key).insert(&db).await.unwrap();
            }
            // An update that fails, and an insert that does.
            let clash = document::ActiveModel {
                title: Set("c".to_owned()),
                ..new_document("a")
            };
            clash.update(&db).await.unwrap_err();
            new_document("b").insert(&db).await.unwrap_err();
            for key in ["a", "b"] {
                delete_elsewhere(key).await;
                new_document(key).insert(&db).await.unwrap();
            }
        })
        .await;

    let of = |key: &str| format!("create document {key}");
    let deleted = |key: &str| format!("delete document {key}");
    assert_eq!(
        trail(&db).await,
        [
            of("a"),
            of("b"),
            of("c"),
            deleted("a"),
            of("a"),
            deleted("b"),
            of("b")
        ]
    );
    replay::<document::Entity>(&db).await;
}

/// Polls a future so many times, then drops it; the output if it was done by then.
struct Polls<F> {
    future: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Polls<F> {
    fn new(left: usize, future: F) -> Self {
        Self {
            future: Box::pin(future),
            left,
        }
    }
}

impl<F: Future> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.future.as_mut().poll(context).map(Some)
    }
}

/// Drops an update at its first, its second, .. poll, until one gets through; each in a transaction that is rolled back.
///
/// All transactions have one address, by which a connection is known between the hooks of a write. Not on MySQL,
/// where SQLx's connection does not survive that its statement is dropped half sent.
async fn drop_updates<F>(db: &DatabaseConnection, mut then: F)
where
    F: AsyncFnMut(&product::Model, &mut Option<DatabaseTransaction>),
{
    let tea = tea(db).await;
    let mut slot = None;
    let mut dropped = 0;
    loop {
        let txn = slot.insert(db.begin().await.unwrap());
        let update = stocked(&tea, -1).update(txn);
        let done = Polls::new(dropped, update).await;
        slot.take().unwrap().rollback().await.unwrap();
        if done.is_some() {
            break;
        }
        dropped += 1;
        let row = product::Entity::find_by_id(tea.id).one(db).await.unwrap();
        then(&row.unwrap(), &mut slot).await;
    }
}

async fn an_update_dropped_at_any_point_leaves_no_image_for_the_next(test: Arc<TestDb>) {
    let db = shop(&test).await;
    AuditContext::new()
        .scope(drop_updates(&db, async |row, slot| {
            // Somebody else changes the row, then the same address writes it again.
            let (was, pool, change) = (row.stock.unwrap(), db.clone(), row.clone());
            let elsewhere = async move { stocked(&change, was + 1).update(&pool).await };
            tokio::spawn(elsewhere).await.unwrap().unwrap();
            let txn = slot.insert(db.begin().await.unwrap());
            stocked(row, was + 2).update(txn).await.unwrap();
            slot.take().unwrap().commit().await.unwrap();

            let entry = log(&db).await.pop().unwrap();
            assert_eq!(entry.old_values, Some(json!({"stock": was + 1})));
            assert_eq!(entry.new_values, Some(json!({"stock": was + 2})));
        }))
        .await;
    replay::<product::Entity>(&db).await;
}

async fn a_record_recreated_after_a_dropped_update_is_a_create(test: Arc<TestDb>) {
    let db = shop(&test).await;
    AuditContext::new()
        .scope(drop_updates(&db, async |row, slot| {
            let (pool, gone) = (db.clone(), row.clone());
            let elsewhere = async move { gone.delete(&pool).await };
            tokio::spawn(elsewhere).await.unwrap().unwrap();
            let txn = slot.insert(db.begin().await.unwrap());
            let again = row.clone().into_active_model().reset_all();
            let again = product::ActiveModel {
                id: Set(row.id),
                ..again
            };
            again.insert(txn).await.unwrap();
            slot.take().unwrap().commit().await.unwrap();

            assert_eq!(log(&db).await.pop().unwrap().action.as_str(), "create");
        }))
        .await;
    replay::<product::Entity>(&db).await;
}

async fn the_same_decimal_with_another_scale_is_no_change(test: Arc<TestDb>) {
    let db = documents(&test).await;
    let amount = |cents, scale| document::ActiveModel {
        amount: Set(Some(Decimal::new(cents, scale))),
        ..new_document("a")
    };
    amount(110, 2).insert(&db).await.unwrap();

    amount(11, 1).update(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 1);

    amount(12, 1).update(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 2);
    replay::<document::Entity>(&db).await;
}

async fn a_reordered_object_is_no_change_and_a_reordered_array_is_one(test: Arc<TestDb>) {
    let db = documents(&test).await;
    let holding = |data: &str| document::ActiveModel {
        data: Set(Some(data.parse().unwrap())),
        ..new_document("a")
    };
    let object = r#"{"a": 1, "b": [1, 2]}"#;
    holding(object).insert(&db).await.unwrap();
    // SeaORM would write the keys in order.
    let reordered = Statement::from_string(
        test.backend(),
        r#"UPDATE document SET data = '{"b": [1, 2], "a": 1}'"#,
    );
    db.execute_raw(reordered).await.unwrap();

    holding(object).update(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 1);

    holding(r#"{"a": 1, "b": [2, 1]}"#)
        .update(&db)
        .await
        .unwrap();
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(
        entry.old_values,
        Some(json!({"data": {"a": 1, "b": [1, 2]}}))
    );
    assert_eq!(
        entry.new_values,
        Some(json!({"data": {"a": 1, "b": [2, 1]}}))
    );
    replay::<document::Entity>(&db).await;
}
