//! Statements in transactions: what the database has is what the statement's context says.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{
    AuditError, ConnectionTrait, DbBackend, DbErr, Statement, StatementBuilder, StreamTrait,
    TransactionSession, TransactionTrait,
    entity::prelude::*,
    sea_query::{Query, audit::QueryAccessAudit},
};
use sea_orm_audit::{AuditContext, AuditedConnection};

use crate::{
    cases,
    support::{
        airport::{airport, flight, new_flight, new_luggage, session_actor, who},
        case::{Case, left_out},
        cut::{Moment, cut},
        log::log,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        scopes_change_inside_a_transaction,
        savepoints_however_they_end_leave_the_right_actor,
        a_transaction_leaves_nothing_in_its_session,
        reads_tell_the_database_nothing,
        two_scopes_in_one_transaction_keep_apart,
        an_adopted_transaction_is_left_as_it_was,
        raw_transaction_control_is_noticed,
        raw_statements_that_come_first_or_after_a_failure_stay_alone,
        a_write_dropped_in_a_transaction_leaves_the_next_one_its_own_actor,
        a_stream_that_writes_carries_the_context,
    ];
    cases.extend(
        cases![an_empty_context_hides_what_the_session_has]
            .into_iter()
            .map(|case| case.only_on(&[Server::Postgres, Server::MySql])),
    );
    cases
}

fn by(name: &str) -> AuditContext {
    AuditContext::new().actor(name)
}

/// Writes a row that says whose it should be.
async fn write<C: ConnectionTrait>(db: &C, name: &str) {
    new_flight(name).insert(db).await.unwrap();
}

/// Each row is called by its actor and something else, or `nobody`.
fn assert_each_by_its_own(written: &[(String, Option<String>)], count: usize) {
    assert_eq!(written.len(), count, "{written:?}");
    for (what, actor) in written {
        let expected = what.split(' ').next().filter(|name| *name != "nobody");
        assert_eq!(actor.as_deref(), expected, "{written:?}");
    }
}

async fn scopes_change_inside_a_transaction(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let tx = db.begin().await.unwrap();
    write(&tx, "nobody 1").await;
    by("alice")
        .scope(async {
            write(&tx, "alice 1").await;
            write(&tx, "alice 2").await;
            by("bob").scope(write(&tx, "bob 1")).await;
            write(&tx, "alice 3").await;
            AuditContext::new().scope(write(&tx, "nobody 2")).await;
            new_luggage("alice 4").insert(&tx).await.unwrap();
            by("bob")
                .scope(async { new_luggage("bob 2").insert(&tx).await.unwrap() })
                .await;
            let raw = "UPDATE airport_flight SET seats = 2 WHERE name = 'alice 1'";
            tx.execute_unprepared(raw).await.unwrap();
        })
        .await;
    write(&tx, "nobody 3").await;
    tx.commit().await.unwrap();
    assert_each_by_its_own(&who(&plain).await, 10);
    assert_eq!(log(&plain).await.len(), 2);
}

async fn savepoints_however_they_end_leave_the_right_actor(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let alice = by("alice").correlation_id("a");
    let bob = by("bob").correlation_id("b");
    let mut number = 0;
    let mut next = |name: &str| {
        number += 1;
        format!("{name} {number}")
    };
    let tx = db.begin().await.unwrap();
    let mut expected = 0;
    for end in ["commit", "rollback", "drop"] {
        // Told before, inside, and both.
        for (before, inside) in [(true, true), (false, true), (true, false)] {
            if before {
                alice.clone().scope(write(&tx, &next("alice"))).await;
                expected += 1;
            }
            let savepoint = tx.begin().await.unwrap();
            let mut kept = 0;
            if inside {
                bob.clone().scope(write(&savepoint, &next("bob"))).await;
                kept += 1;
                let deeper = savepoint.begin().await.unwrap();
                alice.clone().scope(write(&deeper, &next("alice"))).await;
                deeper.rollback().await.unwrap();
                bob.clone().scope(write(&savepoint, &next("bob"))).await;
                kept += 1;
            } else {
                alice.clone().scope(write(&savepoint, &next("alice"))).await;
                kept += 1;
            }
            match end {
                "commit" => {
                    savepoint.commit().await.unwrap();
                    expected += kept;
                }
                "rollback" => savepoint.rollback().await.unwrap(),
                _ => drop(savepoint),
            }
            let who = if inside { &bob } else { &alice };
            let name = if inside { "bob" } else { "alice" };
            who.clone().scope(write(&tx, &next(name))).await;
            alice.clone().scope(write(&tx, &next("alice"))).await;
            write(&tx, &next("nobody")).await;
            expected += 3;
        }
    }
    tx.commit().await.unwrap();
    assert_each_by_its_own(&who(&plain).await, expected);
}

async fn a_transaction_leaves_nothing_in_its_session(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(1).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    for (number, end) in ["commit", "rollback", "savepoint", "closure"]
        .into_iter()
        .enumerate()
    {
        let name = format!("alice {number}");
        let tx = db.begin().await.unwrap();
        match end {
            "commit" => {
                write(&tx, &name).await;
                tx.commit().await.unwrap();
            }
            "rollback" => {
                write(&tx, &name).await;
                tx.rollback().await.unwrap();
            }
            "savepoint" => {
                let savepoint = tx.begin().await.unwrap();
                write(&savepoint, &name).await;
                savepoint.commit().await.unwrap();
                tx.commit().await.unwrap();
            }
            _ => {
                tx.rollback().await.unwrap();
                db.transaction_async(async |tx| {
                    write(tx, &name).await;
                    Ok::<_, DbErr>(())
                })
                .await
                .unwrap();
            }
        }
        assert_eq!(session_actor(&plain).await, None, "{end}");
        write(&plain, &format!("nobody {number}")).await;
    }
    assert_each_by_its_own(&who(&plain).await, 7);
}

async fn an_empty_context_hides_what_the_session_has(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(1).await;
    let db = AuditedConnection::new(plain.clone());
    let set = match plain.get_database_backend() {
        DbBackend::Postgres => "SET audit.actor = 'mallory'",
        _ => "SET @audit_actor = 'mallory'",
    };
    plain.execute_unprepared(set).await.unwrap();
    let tx = db.begin().await.unwrap();
    write(&tx, "nobody 1").await;
    let savepoint = tx.begin().await.unwrap();
    write(&savepoint, "nobody 2").await;
    savepoint.rollback().await.unwrap();
    write(&tx, "nobody 3").await;
    tx.commit().await.unwrap();
    by("alice").scope(write(&db, "alice 1")).await;
    assert_each_by_its_own(&who(&plain).await, 3);
}

async fn reads_tell_the_database_nothing(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let tx = db.begin().await.unwrap();
    flight::Entity::find().all(&tx).await.unwrap();
    flight::Entity::find().one(&tx).await.unwrap();
    for sql in ["SELECT 1", " -- why\n select 2", "EXPLAIN SELECT 1"] {
        let statement = Statement::from_string(test.backend(), sql);
        tx.query_all_raw(statement).await.unwrap();
    }
    assert_eq!(session_actor(&tx).await, None);
    write(&tx, "alice 1").await;
    assert_eq!(session_actor(&tx).await.as_deref(), Some("alice"));
    tx.commit().await.unwrap();
}

/// A statement that takes its time between the moment in which it is begun and the one in which the database has it.
struct Slow<'a>(&'a str);

impl StatementBuilder for Slow<'_> {
    fn build(&self, backend: &DbBackend) -> Statement {
        std::thread::sleep(std::time::Duration::from_millis(2));
        let sql = format!(
            "INSERT INTO airport_flight (name, seats) VALUES ('{}', 1)",
            self.0
        );
        Statement::from_string(*backend, sql)
    }

    fn audit(&self) -> Result<QueryAccessAudit, AuditError> {
        StatementBuilder::audit(&Query::select())
    }
}

async fn two_scopes_in_one_transaction_keep_apart(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let tx = Arc::new(db.begin().await.unwrap());
    let many = |name: &'static str| {
        let tx = tx.clone();
        async move {
            for number in 0..20 {
                let name = format!("{name} {number}");
                tx.execute(&Slow(&name)).await.unwrap();
                let sql = format!("UPDATE airport_flight SET seats = 2 WHERE name = '{name}'");
                tx.execute_unprepared(&sql).await.unwrap();
            }
        }
    };
    // On threads of their own, so that they come between each other's statements.
    let tasks = [
        tokio::spawn(by("alice").scope(many("alice"))),
        tokio::spawn(by("bob").scope(many("bob"))),
        tokio::spawn(many("nobody")),
    ];
    for task in tasks {
        task.await.unwrap();
    }
    Arc::into_inner(tx).unwrap().commit().await.unwrap();
    assert_each_by_its_own(&who(&plain).await, 120);
}

async fn an_adopted_transaction_is_left_as_it_was(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(1).await;
    let tx = AuditedConnection::new(plain.begin().await.unwrap()).acting_as("alice");
    write(&tx, "alice 1").await;
    let savepoint = tx.begin().await.unwrap();
    write(&savepoint, "alice 2").await;
    savepoint.commit().await.unwrap();
    new_luggage("alice 3").insert(&tx).await.unwrap();
    tx.into_inner().commit().await.unwrap();
    assert_eq!(session_actor(&plain).await, None);
    assert_each_by_its_own(&who(&plain).await, 3);
}

async fn raw_transaction_control_is_noticed(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let tx = db.begin().await.unwrap();
    let alice = by("alice").correlation_id("a");
    alice.clone().scope(write(&tx, "alice 1")).await;
    tx.execute_unprepared("SAVEPOINT own").await.unwrap();
    by("bob").scope(write(&tx, "bob 1")).await;
    tx.execute_unprepared("ROLLBACK TO SAVEPOINT own")
        .await
        .unwrap();
    by("bob").scope(write(&tx, "bob 2")).await;
    let set = match test.backend() {
        DbBackend::Postgres => "SELECT set_config('audit.actor', 'mallory', true)",
        DbBackend::MySql => "SET @audit_actor = 'mallory'",
        _ => "UPDATE audit_context SET actor = 'mallory'",
    };
    alice.clone().scope(write(&tx, "alice 2")).await;
    alice
        .scope(async {
            tx.execute_unprepared(set).await.unwrap();
            write(&tx, "alice 3").await;
        })
        .await;
    tx.commit().await.unwrap();
    assert_each_by_its_own(&who(&plain).await, 4);
}

async fn raw_statements_that_come_first_or_after_a_failure_stay_alone(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let tx = db.begin().await.unwrap();
    if test.server == Server::Postgres {
        let first = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
        tx.execute_unprepared(first).await.unwrap();
    }
    write(&tx, "alice 1").await;
    tx.execute_unprepared("SAVEPOINT own").await.unwrap();
    write(&tx, "alice 2").await;
    new_flight("alice 2").insert(&tx).await.unwrap_err();
    tx.execute_unprepared("ROLLBACK TO SAVEPOINT own")
        .await
        .unwrap();
    write(&tx, "alice 3").await;
    tx.execute_unprepared("RELEASE SAVEPOINT own")
        .await
        .unwrap();
    write(&tx, "alice 4").await;
    tx.commit().await.unwrap();
    assert_each_by_its_own(&who(&plain).await, 3);
}

async fn a_write_dropped_in_a_transaction_leaves_the_next_one_its_own_actor(test: Arc<TestDb>) {
    if test.server == Server::MySql {
        left_out("sqlx-mysql loses count where a statement is dropped while it is prepared");
    }
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let alice = by("alice").correlation_id("a");
    for moment in Moment::ALL {
        for polls in 1.. {
            let name = |who: &str, what: &str| format!("{who} {what} {moment:?} {polls}");
            let tx = db.begin().await.unwrap();
            alice.clone().scope(write(&tx, &name("alice", "1"))).await;
            let new = new_flight(&name("eve", "1"));
            let done = cut(by("eve").scope(new.insert(&tx)), polls, moment).await;
            alice.clone().scope(write(&tx, &name("alice", "2"))).await;
            write(&tx, &name("nobody", "1")).await;
            tx.commit().await.unwrap();
            let written = who(&plain).await;
            assert_each_by_its_own(&written, written.len());
            assert!(written.len() >= 3);
            if done.is_some() {
                break;
            }
        }
    }
}

async fn a_stream_that_writes_carries_the_context(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    by("alice")
        .scope(async {
            let tx = db.begin().await.unwrap();
            write(&tx, "alice 1").await;
            by("bob").scope(write(&tx, "bob 1")).await;
            let delete = Query::delete()
                .from_table(flight::Entity)
                .cond_where(flight::Column::Name.eq("alice 1"))
                .to_owned();
            let rows: Vec<_> = {
                let stream = tx.stream(&delete).await.unwrap();
                stream.try_collect().await.unwrap()
            };
            assert_eq!(rows.len(), 0);
            tx.commit().await.unwrap();
        })
        .await;
    assert_each_by_its_own(&who(&plain).await, 3);
}
