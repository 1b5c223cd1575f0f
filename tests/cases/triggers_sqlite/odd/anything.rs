//! Anything in any column.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::select};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait, Value};
use sea_orm_audit::Values;
use serde_json::{Value as Json, json};

use super::{KINDS, table};
use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::install,
        server::{Server, TestDb},
        values::{for_any, text},
    },
};

pub fn cases() -> Vec<Case> {
    cases![anything_in_any_column_is_written_and_recorded,]
}

/// A value as SQLite keeps it.
#[derive(Clone, Debug)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    /// Bytes as text.
    Cast(Vec<u8>),
}

fn cell() -> impl Strategy<Value = Cell> {
    let looks_like = vec![
        "true",
        "0",
        "1.10",
        "-0",
        "1e400",
        "null",
        "{}",
        "[1,2",
        "{\"$json\":null}",
        "{\"$json\":{\"a\":1e999}}",
        "\"\\ud800\"",
        "[1e999]",
        "2026-02-29",
        "2026-02-28T10:00:00Z",
        "2026-02-28 10:00",
        "2026-02-28 10:00:60.5+05:30",
        "2026-02-30 10:00:00",
        "2026-02-28 10:00:00.1234567891",
        "2026-02-28 24:00",
        "23:59:60",
        "12:34:56.000000001",
        "12:34Z",
        "9999-12-31 23:59:59-23:59",
        "0000-01-01 00:00+23:59",
        "01905c5e-7b1a-7def-8abc-0123456789ab",
        "01905C5E7B1A7DEF8ABC0123456789AB",
        "10.0.0.1/8",
        "now",
        "inf",
        "nan",
        "2026-02-28 10:00\0:00",
    ];
    prop_oneof![
        1 => Just(Cell::Null),
        2 => prop_oneof![any::<i64>(), -3..3_i64, select(vec![i64::MIN, i64::MAX, 1_700_000_000])].prop_map(Cell::Integer),
        2 => any::<u64>().prop_map(|bits| Cell::Real(f64::from_bits(bits))),
        1 => select(vec![0.0, -0.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, 2_460_000.25, 1e-320]).prop_map(Cell::Real),
        2 => text(Server::Sqlite, 60).prop_map(Cell::Text),
        3 => select(looks_like).prop_map(|text| Cell::Text(text.to_owned())),
        1 => vec(any::<u8>(), 0..20).prop_map(Cell::Blob),
        1 => vec(any::<u8>(), 16).prop_map(Cell::Blob),
        2 => vec(prop_oneof![any::<u8>(), Just(0xE2), Just(0x82), Just(0xAC), Just(b'a')], 0..40).prop_map(Cell::Cast),
    ]
}

impl Cell {
    fn place(&self) -> &'static str {
        match self {
            Self::Cast(_) => "CAST(? AS TEXT)",
            _ => "?",
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Null => Value::BigInt(None),
            Self::Integer(number) => number.into(),
            Self::Real(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Blob(bytes) | Self::Cast(bytes) => bytes.into(),
        }
    }
}

async fn write(db: &impl ConnectionTrait, sql: String, cells: Vec<Cell>) {
    let values = cells.into_iter().map(Cell::value);
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, values);
    if let Err(err) = db.execute_raw(statement).await {
        panic!("{sql}: {err}");
    }
}

async fn anything_in_any_column_is_written_and_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    for (name, typed, values) in [
        ("typed", true, Values::Changed),
        ("untyped", false, Values::Changed),
        ("whole", false, Values::Full),
    ] {
        let table = table(&db, name, typed).await.values(values);
        install(&db, &table).await;
        let rows = (
            vec(cell(), KINDS.len()),
            vec((0..KINDS.len(), cell()), 1..4),
        );
        for_any(150, rows, async |(row, changes)| {
            let tx = db.begin().await.unwrap();
            let places: Vec<&str> = row.iter().map(Cell::place).collect();
            let insert = format!("INSERT INTO {name} VALUES (NULL, {})", places.join(", "));
            write(&tx, insert, row).await;
            for (at, cell) in changes {
                let (column, place) = (KINDS[at].0, cell.place());
                let update = format!(
                    "UPDATE {name} SET {column} = {place} WHERE id = (SELECT max(id) FROM {name})"
                );
                write(&tx, update, vec![cell]).await;
            }
            tx.commit().await.unwrap();
        });
        let rows = folded_by_kind(&db, name).await;
        compare_as_they_are(&db, name, &rows).await;
    }
}

/// The last value of each column; where a column has several texts of one value, an entry may begin with another one.
async fn folded_by_kind(db: &DatabaseConnection, table: &str) -> Vec<(String, Json)> {
    let mut rows = std::collections::BTreeMap::new();
    for entry in log(db)
        .await
        .into_iter()
        .filter(|entry| entry.entity == table)
    {
        let new = entry.new_values.unwrap();
        let row = rows.entry(entry.record_id).or_insert_with(|| json!({}));
        for (column, value) in new.as_object().unwrap() {
            row[column] = value.clone();
        }
    }
    rows.into_iter().collect()
}

/// Numbers, bytes and text in columns where each has one form only.
async fn compare_as_they_are(db: &DatabaseConnection, table: &str, rows: &[(String, Json)]) {
    for (id, row) in rows {
        for (column, _, _) in KINDS {
            let (json, name) = (&row[column], format!("{table} {id} {column}"));
            let sql =
                format!("SELECT typeof({column}) AS t, {column} AS v FROM {table} WHERE id = {id}");
            let statement = Statement::from_string(DbBackend::Sqlite, sql);
            let stored = db.query_one_raw(statement).await.unwrap().unwrap();
            let ty: String = stored.try_get("", "t").unwrap();
            let time = ["hour", "local", "moment"].contains(&column);
            match ty.as_str() {
                "null" => assert!(json.is_null(), "{name}: {json}"),
                "integer" if !time && !["yes", "price"].contains(&column) => {
                    let value: i64 = stored.try_get("", "v").unwrap();
                    assert!(
                        json.as_i64() == Some(value) || json.as_f64() == Some(value as f64),
                        "{name}: {json}"
                    );
                }
                "real" if !time && column != "price" => {
                    let value: f64 = stored.try_get("", "v").unwrap();
                    match json {
                        Json::String(text) => {
                            assert_eq!(text.parse::<f64>().unwrap(), value, "{name}")
                        }
                        json if column == "single" => {
                            assert_eq!(json.as_f64().unwrap() as f32, value as f32, "{name}");
                        }
                        // An integer that became this number is equal to it: no change, and its form stays.
                        Json::Bool(yes) if column == "yes" => {
                            assert_eq!(f64::from(*yes), value, "{name}");
                        }
                        json => assert_eq!(json.as_f64(), Some(value), "{name}: {json}"),
                    }
                }
                "blob" if column != "uuid" => {
                    let value: Vec<u8> = stored.try_get("", "v").unwrap();
                    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
                    assert_eq!(json, &json!(hex), "{name}");
                }
                "text" if ["name", "title", "number", "day", "ip"].contains(&column) => {
                    let bytes: Vec<u8> = stored.try_get("", "v").unwrap();
                    if let Ok(text) = String::from_utf8(bytes) {
                        assert_eq!(json, &json!(text), "{name}");
                    }
                }
                _ => {}
            }
        }
    }
}
