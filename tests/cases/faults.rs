//! What goes wrong on the way: change and entry stay together.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, IntoActiveModel, QueryOrder, Set,
    TransactionSession, TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditedConnection, Error, OnFailure};

use crate::{
    cases,
    support::{
        case::Case,
        conflict::is_conflict,
        faults::{
            Held, allow_entries, cut_off_while_it_waits, hold, hurry, refuse_entries, session,
        },
        replay::replay,
        server::{Server, TestDb},
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        a_full_log_keeps_every_change_out,
        a_log_that_went_away_keeps_every_change_out,
        a_reported_loss_keeps_every_change,
        a_write_that_waits_too_long_leaves_nothing,
    ];
    let servers = cases![
        a_connection_cut_while_it_waits_leaves_nothing,
        a_deadlock_leaves_one_of_two_transactions,
    ];
    let elsewhere = &[Server::Postgres, Server::MySql];
    cases.extend(servers.into_iter().map(|case| case.only_on(elsewhere)));
    let file = cases![a_full_disk_keeps_the_change_out];
    cases.extend(file.into_iter().map(|case| case.only_on(&[Server::Sqlite])));
    cases
}

/// A kind of write, to products that are there.
#[derive(Clone, Copy, Debug)]
enum Write {
    Create,
    Update,
    Delete,
    InsertMany,
    DeleteMany,
}

impl Write {
    const ALL: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::InsertMany,
        Self::DeleteMany,
    ];

    /// Those that touch a row that is there.
    const OLD: [Self; 3] = [Self::Update, Self::Delete, Self::DeleteMany];

    async fn to<C: ConnectionTrait>(self, db: &C, tea: &product::Model) -> Result<(), DbErr> {
        let mut change = tea.clone().into_active_model();
        change.stock = Set(tea.stock.map(|stock| stock + 1));
        match self {
            Self::Create => new_product("rye", 100).insert(db).await.map(drop),
            Self::Update => change.update(db).await.map(drop),
            Self::Delete => change.delete(db).await.map(drop),
            Self::InsertMany => {
                let rows = [1, 2].map(|more| product::ActiveModel {
                    id: Set(tea.id + 1000 + more),
                    ..new_product(&format!("new {more}"), 1)
                });
                let insert = product::Entity::insert_many(rows);
                insert.exec_without_returning(db).await.map(drop)
            }
            Self::DeleteMany => product::Entity::delete_many().exec(db).await.map(drop),
        }
    }
}

async fn products(db: &DatabaseConnection) -> Vec<product::Model> {
    let by_id = product::Entity::find().order_by_asc(product::Column::Id);
    by_id.all(db).await.unwrap()
}

fn refused(committed: &Result<(), DbErr>) -> bool {
    committed.as_ref().is_err_and(is_uncommittable)
}

fn is_uncommittable(err: &DbErr) -> bool {
    matches!(Error::of(err), Some(Error::Uncommittable { .. }))
}

/// A pool of one connection, and another one beside it.
async fn two(test: &TestDb) -> (DatabaseConnection, AuditedConnection<DatabaseConnection>) {
    let plain = shop(test).await;
    (plain, AuditedConnection::new(test.pool(1).await))
}

/// Every write fails, on the pool and in a transaction, and leaves no trace.
///
/// `changed` says which of them fail only when the change is made, so that their transaction must not be committed.
async fn is_kept_out(
    plain: &DatabaseConnection,
    db: &AuditedConnection<DatabaseConnection>,
    tea: &product::Model,
    changed: fn(Write) -> bool,
) {
    let before = products(plain).await;
    for write in Write::ALL {
        write.to(db, tea).await.unwrap_err();
        assert_eq!(products(plain).await, before, "{write:?}");

        let tx = db.begin().await.unwrap();
        write.to(&tx, tea).await.unwrap_err();
        let committed = tx.commit().await;
        assert!(refused(&committed) || !changed(write), "{write:?}");
        assert_eq!(products(plain).await, before, "{write:?}");

        let tx = db.begin().await.unwrap();
        let nested = tx.begin().await.unwrap();
        write.to(&nested, tea).await.unwrap_err();
        let committed = nested.commit().await;
        assert!(refused(&committed) || !changed(write), "{write:?}");
        tx.commit().await.unwrap();
        assert_eq!(products(plain).await, before, "{write:?}");
    }
}

async fn a_full_log_keeps_every_change_out(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    refuse_entries(&plain).await;
    is_kept_out(&plain, &db, &tea, |_| true).await;
    allow_entries(&plain).await;
    for write in Write::ALL {
        write.to(&db, &tea).await.unwrap();
    }
    replay::<product::Entity>(&plain).await;
}

async fn a_log_that_went_away_keeps_every_change_out(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let rename = async |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        plain.execute_unprepared(&sql).await.unwrap();
    };
    rename("audit_log", "gone").await;
    // Whoever looks at a row before it is changed sees that there is no log.
    let changed = |write| !matches!(write, Write::Update | Write::Delete | Write::DeleteMany);
    is_kept_out(&plain, &db, &tea, changed).await;
    rename("gone", "audit_log").await;
    Write::Update.to(&db, &tea).await.unwrap();
    replay::<product::Entity>(&plain).await;
}

async fn a_reported_loss_keeps_every_change(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let db = db.on_failure(OnFailure::Report);
    let mut lost = 0;
    for write in Write::ALL {
        for in_transaction in [false, true] {
            product::Entity::delete_many().exec(&db).await.unwrap();
            let tea = new_product("tea", 250).insert(&db).await.unwrap();
            refuse_entries(&plain).await;
            if in_transaction {
                let tx = db.begin().await.unwrap();
                write.to(&tx, &tea).await.unwrap();
                // The transaction is as good as before.
                product::Entity::find().all(&tx).await.unwrap();
                tx.commit().await.unwrap();
            } else {
                write.to(&db, &tea).await.unwrap();
            }
            allow_entries(&plain).await;
            lost += 1;
            assert_eq!(db.lost_entries(), lost, "{write:?}");
            let rows = products(&plain).await;
            let names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
            let expected: &[&str] = match write {
                Write::Create => &["tea", "rye"],
                Write::Update => &["tea"],
                Write::Delete | Write::DeleteMany => &[],
                Write::InsertMany => &["tea", "new 1", "new 2"],
            };
            assert_eq!(names, expected, "{write:?}");
            // What the log does not know of is taken away, so that it is whole again.
            for sql in ["DELETE FROM product", "DELETE FROM audit_log"] {
                plain.execute_unprepared(sql).await.unwrap();
            }
        }
    }
    new_product("oil", 900).insert(&db).await.unwrap();
    assert_eq!(db.lost_entries(), lost);
    replay::<product::Entity>(&plain).await;
}

/// What another session can hold: on SQLite, everything at once.
fn holds(server: Server) -> &'static [Held] {
    match server {
        Server::Sqlite => &[Held::Rows],
        _ => &[Held::Rows, Held::Log],
    }
}

async fn a_write_that_waits_too_long_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    hurry(db.inner()).await;
    let before = products(&plain).await;
    for held in holds(test.server) {
        for write in Write::OLD {
            let holder = hold(&plain, *held).await;
            write.to(&db, &tea).await.unwrap_err();
            holder.rollback().await.unwrap();
            assert_eq!(products(&plain).await, before, "{write:?} {held:?}");

            let holder = hold(&plain, *held).await;
            let tx = db.begin().await.unwrap();
            write.to(&tx, &tea).await.unwrap_err();
            let committed = tx.commit().await;
            if matches!(held, Held::Log) {
                assert!(is_uncommittable(&committed.unwrap_err()), "{write:?}");
            }
            holder.rollback().await.unwrap();
            assert_eq!(products(&plain).await, before, "{write:?} {held:?}");
        }
    }
    Write::Update.to(&db, &tea).await.unwrap();
    replay::<product::Entity>(&plain).await;
}

async fn a_connection_cut_while_it_waits_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let before = products(&plain).await;
    for held in [Held::Rows, Held::Log] {
        for write in Write::OLD {
            for in_transaction in [false, true] {
                let id = session(db.inner()).await;
                let holder = hold(&plain, held).await;
                let writing = async {
                    if !in_transaction {
                        return write.to(&db, &tea).await;
                    }
                    let tx = db.begin().await?;
                    new_product("before", 1).insert(&tx).await?;
                    write.to(&tx, &tea).await?;
                    tx.commit().await
                };
                let (written, ()) = tokio::join!(writing, cut_off_while_it_waits(&plain, id));
                written.unwrap_err();
                holder.rollback().await.unwrap();
                assert_eq!(products(&plain).await, before, "{write:?} {held:?}");
            }
        }
    }
    // The pool finds another connection.
    Write::Update.to(&db, &tea).await.unwrap();
    replay::<product::Entity>(&plain).await;
}

async fn a_deadlock_leaves_one_of_two_transactions(test: Arc<TestDb>) {
    let plain = shop(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let oil = new_product("oil", 900).insert(&db).await.unwrap();
    let both = tokio::sync::Barrier::new(2);
    let set = async |tx: &_, row: &product::Model, stock: i64| {
        let mut change = row.clone().into_active_model();
        change.stock = Set(Some(stock));
        change.update(tx).await
    };
    let transfer = async |first: &product::Model, second: &product::Model, stock: i64| {
        let mut deadlocks = 0;
        loop {
            let tx = db.begin().await.unwrap();
            set(&tx, first, stock).await.unwrap();
            if deadlocks == 0 {
                both.wait().await;
            }
            match set(&tx, second, stock).await {
                Ok(_) => {
                    tx.commit().await.unwrap();
                    return deadlocks;
                }
                Err(err) => {
                    assert!(is_conflict(&err), "{err}");
                    tx.rollback().await.unwrap();
                    deadlocks += 1;
                }
            }
        }
    };
    for round in 0..10 {
        let (one, two) = tokio::join!(
            transfer(&tea, &oil, 100 + 2 * round),
            transfer(&oil, &tea, 101 + 2 * round)
        );
        assert!(one + two > 0, "one of them gives way");
        let rows = products(&plain).await;
        assert_eq!(rows[0].stock, rows[1].stock);
        replay::<product::Entity>(&plain).await;
    }
}

/// SQLite's own limit on the file, which is what a full disk is to it.
async fn a_full_disk_keeps_the_change_out(test: Arc<TestDb>) {
    let (plain, db) = two(&test).await;
    let mut tea = new_product("tea", 250).insert(&db).await.unwrap();
    let mut failed = 0;
    for round in 0..60 {
        // SQLite rolls back by itself then, which sqlx's connection does not notice and is of no use any more.
        let full = AuditedConnection::new(test.pool(1).await);
        // No more pages than there are: whichever table needs another one first is the one that fails.
        let limit = "PRAGMA max_page_count = 1";
        full.execute_unprepared(limit).await.unwrap();
        let name = "x".repeat(1 + round * 40);
        let write = new_product(&format!("{round} {name}"), 1);
        let before = products(&plain).await;
        let written = if round % 2 == 0 {
            write.insert(&full).await.map(drop)
        } else {
            let tx = full.begin().await.unwrap();
            match write.insert(&tx).await {
                Ok(_) => tx.commit().await,
                Err(err) => {
                    // Refused, unless it was the change itself that found no room.
                    tx.commit().await.ok();
                    Err(err)
                }
            }
        };
        if let Err(err) = written {
            assert!(err.to_string().contains("disk is full"), "{err}");
            assert_eq!(products(&plain).await, before);
            failed += 1;
        }
        replay::<product::Entity>(&plain).await;
        // Elsewhere there is room, and the next page is not always the same table's.
        tea.stock = Some(tea.stock.unwrap() + 1);
        Write::Update.to(&db, &tea).await.unwrap();
    }
    assert!(failed > 10, "it was full only {failed} times");
    replay::<product::Entity>(&plain).await;
}
