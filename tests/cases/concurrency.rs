//! Many tasks at once: every entry has its own task's actor, and every record one chain.

use std::{future::Future, sync::Arc};

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QuerySelect, Set, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::LockType,
};
use sea_orm_audit::AuditContext;
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        notes::{note, notebook},
        replay::replay,
        server::TestDb,
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        every_entry_in_a_transaction_has_its_own_tasks_actor,
        every_entry_outside_of_transactions_has_its_own_tasks_actor,
        transactions_on_one_row_give_one_chain,
        transactions_that_lock_by_their_update_give_one_chain,
    ]
}

const TASKS: usize = 64;

/// On SQLite a transaction that is going to write takes the lock at its begin; two that read first cannot both write.
async fn begin(db: &DatabaseConnection) -> DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    db.begin_with_options(options).await.unwrap()
}

/// Runs so many tasks at once, each in a scope of its own actor, and waits for all.
async fn tasks<Fut>(count: usize, task: impl Fn(String) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let spawn = |number| {
        let actor = format!("task {number}");
        let scope = AuditContext::new().actor(&actor).scope(task(actor.clone()));
        tokio::spawn(scope)
    };
    let running: Vec<_> = (0..count).map(spawn).collect();
    for task in running {
        task.await.unwrap();
    }
}

/// Writes a row that says who writes it, and writes it once more.
async fn write_twice<C: sea_orm::ConnectionTrait>(
    db: &C,
    actor: &str,
    round: usize,
) -> Result<(), DbErr> {
    let new = note::ActiveModel {
        text: Set(format!("{actor}: {round}")),
        ..Default::default()
    };
    let mut change = new.insert(db).await?.into_active_model();
    change.text = Set(format!("{actor}: {round} again"));
    change.update(db).await?;
    Ok(())
}

/// The row says who wrote it, and so must the entry.
async fn check(db: &DatabaseConnection, expected: usize) {
    let entries = log(db).await;
    assert_eq!(entries.len(), expected);
    for entry in &entries {
        let text = entry.new_values.as_ref().unwrap()["text"].as_str().unwrap();
        assert_eq!(text.split(':').next(), entry.actor.as_deref(), "{entry:?}");
    }
    let mut scopes: Vec<_> = entries
        .iter()
        .map(|entry| (&entry.actor, &entry.correlation_id))
        .collect();
    scopes.sort();
    scopes.dedup();
    assert_eq!(scopes.len(), TASKS, "one correlation id for each task");
    replay::<note::Entity>(db).await;
}

async fn every_entry_in_a_transaction_has_its_own_tasks_actor(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    tasks(TASKS, |actor| {
        let db = db.clone();
        async move {
            for batch in 0..5 {
                let txn = begin(&db).await;
                for round in 0..10 {
                    write_twice(&txn, &actor, batch * 10 + round).await.unwrap();
                }
                txn.commit().await.unwrap();
            }
        }
    })
    .await;
    check(&db, TASKS * 100).await;
}

async fn every_entry_outside_of_transactions_has_its_own_tasks_actor(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    tasks(TASKS, |actor| {
        let db = db.clone();
        async move {
            for round in 0..4 {
                write_twice(&db, &actor, round).await.unwrap();
            }
        }
    })
    .await;
    check(&db, TASKS * 8).await;
}

const WRITERS: usize = 16;
const ROUNDS: usize = 10;

/// Counts one row up, in one transaction for each step.
async fn count_up(db: &DatabaseConnection, lock: bool) {
    let counter = new_product("counter", 0).insert(db).await.unwrap();
    tasks(WRITERS, |_| {
        let (db, id) = (db.clone(), counter.id);
        async move {
            for round in 0..ROUNDS {
                let txn = begin(&db).await;
                let mut select = product::Entity::find_by_id(id);
                if lock {
                    select = select.lock(LockType::Update);
                }
                let row = select.one(&txn).await.unwrap().unwrap();
                let mut change = row.clone().into_active_model();
                // Without the lock the row may be older than the update, so each writes a text of its own.
                change.stock = Set(row.stock.map(|stock| stock + 1));
                if !lock {
                    change.name = Set(format!("{:?} {round}", tokio::task::id()));
                }
                change.update(&txn).await.unwrap();
                txn.commit().await.unwrap();
            }
        }
    })
    .await;
}

async fn transactions_on_one_row_give_one_chain(test: Arc<TestDb>) {
    let db = shop(&test).await;
    count_up(&db, true).await;

    let entries = log(&db).await;
    assert_eq!(entries.len(), 1 + WRITERS * ROUNDS);
    for (stock, entry) in entries.iter().enumerate().skip(1) {
        assert_eq!(entry.old_values, Some(json!({"stock": stock})));
        assert_eq!(entry.new_values, Some(json!({"stock": stock + 1})));
    }
    replay::<product::Entity>(&db).await;
}

async fn transactions_that_lock_by_their_update_give_one_chain(test: Arc<TestDb>) {
    let db = shop(&test).await;
    count_up(&db, false).await;

    assert_eq!(log(&db).await.len(), 1 + WRITERS * ROUNDS);
    replay::<product::Entity>(&db).await;
}
