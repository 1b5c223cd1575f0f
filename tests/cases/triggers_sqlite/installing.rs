//! Triggers come and go as a whole, on tables of every sort.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, TransactionTrait};
use sea_orm_audit_migration::{
    CreateTriggerSupport,
    triggers::{self, Error, Kind, TriggerTable},
};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        fold::fold_by_value,
        log::{log, trail},
        plain::{count, install, not_installed, one, refused, run},
        server::TestDb,
        shop::product,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        up_down_and_up_again,
        an_install_that_finds_what_it_wants_touches_nothing,
        an_install_within_a_transaction_is_part_of_it,
        what_cannot_be_recorded_is_refused_in_words,
        an_install_that_fails_leaves_what_was_there,
        tables_of_every_sort_are_recorded,
        odd_names_are_recorded,
        a_composite_key_is_an_array,
        a_wide_table_is_recorded,
        a_table_of_another_schema_file_has_its_own_log,
        columns_come_and_go_and_writes_go_on,
        a_table_that_is_dropped_takes_its_triggers_along,
        triggers_of_somebody_else_stay,
    ]
}

/// That an error is this one of ours.
macro_rules! assert_ours {
    ($err:expr, $pattern:pat $(if $guard:expr)?) => {{
        let err = $err;
        let ours = Error::of(&err);
        assert!(matches!(ours, Some($pattern) $(if $guard)?), "{err:?}");
    }};
}

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
}

async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, more TEXT)",
    )
    .await;
    db
}

async fn triggers_there(db: &DatabaseConnection) -> i64 {
    count(
        db,
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
    )
    .await
}

async fn drop_of(db: &DatabaseConnection, table: &TriggerTable) {
    table.drop(&SchemaManager::new(db)).await.unwrap();
}

async fn up_down_and_up_again(test: Arc<TestDb>) {
    let db = test.connect().await;
    crate::support::shop::create_table(&db, product::Entity).await;
    let manager = SchemaManager::new(&db);
    let insert = "INSERT INTO product (name, price) VALUES (hex(randomblob(8)), 1)";
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    triggers::install::<product::Entity>(&manager)
        .await
        .unwrap();
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, insert).await;
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    assert_eq!(triggers_there(&db).await, 0);
    run(&db, insert).await;
    triggers::install::<product::Entity>(&manager)
        .await
        .unwrap();
    run(&db, insert).await;
    assert_eq!(trail(&db).await, ["create product 1", "create product 3"]);
    drop_of(&db, &TriggerTable::named("no such table")).await;
    drop_of(&db, &TriggerTable::named("nowhere.product")).await;
}

async fn an_install_that_finds_what_it_wants_touches_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    let version = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    install(&db, &item()).await;
    install(
        &db,
        &TriggerTable::named("ITEM")
            .key("id", Kind::Integer)
            .column("name", Kind::Text),
    )
    .await;
    let second = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    install(&db, &item()).await;
    install(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 3);
    let third = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    assert!(version < second && second < third);
    install(&db, &item()).await;
    assert_eq!(
        count(&db, "SELECT schema_version FROM pragma_schema_version").await,
        third
    );
    install(&db, &item().column("more", Kind::Text)).await;
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    assert_eq!(
        log(&db).await[0].new_values,
        Some(json!({"id": 1, "name": "a", "more": "b"}))
    );
}

async fn an_install_within_a_transaction_is_part_of_it(test: Arc<TestDb>) {
    let db = open(&test).await;
    let tx = db.begin().await.unwrap();
    item().install(&SchemaManager::new(&tx)).await.unwrap();
    run(&tx, "INSERT INTO item (id) VALUES (1)").await;
    tx.rollback().await.unwrap();
    assert_eq!(triggers_there(&db).await, 0);
    let tx = db.begin().await.unwrap();
    item().install(&SchemaManager::new(&tx)).await.unwrap();
    let err = TriggerTable::named("none")
        .key("id", Kind::Integer)
        .install(&SchemaManager::new(&tx))
        .await;
    assert_ours!(err.unwrap_err(), Error::TableMissing { .. });
    tx.commit().await.unwrap();
    assert_eq!(triggers_there(&db).await, 3);
}

async fn what_cannot_be_recorded_is_refused_in_words(test: Arc<TestDb>) {
    let db = open(&test).await;
    for sql in [
        "CREATE VIEW seen AS SELECT * FROM item",
        "CREATE VIRTUAL TABLE words USING fts5(id, name)",
        "CREATE TABLE loose (id INTEGER, name TEXT)",
        "CREATE UNIQUE INDEX some ON loose (id) WHERE id > 0",
        "CREATE UNIQUE INDEX computed ON loose (id, abs(id))",
        "CREATE TABLE joint (id INTEGER, name TEXT, PRIMARY KEY (id, name))",
        "CREATE TABLE taken (id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER audit_insert_taken AFTER INSERT ON item BEGIN SELECT 1; END",
    ] {
        run(&db, sql).await;
    }
    let of = |name: &str| TriggerTable::named(name).key("id", Kind::Integer);
    let is = |actual: &str, expected: &str| actual == expected;
    let err = async |table: TriggerTable| not_installed(&db, &table).await;
    assert_ours!(err(of("none")).await, Error::TableMissing { table } if is(table, "none"));
    assert_ours!(err(of("elsewhere.item")).await, Error::TableMissing { .. });
    assert_ours!(err(of("seen")).await, Error::NotATable { what, .. } if is(what, "a view"));
    assert_ours!(err(of("words")).await, Error::NotATable { what, .. } if is(what, "a virtual table"));
    assert_ours!(err(of("words_data")).await, Error::NotATable { what, .. } if is(what, "a shadow table"));
    assert_ours!(err(of("item").log("none")).await, Error::LogMissing { log, .. } if is(log, "none"));
    assert_ours!(err(of("item").column("x", Kind::Text)).await, Error::ColumnMissing { column, .. } if is(column, "x"));
    assert_ours!(err(of("loose")).await, Error::NoKey { .. });
    assert_ours!(err(of("joint")).await, Error::NoKey { .. });
    assert_ours!(err(of("taken")).await, Error::Unsupported { .. });
    assert_ours!(err(of("temp.item")).await, Error::TableMissing { .. });
    install(&db, &of("joint").key("name", Kind::Text)).await;
    run(&db, "CREATE UNIQUE INDEX every ON loose (id)").await;
    install(&db, &of("loose").column("name", Kind::Text)).await;
    assert_eq!(
        Error::of(&err(of("seen")).await).unwrap().to_string(),
        "`seen` is a view, and only a table can have these triggers"
    );
    drop_of(&db, &of("joint")).await;
    drop_of(&db, &of("loose")).await;
    CreateTriggerSupport
        .down(&SchemaManager::new(&db))
        .await
        .unwrap();
    assert_ours!(err(of("item")).await, Error::SupportMissing { migration } if is(migration, "audit_m0002_create_trigger_support"));
}

async fn an_install_that_fails_leaves_what_was_there(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "ALTER TABLE audit_log RENAME COLUMN context TO other").await;
    let before = count(&db, "SELECT sum(length(sql)) FROM sqlite_master").await;
    let err = not_installed(&db, &item().column("more", Kind::Text)).await;
    assert!(err.to_string().contains("context"), "{err}");
    assert_eq!(
        count(&db, "SELECT sum(length(sql)) FROM sqlite_master").await,
        before
    );
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 1);
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

async fn columns_come_and_go_and_writes_go_on(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    for sql in [
        "ALTER TABLE item ADD COLUMN later TEXT DEFAULT 'x'",
        "UPDATE item SET name = 'b', later = 'y'",
        "ALTER TABLE item DROP COLUMN more",
        "UPDATE item SET name = 'c'",
        "ALTER TABLE item RENAME COLUMN name TO title",
        "UPDATE item SET title = 'd'",
        "ALTER TABLE item RENAME TO thing",
        "UPDATE thing SET title = 'e'",
        "INSERT INTO thing (title) VALUES ('f')",
        "DELETE FROM thing WHERE id = 2",
    ] {
        run(&db, sql).await;
    }
    // SQLite itself keeps a column that a trigger names.
    let err = refused(&db, "ALTER TABLE thing DROP COLUMN title").await;
    assert!(err.contains("error in trigger"), "{err}");
    assert_eq!(fold_by_value(&db, "item").await["1"]["name"], "e");
    let thing = TriggerTable::named("thing")
        .key("id", Kind::Integer)
        .column("title", Kind::Text);
    install(&db, &thing).await;
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, "UPDATE thing SET title = 'g'").await;
    assert_eq!(
        log(&db).await.pop().unwrap().new_values,
        Some(json!({"title": "g"}))
    );
}

async fn a_table_that_is_dropped_takes_its_triggers_along(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    run(&db, "DROP TABLE item").await;
    assert_eq!(triggers_there(&db).await, 0);
    assert_eq!(trail(&db).await, ["create item 1"]);
}

async fn triggers_of_somebody_else_stay(test: Arc<TestDb>) {
    let db = open(&test).await;
    run(
        &db,
        "CREATE TRIGGER audit_insert_mine AFTER INSERT ON item BEGIN SELECT 1; END",
    )
    .await;
    install(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 4);
    drop_of(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 1);
}
