//! Many at once, and some that give up.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait, entity::prelude::*};
use sea_orm_audit::AuditedConnection;

use super::{by, nothing_is_left};
use crate::{
    cases,
    support::{
        airport::{airport, new_flight, seen, session_actor, who},
        case::Case,
        cut::{Moment, cut, use_each},
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        many_tasks_keep_their_own_actor,
        a_write_dropped_at_any_await_leaves_no_actor_behind,
    ]
}

async fn many_tasks_keep_their_own_actor(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(3).await;
    let db = AuditedConnection::new(plain.clone());
    let mut tasks = Vec::new();
    for number in 0..64 {
        let db = db.clone();
        let actor = format!("task {number}");
        let context = by(&actor);
        tasks.push(tokio::spawn(context.scope(async move {
            for turn in 0..4 {
                let name = |way: &str| format!("{actor}|{turn}{way}");
                new_flight(&name("a")).insert(&db).await.unwrap();
                let sql = format!(
                    "INSERT INTO airport_flight (name, seats) VALUES ('{}', 1)",
                    name("b")
                );
                db.execute_unprepared(&sql).await.unwrap();
                let tx = db.begin().await.unwrap();
                new_flight(&name("c")).insert(&tx).await.unwrap();
                if turn % 2 == 0 {
                    tx.commit().await.unwrap();
                } else {
                    tx.rollback().await.unwrap();
                }
            }
        })));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let written = who(&plain).await;
    assert_eq!(written.len(), 64 * (4 + 4 + 2));
    for (what, actor) in written {
        assert_eq!(what.split('|').next(), actor.as_deref());
    }
    nothing_is_left(&plain, 3).await;
}

async fn a_write_dropped_at_any_await_leaves_no_actor_behind(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(1).await;
    let db = AuditedConnection::new(plain.clone());
    let mut number = 0;
    for moment in Moment::ALL {
        // What is dropped while it is prepared breaks a connection of sqlx-mysql.
        by("eve")
            .scope(new_flight(&format!("warm {moment:?}")).insert(&db))
            .await
            .unwrap();
        let (mut polls, mut cuts, mut tries) = (1, 0, 0);
        loop {
            number += 1;
            let new = new_flight(&format!("dropped {number}"));
            let done = cut(by("eve").scope(new.insert(&db)), polls, moment).await;
            use_each(&plain, 1).await;
            if test.server != Server::MySql {
                assert_eq!(session_actor(&plain).await, None, "{polls}");
            }
            seen(&plain).await;
            let name = format!("after {number}");
            by("bob")
                .scope(new_flight(&name).insert(&db))
                .await
                .unwrap();
            let tx = db.begin().await.unwrap();
            new_flight(&format!("nobody {number}"))
                .insert(&tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let written = who(&plain).await;
            let actors: Vec<_> = written.iter().map(|(_, actor)| actor.as_deref()).collect();
            assert_eq!(actors, [Some("bob"), None], "{polls}");
            if done.is_none() {
                cuts += 1;
                polls += 1;
            } else if cuts > 0 {
                break;
            } else {
                // On a busy machine each answer may be there before anybody waits for it, and there is nothing to drop.
                tries += 1;
                assert!(tries < 100, "{moment:?}: every write was done at once");
            }
        }
    }
}
