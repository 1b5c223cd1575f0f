//! Who acts, as the entries say it.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set, TransactionTrait};
use sea_orm_audit::{AuditContext, InCurrentAuditContext, audit_log};
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        notes::{note, notebook},
        replay::replay,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        an_entry_says_who_why_and_for_which_request,
        without_a_context_an_entry_says_nothing,
        a_scope_makes_one_correlation_id,
        the_innermost_scope_counts_as_a_whole,
        a_scope_that_panics_gives_the_outer_one_back,
        a_scope_that_is_dropped_gives_the_outer_one_back,
        a_spawned_task_inherits_nothing,
        a_spawned_task_inherits_what_it_asks_for,
        two_scopes_polled_in_turn_keep_apart,
    ]
}

async fn write<C: ConnectionTrait>(db: &C, text: &str) {
    let note = note::ActiveModel {
        text: Set(text.to_owned()),
        ..Default::default()
    };
    note.insert(db).await.unwrap();
}

fn alice() -> AuditContext {
    AuditContext::new().actor("alice")
}

fn bob() -> AuditContext {
    AuditContext::new().actor("bob")
}

/// What was written, and by whom.
fn who(entries: &[audit_log::Model]) -> Vec<(&str, Option<&str>)> {
    entries
        .iter()
        .map(|entry| {
            let text = entry.new_values.as_ref().unwrap()["text"].as_str();
            (text.unwrap(), entry.actor.as_deref())
        })
        .collect()
}

async fn an_entry_says_who_why_and_for_which_request(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .correlation_id("request 7")
        .reason("price review")
        .with("ticket", 4711)
        .with("roles", json!(["clerk", null]))
        .scope(write(&db, "a"))
        .await;

    let entries = log(&db).await;
    assert_eq!(entries[0].actor.as_deref(), Some("alice"));
    assert_eq!(entries[0].correlation_id.as_deref(), Some("request 7"));
    assert_eq!(
        entries[0].context,
        Some(json!({"reason": "price review", "ticket": 4711, "roles": ["clerk", null]}))
    );
    replay::<note::Entity>(&db).await;
}

async fn without_a_context_an_entry_says_nothing(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    write(&db, "a").await;

    let entry = &log(&db).await[0];
    assert_eq!(
        (&entry.actor, &entry.correlation_id, &entry.context),
        (&None, &None, &None)
    );
    replay::<note::Entity>(&db).await;
}

async fn a_scope_makes_one_correlation_id(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    for _ in 0..2 {
        alice()
            .scope(async {
                write(&db, "a").await;
                let txn = db.begin().await.unwrap();
                write(&txn, "b").await;
                txn.commit().await.unwrap();
            })
            .await;
    }

    let entries = log(&db).await;
    let ids: Vec<&str> = entries
        .iter()
        .map(|entry| entry.correlation_id.as_deref().unwrap())
        .collect();
    assert_eq!((ids[0], ids[2]), (ids[1], ids[3]));
    assert_ne!(ids[0], ids[2]);
    // A version 7 id begins with the time, so later scopes sort after earlier ones.
    assert_eq!(ids[0].len(), 36);
    assert_eq!(&ids[0][14..15], "7");
    assert!(ids[0] < ids[2]);
    replay::<note::Entity>(&db).await;
}

async fn the_innermost_scope_counts_as_a_whole(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .reason("outer")
        .scope(async {
            write(&db, "1").await;
            bob().scope(write(&db, "2")).await;
            AuditContext::new().scope(write(&db, "3")).await;
            write(&db, "4").await;
        })
        .await;
    write(&db, "5").await;

    let entries = log(&db).await;
    assert_eq!(
        who(&entries),
        [
            ("1", Some("alice")),
            ("2", Some("bob")),
            ("3", None),
            ("4", Some("alice")),
            ("5", None)
        ]
    );
    assert_eq!(entries[1].context, None);
    assert_eq!(entries[0].correlation_id, entries[3].correlation_id);
    assert_ne!(entries[0].correlation_id, entries[1].correlation_id);
    replay::<note::Entity>(&db).await;
}

async fn a_scope_that_panics_gives_the_outer_one_back(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .scope(async {
            let inner = bob().scope(async {
                write(&db, "1").await;
                // Not `panic!`, so that the test's output stays clean.
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            AssertUnwindSafe(inner).catch_unwind().await.unwrap_err();
            write(&db, "2").await;
        })
        .await;
    write(&db, "3").await;

    assert_eq!(
        who(&log(&db).await),
        [("1", Some("bob")), ("2", Some("alice")), ("3", None)]
    );
    replay::<note::Entity>(&db).await;
}

async fn a_scope_that_is_dropped_gives_the_outer_one_back(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .scope(async {
            let mut inner = Box::pin(bob().scope(async {
                write(&db, "1").await;
                std::future::pending::<()>().await;
            }));
            while log(&db).await.is_empty() {
                futures_util::future::poll_immediate(&mut inner).await;
            }
            drop(inner);
            write(&db, "2").await;
        })
        .await;

    assert_eq!(
        who(&log(&db).await),
        [("1", Some("bob")), ("2", Some("alice"))]
    );
    replay::<note::Entity>(&db).await;
}

async fn a_spawned_task_inherits_nothing(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .scope(async {
            let db = db.clone();
            let task = tokio::spawn(async move { write(&db, "1").await });
            task.await.unwrap();
        })
        .await;

    let entries = log(&db).await;
    assert_eq!(who(&entries), [("1", None)]);
    assert_eq!(entries[0].correlation_id, None);
    replay::<note::Entity>(&db).await;
}

async fn a_spawned_task_inherits_what_it_asks_for(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    alice()
        .reason("import")
        .scope(async {
            write(&db, "1").await;
            let db = db.clone();
            let task = async move { write(&db, "2").await };
            let task = tokio::spawn(task.in_current_audit_context());
            task.await.unwrap();
        })
        .await;

    let entries = log(&db).await;
    assert_eq!(who(&entries), [("1", Some("alice")), ("2", Some("alice"))]);
    assert_eq!(entries[0].correlation_id, entries[1].correlation_id);
    assert_eq!(entries[0].context, entries[1].context);
    replay::<note::Entity>(&db).await;
}

async fn two_scopes_polled_in_turn_keep_apart(test: Arc<TestDb>) {
    let db = notebook(&test).await;
    let three = async |text: &str| {
        for _ in 0..3 {
            write(&db, text).await;
        }
    };
    tokio::join!(alice().scope(three("alice")), bob().scope(three("bob")));

    let entries = log(&db).await;
    assert_eq!(entries.len(), 6);
    for (text, actor) in who(&entries) {
        assert_eq!(Some(text), actor);
    }
    replay::<note::Entity>(&db).await;
}
