//! Columns that are not what is said of them, and names of every kind.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use crate::{
    cases,
    cases::triggers_mysql::{items, said},
    support::{
        case::Case,
        log::log,
        plain::{install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_kind_and_a_type_that_do_not_match,
        generated_columns,
        names_of_every_kind,
    ]
}

/// What an entity says of its columns need not be true; no write fails of it, and no value is lost.
async fn a_kind_and_a_type_that_do_not_match(test: Arc<TestDb>) {
    let db = items(&test).await;
    let kinds = [
        Kind::Bool,
        Kind::Integer,
        Kind::Float,
        Kind::Double,
        Kind::Decimal,
        Kind::Text,
        Kind::Bytes,
        Kind::Uuid,
        Kind::Json,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Timestamp,
        Kind::IpNetwork,
        Kind::MacAddress,
    ];
    let types = [
        ("INT", "-7", "8"),
        ("BIT(3)", "b'101'", "b'1'"),
        ("YEAR", "2024", "1999"),
        ("DECIMAL(8, 3)", "1.5", "-2"),
        ("FLOAT", "0.1", "1e-45"),
        ("DOUBLE", "0.1", "1e300"),
        ("VARCHAR(20)", "'é \"'", "'1e5'"),
        ("VARCHAR(20) CHARACTER SET latin1", "'é'", "''"),
        ("VARBINARY(20)", "0xFF00", "0x31"),
        ("BLOB", "0xFF", "'null'"),
        ("DATE", "'2024-02-29'", "'1000-01-01'"),
        ("TIME(3)", "'-1:02:03.004'", "'100:00:00'"),
        (
            "DATETIME(6)",
            "'2024-02-29 01:02:03.000004'",
            "'1000-01-01'",
        ),
        ("TIMESTAMP NULL", "'2024-02-29 01:02:03'", "'2000-01-01'"),
        ("ENUM('x', '\"')", "'x'", "'\"'"),
        ("JSON", "'{\"a\": 1}'", "'[]'"),
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let name = format!("t{number}");
        let columns: Vec<String> = types
            .iter()
            .enumerate()
            .map(|(at, (ty, ..))| format!("c{at} {ty}"))
            .collect();
        run(
            &db,
            &format!(
                "CREATE TABLE {name} (id INT PRIMARY KEY, {})",
                columns.join(", ")
            ),
        )
        .await;
        let table = (0..types.len()).fold(
            TriggerTable::named(&name).key("id", Kind::Integer),
            |table, at| table.column(format!("c{at}"), kind.clone()),
        );
        install(&db, &table).await;
        let first: Vec<&str> = types.iter().map(|(_, first, _)| *first).collect();
        run(
            &db,
            &format!("INSERT INTO {name} VALUES (1, {})", first.join(", ")),
        )
        .await;
        for (at, (ty, _, second)) in types.iter().enumerate() {
            run(&db, &format!("UPDATE {name} SET c{at} = {second}")).await;
            run(&db, &format!("UPDATE {name} SET c{at} = NULL")).await;
            let all = said(&db).await;
            let update = all.last().unwrap();
            let column = format!("c{at}");
            assert!(!update.3[&column].is_null(), "{kind:?} {ty}: {update:?}");
            assert!(update.4[&column].is_null(), "{kind:?} {ty}: {update:?}");
            // Both numbers are true.
            let changes = if kind == Kind::Bool && at < 6 { 1 } else { 2 };
            let created = usize::from(at == 0);
            assert_eq!(all.len(), changes + created, "{kind:?} {ty}: {all:?}");
        }
        run(&db, &format!("DELETE FROM {name}")).await;
        said(&db).await;
    }
}

async fn generated_columns(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE gen (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, s INT AS (a * 3) STORED)",
    )
    .await;
    let gen_table = ["a", "v", "s"].iter().fold(
        TriggerTable::named("gen").key("id", Kind::Integer),
        |table, name| table.column(*name, Kind::Integer),
    );
    install(&db, &gen_table).await;
    run(&db, "INSERT INTO gen (id, a) VALUES (1, 5)").await;
    run(&db, "UPDATE gen SET a = 6").await;
    run(&db, "DELETE FROM gen").await;
    let all = said(&db).await;
    assert_eq!(all[0].4, json!({"id": 1, "a": 5, "v": 10, "s": 15}));
    assert_eq!(all[1].3, json!({"a": 5, "v": 10, "s": 15}));
    assert_eq!(all[1].4, json!({"a": 6, "v": 12, "s": 18}));
    assert_eq!(all[2].3, json!({"id": 1, "a": 6, "v": 12, "s": 18}));
}

async fn names_of_every_kind(test: Arc<TestDb>) {
    let db = items(&test).await;
    for name in [
        "select",
        "with space",
        "quote's",
        "back`tick",
        "double\"quote",
        "back\\slash",
        "percent%_",
        "käse",
        "テーブル",
        "-- comment",
        "a;b",
        "{json}",
        &"x".repeat(64),
        &"ä".repeat(64),
    ] {
        let quoted = format!("`{}`", name.replace('`', "``"));
        run(
            &db,
            &format!("CREATE TABLE {quoted} (`group` INT PRIMARY KEY, {quoted} TEXT)"),
        )
        .await;
        let table = TriggerTable::named(name)
            .key("group", Kind::Integer)
            .column(name, Kind::Text);
        install(&db, &table).await;
        run(&db, &format!("INSERT INTO {quoted} VALUES (1, 'a')")).await;
        run(&db, &format!("UPDATE {quoted} SET {quoted} = 'b'")).await;
        run(&db, &format!("DELETE FROM {quoted}")).await;
        let entries = log(&db).await;
        assert!(entries.iter().all(|entry| entry.entity == name), "{name}");
        let all = said(&db).await;
        assert_eq!(all[1].3, json!({ name: "a" }), "{name}");
        assert_eq!(all[2].3, json!({ "group": 1, name: "b" }), "{name}");
        install(&db, &table).await;
    }
}
