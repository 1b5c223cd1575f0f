//! How often a write waits for PostgreSQL.

use std::sync::Arc;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, Set, TransactionSession, TransactionTrait,
    Unchanged, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, AuditedConnection, PostgresHooks};

use crate::{
    cases,
    support::{
        airport::{airport, flight, kiosk, new_flight, new_kiosk},
        case::Case,
        proxy::Proxy,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        behind_a_plain_pool_triggers_cost_no_round_trip,
        in_a_transaction_the_context_is_told_once,
    ]
    .into_iter()
    .map(|case| case.only_on(&[Server::Postgres]))
    .collect()
}

/// The address in the server's URL, and the URL with the proxy's instead.
async fn through_a_proxy(test: &TestDb) -> (Proxy, ConnectOptions) {
    let url = test.url();
    let (before, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let proxy = Proxy::before(address.to_owned()).await;
    // In the clear, and without asking whether it could be otherwise.
    let url = format!(
        "{before}://{user}@127.0.0.1:{}/{path}?sslmode=disable",
        proxy.port
    );
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    (proxy, options)
}

/// What one of many like it costs, with what the pool does when it takes the connection back.
async fn cost<F: Future<Output = ()>>(proxy: &Proxy, mut write: impl FnMut() -> F) -> u64 {
    // The first two are prepared.
    for _ in 0..2 {
        write().await;
    }
    const TIMES: u64 = 20;
    let before = proxy.round_trips();
    for _ in 0..TIMES {
        write().await;
    }
    let trips = proxy.round_trips() - before;
    // The pool asks a connection that comes back how it is, sooner or later: the last time may not be over yet.
    (trips + TIMES / 2) / TIMES
}

async fn update_flight(db: &DatabaseConnection) {
    static TURN: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(0);
    let seats = TURN.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let update = flight::ActiveModel {
        id: Unchanged(1),
        seats: Set(seats),
        ..Default::default()
    };
    let update = async { update.update(db).await.unwrap() };
    AuditContext::new().actor("alice").scope(update).await;
}

async fn update_kiosk(db: &DatabaseConnection) {
    let update = kiosk::ActiveModel {
        id: Unchanged(1),
        name: Set("news".to_owned()),
    };
    update.update(db).await.unwrap();
}

async fn behind_a_plain_pool_triggers_cost_no_round_trip(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    new_flight("one").insert(&plain).await.unwrap();
    new_kiosk("news").insert(&plain).await.unwrap();

    let (proxy, options) = through_a_proxy(&test).await;
    let db = Database::connect(options.clone()).await.unwrap();
    let unaudited = cost(&proxy, || update_kiosk(&db)).await;
    let captured = cost(&proxy, || update_flight(&db)).await;
    assert_eq!(captured, unaudited);
    db.close().await.unwrap();

    // The context takes the place of the pool's ping.
    let hooked = PostgresHooks::new().install(options.clone());
    let db = Database::connect(hooked).await.unwrap();
    assert_eq!(cost(&proxy, || update_flight(&db)).await, unaudited);
    db.close().await.unwrap();

    // Without a ping it is one more.
    let mut options = options;
    options.test_before_acquire(false);
    let db = Database::connect(options).await.unwrap();
    let without_ping = cost(&proxy, || update_kiosk(&db)).await;
    assert_eq!(without_ping + 1, unaudited);
}

async fn in_a_transaction_the_context_is_told_once(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    new_flight("one").insert(&plain).await.unwrap();
    let (proxy, options) = through_a_proxy(&test).await;
    let db = Database::connect(options).await.unwrap();
    let wrapped = AuditedConnection::new(db.clone()).acting_as("alice");
    let update = |seats| flight::ActiveModel {
        id: Unchanged(1),
        seats: Set(seats),
        ..Default::default()
    };
    let native = cost(&proxy, || async {
        let tx = db.begin().await.unwrap();
        for seats in 1..=5 {
            update(seats).update(&tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    })
    .await;
    let audited = cost(&proxy, || async {
        let tx = wrapped.begin().await.unwrap();
        for seats in 1..=5 {
            update(seats).update(&tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    })
    .await;
    assert_eq!(audited, native + 1);
}
