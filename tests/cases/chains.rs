//! Many tasks on the same rows: each entry begins where the one before it ended.

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Instant};

use sea_orm::{
    DatabaseConnection, DbErr, IntoActiveModel, IsolationLevel, Set, SqliteTransactionMode,
    TransactionOptions, TransactionSession, TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::AuditedConnection;
use tokio::task::JoinSet;

use crate::{
    cases,
    support::{
        case::Case,
        conflict::{is_conflict, is_overtaken},
        dice::Dice,
        replay::{entries, replay},
        server::{Server, TestDb},
        shop::{new_product, product, shop},
        writes::write_any,
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        many_tasks_on_one_row_leave_no_gap,
        many_tasks_on_overlapping_rows_leave_no_gap,
        many_transactions_on_overlapping_rows_leave_no_gap,
    ];
    // SQLite has one level, the highest.
    let levels = cases![
        many_transactions_leave_no_gap_at_repeatable_read,
        many_transactions_leave_no_gap_at_serializable,
    ];
    let elsewhere = &[Server::Postgres, Server::MySql];
    cases.extend(levels.into_iter().map(|case| case.only_on(elsewhere)));
    // SQLite lets nobody else write, so that nothing happens meanwhile.
    let meanwhile = cases![a_new_row_is_not_mistaken_for_one_that_had_its_key];
    cases.extend(meanwhile.into_iter().map(|case| case.only_on(elsewhere)));
    cases
}

const TASKS: i64 = 32;
const CONNECTIONS: u32 = 8;

/// How many writes or transactions each task does.
const ROUNDS: i64 = 8;

/// Whoever needs more is not in a queue but in a circle.
const ATTEMPTS: u32 = 1000;

async fn wide(test: &TestDb) -> (DatabaseConnection, AuditedConnection<DatabaseConnection>) {
    shop(test).await.close().await.unwrap();
    let plain = test.pool(CONNECTIONS).await;
    (plain.clone(), AuditedConnection::new(plain))
}

/// What the tasks did, and how often they were in each other's way.
#[derive(Default)]
struct Tally {
    done: i64,
    overtaken: i64,
    retries: i64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.overtaken += other.overtaken;
        self.retries += other.retries;
    }

    /// Tries again what others were in the way of, as an application would.
    async fn insist<F>(&mut self, mut attempt: impl FnMut() -> F)
    where
        F: Future<Output = Result<(), DbErr>>,
    {
        for _ in 0..ATTEMPTS {
            match attempt().await {
                Ok(()) => {
                    self.done += 1;
                    return;
                }
                Err(err) if is_overtaken(&err) => {
                    self.overtaken += 1;
                    return;
                }
                Err(err) => assert!(is_conflict(&err), "{err}"),
            }
            self.retries += 1;
        }
        panic!("tried {ATTEMPTS} times");
    }
}

/// Lets all tasks work at once.
async fn at_once<F>(test: &TestDb, task: impl Fn(i64) -> F) -> Tally
where
    F: Future<Output = Tally> + Send + 'static,
{
    let started = Instant::now();
    let mut tasks: JoinSet<Tally> = (0..TASKS).map(task).collect();
    let mut all = Tally::default();
    while let Some(tally) = tasks.join_next().await {
        all.add(&tally.unwrap());
    }
    println!(
        "{}: {} done, {} overtaken, {} tried again, {:.1?}",
        test.server,
        all.done,
        all.overtaken,
        all.retries,
        started.elapsed()
    );
    all
}

async fn many_tasks_on_one_row_leave_no_gap(test: Arc<TestDb>) {
    let (plain, db) = wide(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let tally = at_once(&test, |task| {
        let (db, tea) = (db.clone(), tea.clone());
        async move {
            let mut tally = Tally::default();
            for round in 0..ROUNDS {
                let set = || {
                    let (db, mut change) = (db.clone(), tea.clone().into_active_model());
                    // No two writes set the same, so each has its entry.
                    change.stock = Set(Some(1000 + task * ROUNDS + round));
                    async move {
                        if round % 2 == 0 {
                            change.update(&db).await.map(drop)
                        } else {
                            change.update_without_returning(&db).await.map(drop)
                        }
                    }
                };
                tally.insist(set).await;
            }
            tally
        }
    })
    .await;
    assert_eq!((tally.done, tally.overtaken), (TASKS * ROUNDS, 0));
    let entries = entries(&plain, "audit_log", "product").await;
    let stocks: BTreeSet<i64> = entries
        .iter()
        .filter_map(|entry| entry.new.as_ref()?["stock"].as_i64())
        .filter(|stock| *stock >= 1000)
        .collect();
    assert_eq!(entries.len(), 1 + stocks.len());
    assert_eq!(stocks, (1000..1000 + TASKS * ROUNDS).collect());
    replay::<product::Entity>(&plain).await;
}

async fn many_tasks_on_overlapping_rows_leave_no_gap(test: Arc<TestDb>) {
    let (plain, db) = wide(&test).await;
    let tally = at_once(&test, |_| {
        let db = db.clone();
        async move {
            let mut tally = Tally::default();
            for _ in 0..ROUNDS {
                let write = || {
                    let db = db.clone();
                    async move { write_any(&db, &mut Dice::random()).await }
                };
                tally.insist(write).await;
            }
            tally
        }
    })
    .await;
    assert_eq!(tally.done + tally.overtaken, TASKS * ROUNDS);
    all_kinds(&plain).await;
    replay::<product::Entity>(&plain).await;
}

/// Rows were created, changed and deleted, or the case has shown nothing.
async fn all_kinds(db: &DatabaseConnection) {
    let entries = entries(db, "audit_log", "product").await;
    for kind in ["create", "update", "delete"] {
        let count = entries.iter().filter(|entry| entry.action == kind).count();
        assert!(count > 4, "{count} entries say `{kind}`");
    }
}

async fn many_transactions_on_overlapping_rows_leave_no_gap(test: Arc<TestDb>) {
    transactions(&test, None).await;
}

async fn many_transactions_leave_no_gap_at_repeatable_read(test: Arc<TestDb>) {
    transactions(&test, Some(IsolationLevel::RepeatableRead)).await;
}

async fn many_transactions_leave_no_gap_at_serializable(test: Arc<TestDb>) {
    transactions(&test, Some(IsolationLevel::Serializable)).await;
}

async fn transactions(test: &TestDb, level: Option<IsolationLevel>) {
    let (plain, db) = wide(test).await;
    let tally = at_once(test, |_| {
        let db = db.clone();
        async move {
            let mut tally = Tally::default();
            for _ in 0..ROUNDS {
                let write = || {
                    let db = db.clone();
                    async move { one_transaction(&db, level).await }
                };
                tally.insist(write).await;
            }
            tally
        }
    })
    .await;
    assert_eq!(tally.done + tally.overtaken, TASKS * ROUNDS);
    all_kinds(&plain).await;
    replay::<product::Entity>(&plain).await;
}

async fn one_transaction(
    db: &AuditedConnection<DatabaseConnection>,
    level: Option<IsolationLevel>,
) -> Result<(), DbErr> {
    let tx = match level {
        Some(level) => db.begin_with_config(Some(level), None).await?,
        None => {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            db.begin_with_options(options).await?
        }
    };
    let mut dice = Dice::random();
    for _ in 0..=dice.below(2) {
        if let Err(err) = write_any(&tx, &mut dice).await {
            tx.rollback().await?;
            return Err(err);
        }
    }
    tx.commit().await
}

/// A transaction that looks at the past creates a row whose key was free only since.
async fn a_new_row_is_not_mistaken_for_one_that_had_its_key(test: Arc<TestDb>) {
    let (plain, db) = wide(&test).await;
    let many = |name: &'static str, id| {
        product::Entity::insert_many([product::ActiveModel {
            id: Set(id),
            ..new_product(name, 900)
        }])
    };
    for (id, returning) in [(1, false), (2, true)] {
        let tea = many("tea", id).exec_without_returning(&db).await;
        assert_eq!(tea.unwrap(), 1);
        let level = Some(IsolationLevel::RepeatableRead);
        let tx = db.begin_with_config(level, None).await.unwrap();
        let seen = product::Entity::find_by_id(id).one(&tx).await.unwrap();
        seen.unwrap().delete(&db).await.unwrap();
        let oil = if returning {
            many("oil", id).exec(&tx).await.map(drop)
        } else {
            many("oil", id).exec_without_returning(&tx).await.map(drop)
        };
        match oil {
            Ok(()) => tx.commit().await.unwrap(),
            Err(err) => {
                assert!(is_conflict(&err), "{err}");
                tx.commit().await.unwrap_err();
            }
        }
        replay::<product::Entity>(&plain).await;
        product::Entity::delete_many().exec(&db).await.unwrap();
    }
}
