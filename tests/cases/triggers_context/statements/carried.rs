//! Each statement carries its context.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, IntoActiveModel, Set, Statement, TransactionSession, TransactionTrait,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error};

use super::{all_by, by, nothing_is_left};
use crate::{
    cases,
    support::{
        airport::{Seen, airport, flight, new_flight, new_kiosk, new_luggage, seen, who},
        case::Case,
        events::Events,
        log::log,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        every_typed_statement_carries_the_context,
        raw_statements_carry_the_context,
        a_suspended_context_says_why,
        odd_texts_arrive_as_they_are,
        outer_wrappers_speak_for_the_inner_ones,
        without_a_context_nothing_is_said,
        bulk_builders_give_back_what_they_did_before,
    ]
}

async fn every_typed_statement_carries_the_context(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let steps = async {
        let one = new_flight("one").insert(&db).await.unwrap();
        assert!(all_by(&who(&plain).await, "alice"), "insert");

        let mut more = one.clone().into_active_model();
        more.seats = Set(2);
        let more = more.update(&db).await.unwrap();
        assert_eq!(more.seats, 2);
        assert!(all_by(&who(&plain).await, "alice"), "update");

        let many = flight::Entity::insert_many([new_flight("two"), new_flight("three")]);
        many.exec_without_returning(&db).await.unwrap();
        assert_eq!(who(&plain).await.len(), 2);

        let upsert = flight::Entity::insert(flight::ActiveModel {
            seats: Set(9),
            ..new_flight("two")
        })
        .on_conflict(
            OnConflict::column(flight::Column::Name)
                .update_column(flight::Column::Seats)
                .to_owned(),
        );
        upsert.exec_without_returning(&db).await.unwrap();
        let upserted = who(&plain).await;
        assert!(all_by(&upserted, "alice"), "upsert: {upserted:?}");

        let update = flight::Entity::update_many()
            .col_expr(flight::Column::Seats, Expr::value(5))
            .exec(&db)
            .await
            .unwrap();
        assert_eq!(update.rows_affected, 3);
        let updated = who(&plain).await;
        assert!(
            updated.len() == 3 && all_by(&updated, "alice"),
            "update_many"
        );

        let mut copy = Query::insert();
        copy.into_table(flight::Entity)
            .columns([flight::Column::Name, flight::Column::Seats])
            .select_from(
                Query::select()
                    .expr(Expr::cust("'copy'"))
                    .column(flight::Column::Seats)
                    .from(flight::Entity)
                    .cond_where(flight::Column::Name.eq("one"))
                    .to_owned(),
            )
            .unwrap();
        db.execute(&copy).await.unwrap();
        assert!(all_by(&who(&plain).await, "alice"), "insert .. select");

        let deleted = flight::Entity::delete_many()
            .filter(flight::Column::Name.eq("two"))
            .exec(&db)
            .await
            .unwrap();
        assert_eq!(deleted.rows_affected, 1);
        assert!(all_by(&who(&plain).await, "alice"), "delete_many");

        one.delete(&db).await.unwrap();
        assert!(all_by(&who(&plain).await, "alice"), "delete");

        // Cascades reach further than a statement's text, so any table's writes say who it is.
        new_kiosk("news").insert(&db).await.unwrap();
        assert!(all_by(&who(&plain).await, "alice"), "not audited");

        if test.server == Server::Postgres {
            let truncate = sea_orm::sea_query::Table::truncate()
                .table(flight::Entity)
                .to_owned();
            db.execute(&truncate).await.unwrap();
        }
    };
    by("alice").scope(steps).await;
    assert_eq!(log(&plain).await, []);
    nothing_is_left(&plain, 5).await;
}

async fn raw_statements_carry_the_context(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let backend = test.backend();
    let insert =
        |name: &str| format!("INSERT INTO airport_flight (name, seats) VALUES ('{name}', 1)");
    by("alice")
        .scope(async {
            db.execute_unprepared(&insert("a")).await.unwrap();
            let statement = Statement::from_string(backend, insert("b"));
            let done = db.execute_raw(statement).await.unwrap();
            assert_eq!(done.rows_affected(), 1);
            let statement = Statement::from_string(backend, insert("c"));
            assert!(db.query_one_raw(statement).await.unwrap().is_none());
            let statement = Statement::from_string(backend, insert("d"));
            assert!(db.query_all_raw(statement).await.unwrap().is_empty());
            let two = format!("-- two\n{}; {}", insert("e"), insert("f"));
            db.execute_unprepared(&two).await.unwrap();
        })
        .await;
    let written = who(&plain).await;
    let names: Vec<&str> = written.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
    assert!(all_by(&written, "alice"), "{written:?}");
    nothing_is_left(&plain, 5).await;
}

async fn a_suspended_context_says_why(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let events = Events::collect();
    AuditContext::suspended("first import")
        .scope(async {
            new_flight("one").insert(&db).await.unwrap();
            flight::Entity::audited_update_many()
                .col_expr(flight::Column::Seats, Expr::value(2))
                .exec(&db)
                .await
                .unwrap();
        })
        .await;
    let seen = seen(&plain).await;
    assert_eq!(seen.len(), 2);
    for Seen { actor, context, .. } in seen {
        assert_eq!(actor, None);
        assert_eq!(context.as_deref(), Some(r#"{"suspended":"first import"}"#));
    }
    assert_eq!(events.containing("suspended"), [""; 0]);
}

async fn odd_texts_arrive_as_they_are(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let long = "é".repeat(255);
    let texts = [
        "o'brien",
        "\"quoted\" \\ back\\slash",
        "'; DROP TABLE airport_flight; --",
        "👩‍✈️ 機長",
        "$1 ? :x @y %s",
        "line\nbreak\ttab",
        " spaces ",
        &long,
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let context = by(text)
            .correlation_id(text)
            .with("note", text)
            .with(text, 1);
        let details = serde_json::Value::Object(context.details().clone());
        let name = number.to_string();
        context
            .scope(async {
                new_flight(&name).insert(&db).await.unwrap();
                let tx = db.begin().await.unwrap();
                new_flight(&format!("tx {name}")).insert(&tx).await.unwrap();
                tx.commit().await.unwrap();
            })
            .await;
        let seen = seen(&plain).await;
        assert_eq!(seen.len(), 2);
        for seen in seen {
            assert_eq!(seen.actor.as_deref(), Some(text));
            assert_eq!(seen.correlation_id.as_deref(), Some(text));
            let context: serde_json::Value = serde_json::from_str(&seen.context.unwrap()).unwrap();
            assert_eq!(context, details);
        }
    }
    let nul = by("a\0b").with("note", "c\0d");
    let written = nul.scope(new_flight("nul").insert(&db)).await;
    if test.server == Server::Postgres {
        let err = written.unwrap_err();
        let error = Error::of(&err);
        assert!(
            matches!(error, Some(Error::ContextHoldsNul { field: "actor" })),
            "{err}"
        );
    } else {
        written.unwrap();
        let seen = seen(&plain).await;
        assert_eq!(seen[0].actor.as_deref(), Some("a\0b"));
        assert_eq!(seen[0].context.as_deref(), Some(r#"{"note":"c\u0000d"}"#));
    }
    nothing_is_left(&plain, 5).await;
}

async fn outer_wrappers_speak_for_the_inner_ones(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let inner = AuditedConnection::new(plain.clone()).acting_as("inner");
    let outer = AuditedConnection::new(inner.clone()).acting_as("outer");
    by("scope")
        .scope(async {
            new_flight("1").insert(&outer).await.unwrap();
            new_flight("2").insert(&inner).await.unwrap();
            new_luggage("3").insert(&outer).await.unwrap();
            outer
                .execute_unprepared("UPDATE airport_flight SET seats = 4 WHERE name = '1'")
                .await
                .unwrap();
            let tx = outer.begin().await.unwrap();
            new_flight("4").insert(&tx).await.unwrap();
            new_flight("5").insert(tx.inner()).await.unwrap();
            new_flight("6").insert(&tx).await.unwrap();
            tx.commit().await.unwrap();
        })
        .await;
    let written = who(&plain).await;
    let actors: Vec<_> = written
        .iter()
        .map(|(_, actor)| actor.as_deref().unwrap())
        .collect();
    assert_eq!(
        actors,
        [
            "outer", "inner", "outer", "outer", "outer", "inner", "outer"
        ]
    );
    nothing_is_left(&plain, 5).await;
}

async fn without_a_context_nothing_is_said(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    new_flight("1").insert(&db).await.unwrap();
    by("alice")
        .scope(new_flight("2").insert(&db))
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    new_flight("3").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    for seen in seen(&plain).await {
        let expected = (seen.what == "2").then_some("alice");
        assert_eq!(seen.actor.as_deref(), expected);
        assert_eq!(seen.correlation_id.is_some(), expected.is_some());
        assert_eq!(seen.context, None);
    }
}

async fn bulk_builders_give_back_what_they_did_before(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let rows = (0..7).map(|number| new_flight(&format!("{number}")));
    let inserted = flight::Entity::audited_insert_many(rows).chunk_size(3);
    assert_eq!(inserted.exec(&db).await.unwrap().rows_affected, 7);

    let some = flight::Column::Name.is_in(["1", "2", "3"]);
    let update = flight::Entity::audited_update_many()
        .col_expr(flight::Column::Seats, Expr::value(8))
        .filter(some.clone());
    assert_eq!(update.clone().exec(&db).await.unwrap().rows_affected, 3);
    let mut models = update.exec_with_returning(&db).await.unwrap();
    models.sort_by_key(|model| model.id);
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["1", "2", "3"]);
    assert!(models.iter().all(|model| model.seats == 8));

    let key = flight::Entity::audited_update_many().col_expr(flight::Column::Id, Expr::value(1));
    let err = key.exec(&db).await.unwrap_err();
    assert!(matches!(Error::of(&err), Some(Error::KeyInUpdate { .. })));

    let deleted = flight::Entity::audited_delete_many().filter(some);
    assert_eq!(deleted.exec(&db).await.unwrap().rows_affected, 3);
    assert!(all_by(&who(&plain).await, "alice"));
    assert_eq!(log(&plain).await, []);
}
