//! Tables of every sort.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Error, Kind, TriggerTable};
use serde_json::json;

use super::{assert_ours, drop_of, triggers_there};
use crate::{
    cases,
    support::{
        case::Case,
        fold::fold_by_value,
        log::log,
        plain::{count, install, not_installed, one, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        tables_of_every_sort_are_recorded,
        odd_names_are_recorded,
        a_composite_key_is_an_array,
        a_wide_table_is_recorded,
        a_table_of_another_schema_file_has_its_own_log,
    ]
}

async fn tables_of_every_sort_are_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    for (at, columns) in [
        "(id INTEGER PRIMARY KEY, name TEXT)",
        "(id INTEGER PRIMARY KEY DESC, name TEXT)",
        "(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)",
        "(id INT PRIMARY KEY, name TEXT) WITHOUT ROWID",
        "(id INT PRIMARY KEY, name TEXT) STRICT",
        "(id ANY PRIMARY KEY, name ANY) STRICT, WITHOUT ROWID",
        "(id UNIQUE, name)",
        "(first TEXT, id INTEGER PRIMARY KEY, name TEXT AS (first) VIRTUAL)",
        "(first TEXT, id INTEGER PRIMARY KEY, name TEXT AS (first || '') STORED)",
    ]
    .into_iter()
    .enumerate()
    {
        let table = format!("t{at}");
        run(&db, &format!("CREATE TABLE {table} {columns}")).await;
        let description = TriggerTable::named(&table)
            .key("id", Kind::Integer)
            .column("name", Kind::Text);
        install(&db, &description).await;
        let name = if columns.contains("first") {
            "first"
        } else {
            "name"
        };
        for sql in [
            format!("INSERT INTO {table} (id, {name}) VALUES (1, 'a'), (2, 'b'), (3, 'c')"),
            format!("UPDATE {table} SET {name} = {name} || '!' WHERE id < 3"),
            format!("UPDATE {table} SET id = id + 10 WHERE id > 1"),
            format!("DELETE FROM {table} WHERE id = 1"),
        ] {
            run(&db, &sql).await;
        }
        let rows: Vec<_> = fold_by_value(&db, &table).await.into_iter().collect();
        let expected = [
            ("12", json!({"id": 12, "name": "b!"})),
            ("13", json!({"id": 13, "name": "c"})),
        ];
        for ((key, row), (expected_key, expected)) in rows.iter().zip(&expected) {
            assert_eq!(
                (key.as_str(), json!(row)),
                (*expected_key, expected.clone()),
                "{columns}"
            );
        }
        assert_eq!(rows.len(), 2, "{columns}");
    }
}

async fn odd_names_are_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    let names = [
        "a\"b",
        "it's",
        "select",
        "two words",
        "naïve 表",
        "v",
        "r",
        "new",
        "--",
        "a\nb",
        "[x]",
        "$1 ?",
    ];
    for table in names {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let columns: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        run(
            &db,
            &format!(
                "CREATE TABLE {} (\"the key\" TEXT PRIMARY KEY, {})",
                quoted(table),
                columns.join(", ")
            ),
        )
        .await;
        let mut description = TriggerTable::named(table).key("the key", Kind::Text);
        for name in names {
            description = description.column(name, Kind::Text);
        }
        install(&db, &description).await;
        install(&db, &description).await;
        run(
            &db,
            &format!(
                "INSERT INTO {} (\"the key\", {}) VALUES ('k', 'x')",
                quoted(table),
                quoted(table)
            ),
        )
        .await;
        run(
            &db,
            &format!(
                "UPDATE {} SET {} = 'y'",
                quoted(table),
                columns.join(" = 'y', ")
            ),
        )
        .await;
        let entry = log(&db).await.pop().unwrap();
        assert_eq!(entry.entity, table);
        assert_eq!(entry.new_values.unwrap()[names[11]], "y");
        let rows = fold_by_value(&db, table).await;
        assert_eq!(rows["k"].len(), names.len() + 1);
        drop_of(&db, &description).await;
    }
    assert_eq!(triggers_there(&db).await, 0);
}

async fn a_composite_key_is_an_array(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE k (a TEXT, b INTEGER, c REAL, d BLOB, e BOOLEAN, PRIMARY KEY (b, a, c, d, e))",
    )
    .await;
    let table = TriggerTable::named("k")
        .key("a", Kind::Text)
        .key("b", Kind::Integer)
        .key("c", Kind::Decimal)
        .key("d", Kind::Uuid)
        .key("e", Kind::Bool);
    install(&db, &table).await;
    run(
        &db,
        "INSERT INTO k VALUES ('a\"\\' || char(10, 1, 233), -7, 1.50, x'01905c5e7b1a7def8abc0123456789ab', 1)",
    )
    .await;
    run(&db, "INSERT INTO k VALUES (NULL, 1, 2.0, x'00', NULL)").await;
    let entries = log(&db).await;
    let expected = json!([
        "a\"\\\n\u{1}é",
        -7,
        "1.5",
        "01905c5e-7b1a-7def-8abc-0123456789ab",
        true
    ]);
    assert_eq!(entries[0].record_id, expected.to_string());
    assert_eq!(entries[1].record_id, "[null,1,\"2\",\"00\",null]");
    run(&db, "UPDATE k SET b = b + 1 WHERE a IS NULL").await;
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(entry.record_id, "[null,2,\"2\",\"00\",null]");
    assert_eq!(
        entry.old_record_id.as_deref(),
        Some("[null,1,\"2\",\"00\",null]")
    );

    run(&db, "CREATE TABLE one (id PRIMARY KEY, name TEXT)").await;
    let kinds = [
        (Kind::Integer, "7", "7"),
        (Kind::Bool, "1", "true"),
        (Kind::Decimal, "1.10", "1.1"),
        (Kind::Decimal, "'2.50'", "2.5"),
        (Kind::Double, "1e22", "1e22"),
        (Kind::Double, "1.5e-7", "1.5e-7"),
        (Kind::Bytes, "x'0aff'", "0aff"),
        (
            Kind::Timestamp,
            "'2026-01-01 00:00:00+01:00'",
            "2025-12-31T23:00:00.000000Z",
        ),
        (Kind::Text, "'\"a\"'", "\"a\""),
        (Kind::Text, "NULL", ""),
    ];
    for (kind, value, key) in kinds {
        install(&db, &TriggerTable::named("one").key("id", kind)).await;
        run(&db, &format!("INSERT INTO one VALUES ({value}, 'a')")).await;
        assert_eq!(log(&db).await.pop().unwrap().record_id, key, "{value}");
    }
}

async fn a_wide_table_is_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    let mut table = TriggerTable::named("wide").key("id", Kind::Integer);
    let mut columns = String::new();
    let kinds = [
        Kind::Text,
        Kind::Timestamp,
        Kind::Json,
        Kind::Double,
        Kind::Uuid,
        Kind::Decimal,
    ];
    for (at, kind) in kinds.iter().cycle().take(300).enumerate() {
        columns.push_str(&format!(", c{at}"));
        table = table.column(format!("c{at}"), kind.clone());
    }
    run(
        &db,
        &format!("CREATE TABLE wide (id INTEGER PRIMARY KEY{columns})"),
    )
    .await;
    install(&db, &table).await;
    run(&db, "INSERT INTO wide (id, c0, c299) VALUES (1, 'a', 1.5)").await;
    run(
        &db,
        "UPDATE wide SET c0 = 'b', c1 = '2026-01-01 00:00', c2 = '[1]'",
    )
    .await;
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(
        entry.new_values,
        Some(json!({"c0": "b", "c1": "2026-01-01T00:00:00.000000Z", "c2": [1]}))
    );
    assert_eq!(fold_by_value(&db, "wide").await["1"].len(), 301);
}

async fn a_table_of_another_schema_file_has_its_own_log(test: Arc<TestDb>) {
    let db = test.pool(1).await;
    <sea_orm_audit_migration::Migrator as sea_orm_migration::MigratorTrait>::up(&db, None)
        .await
        .unwrap();
    run(&db, "ATTACH ':memory:' AS \"other file\"").await;
    run(
        &db,
        "CREATE TABLE \"other file\".item (id INTEGER PRIMARY KEY, name TEXT)",
    )
    .await;
    let table = || {
        TriggerTable::named("other file.item")
            .key("id", Kind::Integer)
            .column("name", Kind::Text)
    };
    assert_ours!(not_installed(&db, &table()).await, Error::Unsupported { reason, .. } if reason.contains("another schema file"));
    let own = || table().log("other file.audit_log");
    assert_ours!(not_installed(&db, &own()).await, Error::LogMissing { .. });
    let log_of_main =
        "SELECT replace(sql, 'audit_log', 'x') AS s FROM sqlite_master WHERE name = 'audit_log'";
    assert!(count(&db, &format!("SELECT length(s) FROM ({log_of_main})")).await > 0);
    let sql = one(
        &db,
        "SELECT 'CREATE TABLE \"other file\".' || substr(sql, instr(sql, '\"audit_log\"')) \
         FROM sqlite_master WHERE name = 'audit_log'",
    )
    .await;
    run(&db, &sql).await;
    assert_ours!(not_installed(&db, &own()).await, Error::Unsupported { reason, .. } if reason.contains("audit_context"));
    run(
        &db,
        "CREATE TABLE \"other file\".audit_context (id INTEGER PRIMARY KEY, actor TEXT, correlation_id TEXT, context TEXT)",
    )
    .await;
    install(&db, &own()).await;
    run(&db, "INSERT INTO \"other file\".item VALUES (1, 'a')").await;
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM \"other file\".audit_log WHERE entity = 'other file.item'"
        )
        .await,
        1
    );
    assert_eq!(log(&db).await.len(), 0);
    drop_of(&db, &own()).await;
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM \"other file\".sqlite_master WHERE type = 'trigger'"
        )
        .await,
        0
    );
}
