//! Plain pools with our hooks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, TransactionSession,
    TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{
    AuditContext, AuditedConnection, InCurrentAuditContext, MySqlHooks, PostgresHooks,
};

use crate::{
    cases,
    support::{
        airport::{airport, new_flight, session_actor, who},
        case::Case,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = cases![
        each_checkout_has_its_own_actor,
        a_pool_goes_with_a_wrapper,
        the_pool_keeps_the_applications_hooks,
    ]
    .into_iter()
    .map(|case| case.only_on(&[Server::Postgres, Server::MySql]))
    .collect();
    cases.extend(
        cases![
            the_search_path_is_kept,
            a_context_that_the_database_cannot_keep_does_not_drain_the_pool,
        ]
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres])),
    );
    cases
}

fn by(name: &str) -> AuditContext {
    AuditContext::new().actor(name)
}

fn options(test: &TestDb, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(test.url());
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging(false);
    options
}

async fn hooked(test: &TestDb, connections: u32) -> DatabaseConnection {
    let options = options(test, connections);
    let options = match test.server {
        Server::MySql => MySqlHooks::new().install(options),
        _ => PostgresHooks::new().install(options),
    };
    Database::connect(options).await.unwrap()
}

async fn each_checkout_has_its_own_actor(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = by("connecting").scope(hooked(&test, 3)).await;
    assert_eq!(session_actor(&db).await, None);
    let mut tasks = Vec::new();
    for number in 0..64 {
        let db = db.clone();
        let actor = format!("task{number}");
        let write = async move {
            for turn in 0..4 {
                let who = AuditContext::current();
                let name = format!("{} {number} {turn}", who.actor_name().unwrap_or("nobody"));
                new_flight(&name).insert(&db).await.unwrap();
                let tx = db.begin().await.unwrap();
                new_flight(&format!("{name} tx")).insert(&tx).await.unwrap();
                if turn % 2 == 0 {
                    tx.commit().await.unwrap();
                } else {
                    drop(tx);
                }
            }
        };
        tasks.push(match number % 4 {
            0 => tokio::spawn(write),
            1 => by(&actor).sync_scope(|| tokio::spawn(write.in_current_audit_context())),
            _ => tokio::spawn(by(&actor).scope(write)),
        });
    }
    for task in tasks {
        task.await.unwrap();
    }
    let written = who(&plain).await;
    assert_eq!(written.len(), 64 * 6);
    for (what, actor) in written {
        let expected = what.split(' ').next().filter(|name| *name != "nobody");
        assert_eq!(actor.as_deref(), expected);
    }
    for _ in 0..3 {
        assert_eq!(session_actor(&db).await, None);
    }
}

async fn a_pool_goes_with_a_wrapper(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = hooked(&test, 1).await;
    let wrapped = AuditedConnection::new(db.clone());
    let bound = wrapped.clone().acting_as("bound");
    by("alice")
        .scope(async {
            new_flight("alice 1").insert(&wrapped).await.unwrap();
            new_flight("bound 1").insert(&bound).await.unwrap();
            new_flight("alice 2").insert(&db).await.unwrap();
            let tx = wrapped.begin().await.unwrap();
            AuditContext::new()
                .scope(async { new_flight("nobody 1").insert(&tx).await.unwrap() })
                .await;
            by("bob")
                .scope(async { new_flight("bob 1").insert(&tx).await.unwrap() })
                .await;
            tx.commit().await.unwrap();
        })
        .await;
    new_flight("nobody 2").insert(&wrapped).await.unwrap();
    let written = who(&plain).await;
    assert_eq!(written.len(), 6);
    for (what, actor) in written {
        let expected = what.split(' ').next().filter(|name| *name != "nobody");
        assert_eq!(actor.as_deref(), expected);
    }
}

async fn the_pool_keeps_the_applications_hooks(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let (acquired, connected, changed) = (
        Arc::<AtomicU32>::default(),
        Arc::<AtomicU32>::default(),
        Arc::<AtomicU32>::default(),
    );
    // The same for both, whose types have nothing in common.
    macro_rules! with_own_hooks {
        ($hooks:ty) => {{
            let (acquired, connected, changed) =
                (acquired.clone(), connected.clone(), changed.clone());
            let hooks = <$hooks>::new()
                .before_acquire(move |_, _| {
                    // Every other connection is sent away.
                    let use_it = acquired.fetch_add(1, Ordering::SeqCst) % 2 == 0;
                    Box::pin(async move { Ok(use_it) })
                })
                .after_connect(move |_, _| {
                    connected.fetch_add(1, Ordering::SeqCst);
                    Box::pin(async { Ok(()) })
                })
                .pool_options(move |pool| {
                    changed.fetch_add(1, Ordering::SeqCst);
                    pool.max_connections(1)
                });
            hooks.install(options(&test, 5))
        }};
    }
    let options = match test.server {
        Server::MySql => with_own_hooks!(MySqlHooks),
        _ => with_own_hooks!(PostgresHooks),
    };
    let db = Database::connect(options).await.unwrap();
    for number in 0..6 {
        let name = format!("alice {number}");
        by("alice")
            .scope(new_flight(&name).insert(&db))
            .await
            .unwrap();
    }
    assert!(
        who(&plain)
            .await
            .iter()
            .all(|(_, actor)| actor.as_deref() == Some("alice"))
    );
    assert_eq!(changed.load(Ordering::SeqCst), 1);
    assert!(acquired.load(Ordering::SeqCst) >= 6);
    assert!(connected.load(Ordering::SeqCst) >= 3);
}

async fn the_search_path_is_kept(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    plain
        .execute_unprepared("CREATE SCHEMA \"my tenant\"")
        .await
        .unwrap();
    let hooks = PostgresHooks::new().schema_search_path("my tenant,public");
    let db = Database::connect(hooks.install(options(&test, 1)))
        .await
        .unwrap();
    for _ in 0..2 {
        let path = Statement::from_string(db.get_database_backend(), "SHOW search_path");
        let row = db.query_one_raw(path).await.unwrap().unwrap();
        let path: String = row.try_get_by_index(0).unwrap();
        assert_eq!(path, "\"my tenant\",\"public\"");
    }
    by("alice")
        .scope(new_flight("alice 1").insert(&db))
        .await
        .unwrap();
    assert_eq!(
        who(&plain).await,
        [("alice 1".to_owned(), Some("alice".to_owned()))]
    );
}

async fn a_context_that_the_database_cannot_keep_does_not_drain_the_pool(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = hooked(&test, 1).await;
    by("a\0b")
        .scope(new_flight("odd").insert(&db))
        .await
        .unwrap();
    assert_eq!(
        who(&plain).await,
        [("odd".to_owned(), Some("a\u{FFFD}b".to_owned()))]
    );
}
