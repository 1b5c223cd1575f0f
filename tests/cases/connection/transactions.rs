//! Transactions that come to nothing, or may not be committed.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, IntoActiveModel, Set, TransactionSession,
    TransactionTrait,
};
use sea_orm_audit::Error;

use super::products;
use crate::{
    cases,
    support::{
        case::Case,
        log::actions,
        replay::replay,
        server::{Server, TestDb},
        shop::{audited, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        a_rolled_back_transaction_leaves_nothing,
        a_transaction_whose_entry_failed_cannot_be_committed,
    ];
    // On MySQL, the driver's connection may wait for ever once a statement on it was cancelled.
    let only = cases![a_savepoint_whose_entry_failed_spoils_only_itself];
    cases.extend(
        only.into_iter()
            .map(|case| case.only_on(&[Server::Sqlite, Server::Postgres])),
    );
    // The others have no deadlock that the loser could ignore.
    let only = cases![what_follows_a_lost_deadlock_is_refused];
    cases.extend(only.into_iter().map(|case| case.only_on(&[Server::MySql])));
    cases
}

async fn a_rolled_back_transaction_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let outer = db.begin().await.unwrap();
    new_product("kept", 1).insert(&outer).await.unwrap();
    let inner = outer.begin().await.unwrap();
    new_product("lost", 1).insert(&inner).await.unwrap();
    inner.rollback().await.unwrap();
    outer.commit().await.unwrap();
    let lost = db
        .transaction::<_, (), DbErr>(|tx| {
            Box::pin(async move {
                new_product("lost", 1).insert(tx).await?;
                Err(DbErr::RecordNotUpdated)
            })
        })
        .await;
    assert!(lost.is_err());
    db.transaction_async(async |tx| new_product("also kept", 1).insert(tx).await.map(|_| ()))
        .await
        .unwrap();
    assert_eq!(actions(&plain, "product").await, ["create", "create"]);
    replay::<product::Entity>(&plain).await;
}

async fn a_transaction_whose_entry_failed_cannot_be_committed(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let tx = db.begin().await.unwrap();
    // The log is seen by now, and goes away behind the connection's back.
    if test.server == Server::MySql {
        // Dropping a table commits there.
        plain
            .execute_unprepared("RENAME TABLE audit_log TO gone")
            .await
            .unwrap();
    } else {
        tx.execute_unprepared("ALTER TABLE audit_log RENAME TO gone")
            .await
            .unwrap();
    }
    new_product("oil", 900).insert(&tx).await.unwrap_err();
    let err = tx.commit().await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::Uncommittable { .. })),
        "{err}"
    );
    assert_eq!(products(&plain).await, 1);
}

/// Polls a future so many times and drops it, unless it is ready before.
async fn poll_at_most<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

async fn a_savepoint_whose_entry_failed_spoils_only_itself(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let outer = db.begin().await.unwrap();
    new_product("kept", 1).insert(&outer).await.unwrap();
    let inner = outer.begin().await.unwrap();
    let write = new_product("cancelled", 1).insert(&inner);
    poll_at_most(write, 2).await;
    inner.rollback().await.unwrap();
    new_product("kept too", 1).insert(&outer).await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(products(&plain).await, 2);
    replay::<product::Entity>(&plain).await;
}

/// Two transactions wait for each other, and the one that loses goes on as if nothing had happened.
async fn what_follows_a_lost_deadlock_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let first = new_product("a", 1).insert(&db).await.unwrap();
    let second = new_product("b", 1).insert(&db).await.unwrap();
    let take = |row: &product::Model, stock: i64| {
        let mut change = row.clone().into_active_model();
        change.stock = Set(Some(stock));
        change
    };
    let outer = [db.begin().await.unwrap(), db.begin().await.unwrap()];
    let inner = [
        outer[0].begin().await.unwrap(),
        outer[1].begin().await.unwrap(),
    ];
    take(&first, 10).update(&inner[0]).await.unwrap();
    take(&second, 20).update(&inner[1]).await.unwrap();
    let (left, right) = tokio::join!(
        take(&second, 11).update(&inner[0]),
        take(&first, 21).update(&inner[1]),
    );
    assert!(left.is_err() != right.is_err());
    let lost = usize::from(right.is_err());
    let inner: Vec<_> = inner.into_iter().collect();
    let mut outer = outer.into_iter();
    for (index, inner) in inner.into_iter().enumerate() {
        let outer = outer.next().unwrap();
        if index != lost {
            inner.commit().await.unwrap();
            outer.commit().await.unwrap();
            continue;
        }
        for refused in [
            new_product("c", 1).insert(&inner).await.unwrap_err(),
            new_product("d", 1).insert(&outer).await.unwrap_err(),
        ] {
            assert!(
                matches!(Error::of(&refused), Some(Error::Uncommittable { .. })),
                "{refused}"
            );
        }
        // MySQL has forgotten the savepoint, too.
        let _ = inner.rollback().await;
        let err = outer.commit().await.unwrap_err();
        assert!(
            matches!(Error::of(&err), Some(Error::Uncommittable { .. })),
            "{err}"
        );
    }
    assert_eq!(products(&plain).await, 2);
    replay::<product::Entity>(&plain).await;
}
