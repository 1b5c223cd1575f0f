//! Transactions within transactions: an entry lives and dies with its change.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseTransaction, DbErr, IntoActiveModel, ModelTrait,
    Set, TransactionError, TransactionTrait,
};

use crate::{
    cases,
    support::{
        bakery::{
            Db, Mark, a_baker, a_bakery, a_cake, badge, baker, bakery, created, deleted, open,
            oven, replay_all, unique, updated,
        },
        case::Case,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_commit_keeps_all_entries,
        a_rollback_leaves_nothing,
        a_dropped_transaction_leaves_nothing,
        a_nested_rollback_undoes_only_itself,
        a_nested_rollback_undoes_what_was_committed_in_it,
        an_outer_rollback_undoes_what_was_committed_in_it,
        an_error_in_a_closure_leaves_nothing,
        an_error_in_a_nested_closure_undoes_only_that,
        a_row_changed_before_in_and_after_a_rolled_back_savepoint_keeps_its_chain,
        a_row_deleted_in_a_rolled_back_savepoint_is_deleted_once,
        a_tree_that_fails_half_way_leaves_nothing,
        a_tree_that_fails_in_a_savepoint_undoes_only_itself,
    ]
}

async fn renamed<C: Db>(db: &C, bakery: &bakery::Model, name: &str) -> bakery::Model {
    let mut change = bakery.clone().into_active_model();
    change.name = Set(name.to_owned());
    change.update(db).await.unwrap()
}

/// A bakery whose second child cannot be written: the name is taken.
fn a_tree_with_a_namesake_of(taken: &baker::Model) -> bakery::ActiveModelEx {
    let badge = badge::ActiveModel::builder().set_title("master");
    let first = baker::ActiveModel::builder()
        .set_name(unique("first"))
        .set_badge(badge);
    let second = baker::ActiveModel::builder().set_name(taken.name.clone());
    bakery::ActiveModel::builder()
        .set_name("Crumbs")
        .set_margin(0.1)
        .add_oven(oven::ActiveModel::builder().set_label("stone"))
        .add_baker(first)
        .add_baker(second)
}

async fn a_commit_keeps_all_entries(test: Arc<TestDb>) {
    let db = open(&test).await;
    let txn = db.begin().await.unwrap();
    let bakery = a_bakery(&txn).await;
    let changed = renamed(&txn, &bakery, "Crust").await;
    let mark = Mark::now(&txn).await;
    changed.delete(&txn).await.unwrap();
    assert_eq!(mark.since(&txn).await, [deleted("bakery", bakery.id)]);
    let cake = a_cake(&txn).await;
    txn.commit().await.unwrap();

    assert_eq!(
        everything(&db).await,
        [
            created("bakery", bakery.id),
            updated("bakery", bakery.id),
            deleted("bakery", bakery.id),
            created("cake", cake.id),
        ]
    );
    replay_all(&db).await;
}

/// The log from its beginning; these cases start with an empty one.
async fn everything(db: &DatabaseConnection) -> Vec<(String, String, String)> {
    Mark::beginning().since(db).await
}

async fn a_rollback_leaves_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    let bakery = a_bakery(&db).await;
    let txn = db.begin().await.unwrap();
    renamed(&txn, &bakery, "Crust").await;
    a_cake(&txn).await;
    txn.rollback().await.unwrap();

    assert_eq!(everything(&db).await, [created("bakery", bakery.id)]);
    replay_all(&db).await;
}

async fn a_dropped_transaction_leaves_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    let bakery = a_bakery(&db).await;
    {
        let txn = db.begin().await.unwrap();
        renamed(&txn, &bakery, "Crust").await;
    }
    let again = renamed(&db, &bakery, "Loaf").await;

    assert_eq!(again.name, "Loaf");
    assert_eq!(
        everything(&db).await,
        [created("bakery", bakery.id), updated("bakery", bakery.id)]
    );
    replay_all(&db).await;
}

async fn a_nested_rollback_undoes_only_itself(test: Arc<TestDb>) {
    let db = open(&test).await;
    let outer = db.begin().await.unwrap();
    let before = a_bakery(&outer).await;
    let inner = outer.begin().await.unwrap();
    a_cake(&inner).await;
    renamed(&inner, &before, "Crust").await;
    inner.rollback().await.unwrap();
    let after = a_baker(&outer).await;
    outer.commit().await.unwrap();

    assert_eq!(
        everything(&db).await,
        [created("bakery", before.id), created("baker", after.id)]
    );
    replay_all(&db).await;
}

async fn a_nested_rollback_undoes_what_was_committed_in_it(test: Arc<TestDb>) {
    let db = open(&test).await;
    let outer = db.begin().await.unwrap();
    let bakery = a_bakery(&outer).await;
    let middle = outer.begin().await.unwrap();
    renamed(&middle, &bakery, "middle").await;
    let inner = middle.begin().await.unwrap();
    renamed(&inner, &bakery, "inner").await;
    inner.commit().await.unwrap();
    middle.rollback().await.unwrap();
    let second = outer.begin().await.unwrap();
    renamed(&second, &bakery, "second").await;
    second.commit().await.unwrap();
    outer.commit().await.unwrap();

    let entries = Mark::beginning().entries(&db).await;
    assert_eq!(
        everything(&db).await,
        [created("bakery", bakery.id), updated("bakery", bakery.id)]
    );
    assert_eq!(entries[1].old_values.as_ref().unwrap()["name"], "Crumbs");
    assert_eq!(entries[1].new_values.as_ref().unwrap()["name"], "second");
    replay_all(&db).await;
}

async fn an_outer_rollback_undoes_what_was_committed_in_it(test: Arc<TestDb>) {
    let db = open(&test).await;
    let outer = db.begin().await.unwrap();
    let inner = outer.begin().await.unwrap();
    a_cake(&inner).await;
    inner.commit().await.unwrap();
    let tree = a_tree_with_a_namesake_of(&baker::Model {
        id: 0,
        name: "nobody yet".to_owned(),
        contact: None,
        bakery_id: None,
    });
    tree.insert(&outer).await.unwrap();
    outer.rollback().await.unwrap();

    assert!(everything(&db).await.is_empty());
    replay_all(&db).await;
}

async fn an_error_in_a_closure_leaves_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    let failed = db
        .transaction::<_, (), DbErr>(|txn| {
            Box::pin(async move {
                a_cake(txn).await;
                Err(DbErr::Custom("changed my mind".to_owned()))
            })
        })
        .await;

    assert!(matches!(failed, Err(TransactionError::Transaction(_))));
    assert!(everything(&db).await.is_empty());
    replay_all(&db).await;
}

async fn an_error_in_a_nested_closure_undoes_only_that(test: Arc<TestDb>) {
    let db = open(&test).await;
    let cake = db
        .transaction::<_, _, DbErr>(|txn| {
            Box::pin(async move {
                let cake = a_cake(txn).await;
                let failed = txn.transaction::<_, (), DbErr>(|inner| Box::pin(fails(inner)));
                assert!(failed.await.is_err());
                Ok(cake)
            })
        })
        .await
        .unwrap();

    assert_eq!(everything(&db).await, [created("cake", cake.id)]);
    replay_all(&db).await;
}

async fn fails(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    a_bakery(txn).await;
    Err(DbErr::Custom("changed my mind".to_owned()))
}

async fn a_row_changed_before_in_and_after_a_rolled_back_savepoint_keeps_its_chain(
    test: Arc<TestDb>,
) {
    let db = open(&test).await;
    let bakery = a_bakery(&db).await;
    let outer = db.begin().await.unwrap();
    renamed(&outer, &bakery, "before").await;
    let inner = outer.begin().await.unwrap();
    renamed(&inner, &bakery, "inside").await;
    inner.rollback().await.unwrap();
    renamed(&outer, &bakery, "after").await;
    outer.commit().await.unwrap();

    let entries = Mark::beginning().entries(&db).await;
    let names: Vec<_> = entries[1..]
        .iter()
        .map(|entry| (&entry.old_values, &entry.new_values))
        .map(|(old, new)| (old.as_ref().unwrap(), new.as_ref().unwrap()))
        .map(|(old, new)| (old["name"].as_str().unwrap(), new["name"].as_str().unwrap()))
        .collect();
    assert_eq!(names, [("Crumbs", "before"), ("before", "after")]);
    replay_all(&db).await;
}

async fn a_row_deleted_in_a_rolled_back_savepoint_is_deleted_once(test: Arc<TestDb>) {
    let db = open(&test).await;
    let outer = db.begin().await.unwrap();
    let bakery = a_bakery(&outer).await;
    let inner = outer.begin().await.unwrap();
    bakery.clone().delete(&inner).await.unwrap();
    inner.rollback().await.unwrap();
    bakery.clone().delete(&outer).await.unwrap();
    outer.commit().await.unwrap();

    assert_eq!(
        everything(&db).await,
        [created("bakery", bakery.id), deleted("bakery", bakery.id)]
    );
    replay_all(&db).await;
}

async fn a_tree_that_fails_half_way_leaves_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    let taken = a_baker(&db).await;
    let failed = a_tree_with_a_namesake_of(&taken).insert(&db).await;

    assert!(failed.unwrap_err().sql_err().is_some());
    assert_eq!(everything(&db).await, [created("baker", taken.id)]);
    replay_all(&db).await;
}

async fn a_tree_that_fails_in_a_savepoint_undoes_only_itself(test: Arc<TestDb>) {
    let db = open(&test).await;
    let txn = db.begin().await.unwrap();
    let taken = a_baker(&txn).await;
    let failed = a_tree_with_a_namesake_of(&taken).save(&txn).await;
    assert!(failed.unwrap_err().sql_err().is_some());
    let cake = a_cake(&txn).await;
    txn.commit().await.unwrap();

    assert_eq!(
        everything(&db).await,
        [created("baker", taken.id), created("cake", cake.id)]
    );
    replay_all(&db).await;
}
