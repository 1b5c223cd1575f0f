//! What is refused before the statement, and what is left as it is.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, Set, StreamTrait, TransactionSession, TransactionTrait, Unchanged,
    entity::prelude::*, sea_query::Query,
};
use sea_orm_audit::{Audited, AuditedConnection, Error};

use super::{by, nothing_is_left};
use crate::{
    cases,
    support::{
        airport::{airport, crew, flight, new_crew, new_flight, new_kiosk, who},
        case::Case,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        a_required_actor_is_asked_for_before_the_statement,
        a_context_that_is_too_long_is_refused_before_the_statement,
        errors_stay_as_they_are,
    ];
    let only = cases![what_cannot_be_in_a_transaction_runs_without_one];
    cases.extend(
        only.into_iter()
            .map(|case| case.only_on(&[Server::Sqlite, Server::Postgres])),
    );
    let only = cases![without_its_table_only_what_needs_the_context_is_refused];
    cases.extend(only.into_iter().map(|case| case.only_on(&[Server::Sqlite])));
    cases
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
