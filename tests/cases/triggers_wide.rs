//! Tables of as many columns as a server knows.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::Value as Json;

use crate::{
    cases,
    support::{
        case::Case,
        log::{log, trail},
        plain::run,
        server::{Server, TestDb},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        as_many_columns_as_the_server_knows_are_recorded,
        as_many_columns_of_many_kinds_are_recorded,
    ]
}

/// Near the limits: 1,600 on PostgreSQL, 1,017 of InnoDB, 2,000 on SQLite as it comes.
fn columns(server: Server) -> usize {
    match server {
        Server::Postgres => 1_500,
        Server::MySql => 1_000,
        Server::Sqlite => 1_900,
    }
}

async fn as_many_columns_as_the_server_knows_are_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    let count = columns(test.server);
    let names: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
    let each = |what: &str| {
        let all: Vec<String> = names.iter().map(|name| format!("{name}{what}")).collect();
        all.join(", ")
    };
    run(
        &db,
        &format!(
            "CREATE TABLE wide (id integer PRIMARY KEY, {})",
            each(" smallint")
        ),
    )
    .await;
    let table = names.iter().fold(
        TriggerTable::named("wide").key("id", Kind::Integer),
        |table, name| table.column(name, Kind::Integer),
    );
    table.install(&SchemaManager::new(&db)).await.unwrap();

    let values: Vec<String> = (0..count).map(|at| (at % 7).to_string()).collect();
    run(
        &db,
        &format!("INSERT INTO wide VALUES (1, {})", values.join(", ")),
    )
    .await;
    run(&db, "UPDATE wide SET c0 = -1, c900 = NULL").await;
    run(&db, &format!("UPDATE wide SET {}", each(" = -2"))).await;
    run(&db, "UPDATE wide SET id = 2").await;
    run(&db, "DELETE FROM wide").await;

    assert_eq!(
        trail(&db).await,
        [
            "create wide 1",
            "update wide 1",
            "update wide 1",
            "update wide 2",
            "delete wide 2"
        ]
    );
    let entries = log(&db).await;
    let new = |entry: usize| entries[entry].new_values.as_ref().unwrap();
    assert_eq!(new(0).as_object().unwrap().len(), count + 1);
    for (at, name) in names.iter().enumerate() {
        assert_eq!(new(0)[name], at % 7, "{name}");
    }
    assert_eq!(new(1), &serde_json::json!({"c0": -1, "c900": null}));
    assert_eq!(new(2).as_object().unwrap().len(), count);
    assert_eq!(new(3), &serde_json::json!({"id": 2}));
    let last = entries[4].old_values.as_ref().and_then(Json::as_object);
    assert!(last.unwrap().iter().all(|(name, value)| if name == "id" {
        value == 2
    } else {
        value == -2
    }));
}

async fn as_many_columns_of_many_kinds_are_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    let count = columns(test.server);
    // Of InnoDB's, the fixed parts of all columns are to fit into a page.
    let kinds: &[(Kind, &str)] = match test.server {
        Server::Postgres => &[
            (Kind::Timestamp, "timestamptz"),
            (Kind::Double, "double precision"),
            (Kind::Decimal, "numeric"),
            (Kind::Uuid, "uuid"),
            (Kind::Json, "jsonb"),
            (Kind::Text, "text"),
        ],
        Server::MySql => &[
            (Kind::Timestamp, "timestamp(6) NULL"),
            (Kind::Double, "double"),
            (Kind::Decimal, "decimal(8, 2)"),
            (Kind::Date, "date"),
            (Kind::Bytes, "varbinary(5)"),
            (Kind::Text, "varchar(5) CHARACTER SET ascii"),
        ],
        Server::Sqlite => &[
            (Kind::Timestamp, "timestamp_with_timezone_text"),
            (Kind::Double, "double"),
            (Kind::Decimal, "real"),
            (Kind::Uuid, "uuid_text"),
            (Kind::Json, "json_text"),
            (Kind::Text, "varchar"),
        ],
    };
    let of = |at: usize| &kinds[at % kinds.len()];
    let columns: Vec<String> = (0..count).map(|at| format!("c{at} {}", of(at).1)).collect();
    run(
        &db,
        &format!(
            "CREATE TABLE wide (id integer PRIMARY KEY, {})",
            columns.join(", ")
        ),
    )
    .await;
    let table = (0..count).fold(
        TriggerTable::named("wide").key("id", Kind::Integer),
        |table, at| table.column(format!("c{at}"), of(at).0.clone()),
    );
    table.install(&SchemaManager::new(&db)).await.unwrap();
    run(
        &db,
        "INSERT INTO wide (id, c0, c1) VALUES (1, '2026-01-02 03:04:05', 1.5)",
    )
    .await;
    run(&db, "UPDATE wide SET c1 = 2.5, c5 = 'e'").await;
    run(&db, "DELETE FROM wide").await;
    let entries = log(&db).await;
    let new = entries[0].new_values.as_ref().unwrap();
    assert_eq!(new.as_object().unwrap().len(), count + 1);
    assert_eq!(new["c0"], "2026-01-02T03:04:05.000000Z");
    assert_eq!(new["c2"], Json::Null);
    assert_eq!(
        entries[1].new_values,
        Some(serde_json::json!({"c1": 2.5, "c5": "e"}))
    );
    let old = entries[2].old_values.as_ref().unwrap();
    assert_eq!(old.as_object().unwrap().len(), count + 1);
}
