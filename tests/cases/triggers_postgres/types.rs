//! Columns of every type that the server knows, and of types made from them.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::Value as Json;

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![a_column_of_any_type_is_recorded_and_breaks_no_write]
}

/// One or the other of these is read by each type that can be written at all.
const LITERALS: [&str; 44] = [
    "1",
    "2",
    "a",
    "b",
    "t",
    "f",
    "-1.50",
    "NaN",
    "Infinity",
    "\\x00ff",
    "101",
    "2026-02-28",
    "infinity",
    "0044-03-15 BC",
    "12:34:56.5",
    "12:34:56.5+02",
    "1 year 2 days 03:04:05",
    "-1 day",
    "2026-02-28 10:00:00.123456+05:30",
    "10.0.0.1/8",
    "::1",
    "08:00:2b:01:02:03",
    "08:00:2b:01:02:03:04:05",
    "01905c5e-7b1a-7def-8abc-0123456789ab",
    "{}",
    "{\"a\": [1, 1e400], \"$json\": null}",
    "null",
    "<a>1</a>",
    "(1,2)",
    "((1,2),(3,4))",
    "<(1,2),3>",
    "{1,2,3}",
    "[1,5)",
    "empty",
    "{[1,2),[5,7)}",
    "[2026-01-01,2026-02-01)",
    "{[2026-01-01,2026-02-01)}",
    "16/B374D848",
    "10:20:10,14,15",
    "(0,1)",
    "'fat' & 'rat'",
    "{NULL,1}",
    "(1,\"{\"\"a\"\": null}\")",
    "=r/postgres",
];

/// The names of all types of which a column can be.
async fn types(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT format_type(t.oid, NULL) AS name FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid \
               LEFT JOIN pg_type e ON e.oid = t.typelem LEFT JOIN pg_class ec ON ec.oid = e.typrelid \
               WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm', 'c') AND (c.oid IS NULL OR c.relkind = 'c') \
               AND (ec.oid IS NULL OR ec.relkind = 'c') AND NOT (t.typlen = -1 AND e.typtype = 'p') \
               AND t.typnamespace IN ('pg_catalog'::regnamespace, 'public'::regnamespace) ORDER BY t.oid";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect()
}

async fn a_column_of_any_type_is_recorded_and_breaks_no_write(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN small AS integer CHECK (VALUE < 10); CREATE DOMAIN smaller AS small; \
         CREATE DOMAIN smalls AS small[]; CREATE TYPE pair AS (one integer, two json); CREATE DOMAIN docs AS jsonb[]; \
         CREATE TYPE moods AS RANGE (subtype = mood)",
    )
    .await;
    let mut columns: Vec<(String, Vec<&str>)> = Vec::new();
    for name in types(&db).await {
        let mut literals = Vec::new();
        for literal in LITERALS {
            let sql = format!("SELECT $audit${literal}$audit$::{name}");
            if try_run(&db, &sql).await.is_ok() {
                literals.push(literal);
            }
        }
        // Types like pg_node_tree are never written.
        if !literals.is_empty() {
            columns.push((name, literals));
        }
    }
    assert!(columns.len() > 120, "{}", columns.len());

    let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
    let typed: Vec<String> = names
        .iter()
        .zip(&columns)
        .map(|(name, (ty, _))| format!("{name} {ty}"))
        .collect();
    run(
        &db,
        &format!(
            "CREATE TABLE item (id integer PRIMARY KEY, {})",
            typed.join(", ")
        ),
    )
    .await;
    let table = names.iter().fold(
        TriggerTable::named("item").key("id", Kind::Integer),
        |table, name| table.column(name, Kind::Text),
    );
    install(&db, &table).await;

    run(&db, "INSERT INTO item (id) VALUES (1)").await;
    let rounds = columns.iter().map(|(_, literals)| literals.len()).max();
    for round in 0..rounds.unwrap() {
        let sets: Vec<String> = names
            .iter()
            .zip(&columns)
            .map(|(name, (ty, literals))| {
                let literal = literals[round % literals.len()];
                format!("{name} = $audit${literal}$audit$::{ty}")
            })
            .collect();
        run(&db, &format!("UPDATE item SET {}", sets.join(", "))).await;
        // What is the same is no change, whatever its type.
        let before = log(&db).await.len();
        run(&db, "UPDATE item SET id = id").await;
        run(&db, &format!("UPDATE item SET {}", sets.join(", "))).await;
        let entries = log(&db).await;
        assert_eq!(entries.len(), before, "{:?}", entries.last());
        run(
            &db,
            &format!(
                "INSERT INTO item SELECT {round} + 2, {} FROM item WHERE id = 1",
                names.join(", ")
            ),
        )
        .await;
    }
    run(&db, "DELETE FROM item WHERE id > 1").await;
    run(&db, "UPDATE item SET id = 0").await;

    // Each column's text tells its values apart.
    let entries = log(&db).await;
    let first = entries.iter().filter(|entry| entry.record_id == "1");
    for (name, (ty, literals)) in names.iter().zip(&columns) {
        let mut seen: Vec<&Json> = first
            .clone()
            .filter_map(|entry| entry.new_values.as_ref()?.get(name))
            .collect();
        assert!(seen[0].is_null(), "{ty}: {seen:?}");
        if literals.len() > 1 {
            seen.retain(|value| !value.is_null());
            assert!(
                seen.windows(2).all(|pair| pair[0] != pair[1]),
                "{ty}: {seen:?}"
            );
        }
    }
}
