//! Hooks beside triggers: who records, and who is told.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, IntoActiveModel, Set, TransactionSession, TransactionTrait, Unchanged,
    entity::prelude::*,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection};

use super::{all_by, by, nothing_is_left};
use crate::{
    cases,
    support::{
        airport::{airport, departure, flight, luggage, new_crew, new_flight, new_luggage, who},
        case::Case,
        events::Events,
        log::log,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        on_a_plain_connection_the_hooks_stand_back,
        another_entity_of_the_same_table_is_left_to_the_triggers,
        a_write_that_hooks_capture_tells_triggers_too,
    ]
}

async fn on_a_plain_connection_the_hooks_stand_back(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let events = Events::collect();
    // Their log is not even looked for.
    plain
        .execute_unprepared("DROP TABLE audit_log")
        .await
        .unwrap();
    by("alice")
        .scope(async {
            let one = new_flight("one").insert(&plain).await.unwrap();
            let mut more = one.into_active_model();
            more.seats = Set(2);
            more.update(&plain)
                .await
                .unwrap()
                .delete(&plain)
                .await
                .unwrap();
            let rows = [new_flight("two"), new_flight("three")];
            let inserted = flight::Entity::audited_insert_many(rows);
            assert_eq!(inserted.exec(&plain).await.unwrap().rows_affected, 2);
        })
        .await;
    AuditContext::suspended("not here")
        .scope(async { new_crew("eve").insert(&plain).await.unwrap() })
        .await;
    assert_eq!(events.containing(""), [""; 0]);
    // Nobody told the database, and nobody else's actor is there.
    assert!(who(&plain).await.iter().all(|(_, actor)| actor.is_none()));
}

async fn another_entity_of_the_same_table_is_left_to_the_triggers(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let new = |name: &str| departure::ActiveModel {
        name: Set(name.to_owned()),
        seats: Set(1),
        ..Default::default()
    };
    by("alice")
        .scope(async {
            let one = new("one").insert(&db).await.unwrap();
            let more = departure::ActiveModel {
                id: Unchanged(one.id),
                seats: Set(2),
                ..Default::default()
            };
            more.update(&db).await.unwrap();
            departure::Entity::update_many()
                .col_expr(departure::Column::Seats, Expr::value(3))
                .exec(&db)
                .await
                .unwrap();
            departure::Entity::delete_many().exec(&db).await.unwrap();
        })
        .await;
    let written = who(&plain).await;
    assert!(
        written.len() == 4 && all_by(&written, "alice"),
        "{written:?}"
    );
    new("two").insert(&plain).await.unwrap();
    assert_eq!(log(&plain).await, []);
}

async fn a_write_that_hooks_capture_tells_triggers_too(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    by("alice")
        .scope(async {
            let one = new_luggage("one").insert(&db).await.unwrap();
            let tx = db.begin().await.unwrap();
            one.delete(&tx).await.unwrap();
            tx.commit().await.unwrap();
            let rows = [new_luggage("two"), new_luggage("three")];
            let inserted = luggage::Entity::audited_insert_many(rows);
            inserted.exec(&db).await.unwrap();
        })
        .await;
    let written = who(&plain).await;
    assert!(
        written.len() == 4 && all_by(&written, "alice"),
        "{written:?}"
    );
    let entries = log(&plain).await;
    assert_eq!(entries.len(), 4);
    assert!(
        entries
            .iter()
            .all(|entry| entry.actor.as_deref() == Some("alice"))
    );
    nothing_is_left(&plain, 5).await;
}
