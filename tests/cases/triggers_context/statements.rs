//! Statements of their own, on a pool.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, IntoActiveModel, Set, Statement, StreamTrait,
    TransactionSession, TransactionTrait, Unchanged,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error};

use crate::{
    cases,
    support::{
        airport::{
            Seen, airport, crew, departure, flight, luggage, new_crew, new_flight, new_kiosk,
            new_luggage, seen, session_actor, who,
        },
        case::Case,
        cut::{Moment, cut, use_each},
        events::Events,
        log::log,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        every_typed_statement_carries_the_context,
        raw_statements_carry_the_context,
        on_a_plain_connection_the_hooks_stand_back,
        another_entity_of_the_same_table_is_left_to_the_triggers,
        a_write_that_hooks_capture_tells_triggers_too,
        a_required_actor_is_asked_for_before_the_statement,
        a_context_that_is_too_long_is_refused_before_the_statement,
        a_suspended_context_says_why,
        odd_texts_arrive_as_they_are,
        many_tasks_keep_their_own_actor,
        a_write_dropped_at_any_await_leaves_no_actor_behind,
        outer_wrappers_speak_for_the_inner_ones,
        without_a_context_nothing_is_said,
        bulk_builders_give_back_what_they_did_before,
        errors_stay_as_they_are,
    ];
    cases.extend(
        cases![what_cannot_be_in_a_transaction_runs_without_one]
            .into_iter()
            .map(|case| case.only_on(&[Server::Sqlite, Server::Postgres])),
    );
    cases.extend(
        cases![without_its_table_only_what_needs_the_context_is_refused]
            .into_iter()
            .map(|case| case.only_on(&[Server::Sqlite])),
    );
    cases
}

fn by(name: &str) -> AuditContext {
    AuditContext::new().actor(name)
}

fn all_by(seen: &[(String, Option<String>)], actor: &str) -> bool {
    !seen.is_empty() && seen.iter().all(|(_, by)| by.as_deref() == Some(actor))
}

/// No connection of the pool has an actor outside of a write.
async fn nothing_is_left(db: &DatabaseConnection, connections: u32) {
    let mut held = Vec::new();
    for _ in 0..connections {
        held.push(db.begin().await.unwrap());
    }
    for tx in held {
        assert_eq!(session_actor(&tx).await, None);
        tx.rollback().await.unwrap();
    }
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

async fn a_required_actor_is_asked_for_before_the_statement(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let refused = |result: Result<(), DbErr>| {
        let err = result.unwrap_err();
        assert!(
            matches!(Error::of(&err), Some(Error::ActorRequired { .. })),
            "{err}"
        );
    };
    refused(new_crew("eve").insert(&db).await.map(drop));
    let update = crew::Entity::update_many().col_expr(crew::Column::Name, Expr::value("x"));
    refused(update.exec(&db).await.map(drop));
    refused(
        crew::Entity::audited_delete_many()
            .exec(&db)
            .await
            .map(drop),
    );
    let stream = db
        .stream(&Query::delete().from_table(crew::Entity).to_owned())
        .await;
    refused(stream.map(drop));
    let strict = db.clone().require_actor();
    refused(new_flight("one").insert(&strict).await.map(drop));
    let tx = strict.begin().await.unwrap();
    refused(new_flight("one").insert(&tx).await.map(drop));
    tx.commit().await.unwrap();

    by("alice")
        .scope(async { new_crew("eve").insert(&db).await.unwrap() })
        .await;
    assert_eq!(who(&plain).await.len(), 1);
}

async fn a_context_that_is_too_long_is_refused_before_the_statement(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let long = by(&"ö".repeat(256));
    let err = long
        .scope(async { new_flight("one").insert(&db).await.unwrap_err() })
        .await;
    assert!(
        matches!(
            Error::of(&err),
            Some(Error::ContextTooLong { length: 256, .. })
        ),
        "{err}"
    );
    assert_eq!(who(&plain).await, []);
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
        for polls in 1.. {
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
            if done.is_some() {
                assert!(polls > 1);
                break;
            }
        }
    }
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

async fn errors_stay_as_they_are(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    new_flight("one").insert(&db).await.unwrap();
    let native = new_flight("one").insert(&plain).await.unwrap_err();
    let ours = new_flight("one").insert(&db).await.unwrap_err();
    assert_eq!(ours.sql_err(), native.sql_err());
    assert!(ours.sql_err().is_some());
    for sql in ["NONSENSE", "DELETE FROM nowhere"] {
        let native = plain.execute_unprepared(sql).await.unwrap_err();
        let ours = db.execute_unprepared(sql).await.unwrap_err();
        assert_eq!(ours.to_string(), native.to_string());
    }
    let nobody = flight::ActiveModel {
        id: Unchanged(4711),
        seats: Set(1),
        ..Default::default()
    };
    let err = nobody.update(&db).await.unwrap_err();
    assert_eq!(err, DbErr::RecordNotUpdated);
    nothing_is_left(&plain, 5).await;
}

async fn what_cannot_be_in_a_transaction_runs_without_one(test: Arc<TestDb>) {
    airport(&test).await.close().await.unwrap();
    let plain = test.pool(1).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let mut statements = vec!["VACUUM", "/* why */ VACUUM"];
    if test.server == Server::Postgres {
        statements.extend([
            "CREATE INDEX CONCURRENTLY seats ON airport_flight (seats)",
            "DROP INDEX CONCURRENTLY seats",
            "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO airport_flight (name, seats) VALUES ('p', 1); COMMIT; END $$",
            "CALL p()",
        ]);
    }
    for sql in statements {
        db.execute_unprepared(sql).await.unwrap();
    }
    // A transaction in raw SQL, on the only connection.
    for sql in [
        "BEGIN",
        "INSERT INTO airport_flight (name, seats) VALUES ('raw', 1)",
        "ROLLBACK",
    ] {
        // On PostgreSQL a transaction of its own around the second would commit it.
        if test.server == Server::Sqlite {
            db.execute_unprepared(sql).await.unwrap();
        }
    }
    let left = flight::Entity::find().filter(flight::Column::Name.eq("raw"));
    assert_eq!(left.count(&plain).await.unwrap(), 0);
}

async fn without_its_table_only_what_needs_the_context_is_refused(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    for table in ["airport_flight", "airport_kiosk"] {
        for verb in ["INSERT", "UPDATE", "DELETE"] {
            let drop = format!("DROP TRIGGER spy_{table}_{verb}");
            plain.execute_unprepared(&drop).await.unwrap();
        }
    }
    plain
        .execute_unprepared("DROP TABLE audit_context")
        .await
        .unwrap();
    let db = AuditedConnection::new(plain.clone());
    let check = async |number: i32, expected: bool| {
        let tx = db.begin().await.unwrap();
        new_kiosk(&format!("kiosk {number}"))
            .insert(&tx)
            .await
            .unwrap();
        let result = new_flight(&format!("tx {number}")).insert(&tx).await;
        assert_eq!(result.is_ok(), expected);
        tx.execute_unprepared("DELETE FROM airport_kiosk")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        new_kiosk(&format!("kiosk {number}"))
            .insert(&db)
            .await
            .unwrap();
        db.execute_unprepared("DELETE FROM airport_kiosk")
            .await
            .unwrap();
        let result = new_flight(&format!("{number}")).insert(&db).await;
        assert_eq!(result.is_ok(), expected);
        if let Err(err) = result {
            let Some(Error::ContextTableMissing { entity, migration }) = Error::of(&err) else {
                panic!("{err}");
            };
            assert_eq!(entity, "airport_flight");
            let names: Vec<String> = sea_orm_audit_migration::migrations()
                .iter()
                .map(|migration| migration.name().to_owned())
                .collect();
            assert!(names.iter().any(|name| name == migration), "{names:?}");
        }
    };
    check(1, true).await;
    by("alice").scope(check(2, false)).await;
}
