//! Whatever writes the table, the entries add up to it.

use std::sync::Arc;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, TransactionTrait};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        faults::{allow_entries, refuse_entries},
        fold::{Row, fold_by_value},
        log::{log, trail},
        plain::{count, install, refused, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_trigger_that_changes_the_row_again_comes_after_ours,
        a_trigger_that_came_later_comes_after_ours_once_they_are_installed_again,
        replaced_rows_are_recorded_where_triggers_are_recursive,
        cascades_are_recorded,
        statements_over_many_rows_are_recorded_row_by_row,
        a_key_that_changes_is_one_update,
        what_is_rolled_back_leaves_nothing,
        a_log_that_takes_no_entry_fails_the_write,
        a_refused_entry_is_never_ignored,
    ]
}

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("version", Kind::Integer)
}

async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, version INTEGER)",
    )
    .await;
    db
}

/// That the entries add up to what is in the table.
async fn folds(db: &DatabaseConnection) {
    assert_eq!(folded(db).await, there(db).await);
}

async fn folded(db: &DatabaseConnection) -> Vec<Row> {
    let mut rows: Vec<Row> = fold_by_value(db, "item").await.into_values().collect();
    rows.sort_by_key(|row| row["id"].as_i64());
    rows
}

async fn there(db: &DatabaseConnection) -> Vec<Row> {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    let sql = "SELECT json_object('id', id, 'name', name, 'version', version) AS row FROM item ORDER BY id";
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await;
    let row = |row: &sea_orm::QueryResult| -> Row {
        let text: String = row.try_get("", "row").unwrap();
        serde_json::from_str(&text).unwrap()
    };
    rows.unwrap().iter().map(row).collect()
}

const TOUCH: &str = "CREATE TRIGGER touch AFTER UPDATE OF name ON item BEGIN \
     UPDATE item SET version = version + 1 WHERE id = NEW.id; END";
const FILL: &str = "CREATE TRIGGER fill AFTER INSERT ON item BEGIN \
     UPDATE item SET version = 1 WHERE id = NEW.id; END";

async fn a_trigger_that_changes_the_row_again_comes_after_ours(test: Arc<TestDb>) {
    let db = open(&test).await;
    run(&db, TOUCH).await;
    run(&db, FILL).await;
    install(&db, &item()).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', NULL), (2, 'b', NULL)",
    )
    .await;
    run(&db, "UPDATE item SET name = name || '!'").await;
    run(&db, "DELETE FROM item WHERE id = 2").await;
    assert_eq!(
        trail(&db).await,
        [
            "create item 1",
            "update item 1",
            "create item 2",
            "update item 2",
            "update item 1",
            "update item 1",
            "update item 2",
            "update item 2",
            "delete item 2",
        ]
    );
    folds(&db).await;
    // The order is that of the file, not of this connection's memory.
    let again = test.pool(1).await;
    run(&again, "UPDATE item SET name = 'c'").await;
    folds(&db).await;
}

async fn a_trigger_that_came_later_comes_after_ours_once_they_are_installed_again(
    test: Arc<TestDb>,
) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, TOUCH).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 0)").await;
    run(&db, "UPDATE item SET name = 'b'").await;
    folds(&db).await;
    assert_eq!(log(&db).await[1].new_values, Some(json!({"name": "b"})));
}

async fn replaced_rows_are_recorded_where_triggers_are_recursive(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    let replace = [
        "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)",
        "INSERT OR REPLACE INTO item VALUES (1, 'd', 2)",
        "REPLACE INTO item VALUES (4, 'b', 2)",
        "UPDATE OR REPLACE item SET name = 'd' WHERE id = 3",
    ];
    let mut options = ConnectOptions::new(test.url());
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.pragma("recursive_triggers", "ON"));
    let recursive = Database::connect(options).await.unwrap();
    for sql in replace {
        run(&recursive, sql).await;
        folds(&db).await;
    }
    assert_eq!(
        trail(&db).await[3..],
        [
            "delete item 1",
            "create item 1",
            "delete item 2",
            "create item 4",
            "delete item 1",
            "update item 3",
        ]
    );
    recursive.close().await.unwrap();

    // Without it, nobody sees the rows go.
    run(&db, "DELETE FROM item; DELETE FROM audit_log").await;
    for sql in replace {
        run(&db, sql).await;
    }
    assert!(
        !trail(&db)
            .await
            .iter()
            .any(|entry| entry.starts_with("delete"))
    );
}

async fn cascades_are_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(&db, "CREATE TABLE box (id INTEGER PRIMARY KEY)").await;
    run(
        &db,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT REFERENCES item (name) ON UPDATE CASCADE, \
         version INTEGER REFERENCES box (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    )
    .await;
    run(&db, "CREATE TABLE note (item INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE SET NULL ON UPDATE CASCADE)").await;
    run(&db, "CREATE UNIQUE INDEX item_name ON item (name)").await;
    install(&db, &item()).await;
    install(&db, &TriggerTable::named("note").key("item", Kind::Integer)).await;
    run(&db, "INSERT INTO box VALUES (1), (2)").await;
    run(
        &db,
        "INSERT INTO item VALUES (1, NULL, 1), (2, NULL, 1), (3, NULL, 2)",
    )
    .await;
    run(&db, "INSERT INTO note VALUES (3)").await;
    run(&db, "UPDATE box SET id = 7 WHERE id = 1").await;
    folds(&db).await;
    run(&db, "UPDATE item SET id = 30 WHERE id = 3").await;
    folds(&db).await;
    assert_eq!(
        fold_by_value(&db, "note")
            .await
            .into_keys()
            .collect::<Vec<_>>(),
        ["30"]
    );
    run(&db, "DELETE FROM box WHERE id = 7").await;
    folds(&db).await;
    assert_eq!(there(&db).await.len(), 1);
}

async fn statements_over_many_rows_are_recorded_row_by_row(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(
        &db,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
         INSERT INTO item SELECT i, 'n' || i, i % 3 FROM n",
    )
    .await;
    folds(&db).await;
    run(&db, "UPDATE item SET version = version * 2 WHERE id > 100").await;
    folds(&db).await;
    run(
        &db,
        "UPDATE item SET name = other.name || '-' FROM (SELECT id + 1 AS id, name FROM item) AS other \
         WHERE other.id = item.id AND item.id < 20",
    )
    .await;
    folds(&db).await;
    run(
        &db,
        "INSERT INTO item SELECT id + 400, 'n' || (id + 400), 9 FROM item WHERE true \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version",
    )
    .await;
    folds(&db).await;
    run(
        &db,
        "INSERT OR IGNORE INTO item VALUES (1, 'x', 1), (9999, 'n499', 1), (9998, 'y', 1)",
    )
    .await;
    folds(&db).await;
    let before = log(&db).await.len();
    run(&db, "UPDATE item SET version = version, name = name").await;
    assert_eq!(log(&db).await.len(), before);
    let rows = count(&db, "SELECT count(*) FROM item").await;
    run(&db, "DELETE FROM item").await;
    folds(&db).await;
    assert_eq!(
        log(&db).await.len(),
        before + usize::try_from(rows).unwrap()
    );
}

async fn a_key_that_changes_is_one_update(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 1)").await;
    run(&db, "UPDATE item SET id = id + 10").await;
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(
        (entry.record_id.as_str(), entry.old_record_id.as_deref()),
        ("12", Some("2"))
    );
    assert_eq!(entry.old_values, Some(json!({"id": 2})));
    assert_eq!(entry.new_values, Some(json!({"id": 12})));
    folds(&db).await;
    run(&db, "UPDATE item SET rowid = 13 WHERE name = 'a'").await;
    folds(&db).await;
}

async fn what_is_rolled_back_leaves_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    let outer = db.begin().await.unwrap();
    run(&outer, "INSERT INTO item VALUES (1, 'a', 1)").await;
    let inner = outer.begin().await.unwrap();
    run(&inner, "UPDATE item SET name = 'b'").await;
    inner.rollback().await.unwrap();
    // A statement that fails half way.
    let inner = outer.begin().await.unwrap();
    refused(&inner, "INSERT INTO item VALUES (2, 'c', 1), (3, 'a', 1)").await;
    inner.rollback().await.unwrap();
    refused(&outer, "INSERT INTO item VALUES (4, 'd', 1), (5, 'a', 1)").await;
    outer.commit().await.unwrap();
    assert_eq!(trail(&db).await, ["create item 1"]);
    let outer = db.begin().await.unwrap();
    run(&outer, "DELETE FROM item").await;
    outer.rollback().await.unwrap();
    assert_eq!(trail(&db).await, ["create item 1"]);
    folds(&db).await;
}

async fn a_log_that_takes_no_entry_fails_the_write(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    refuse_entries(&db).await;
    for sql in [
        "INSERT INTO item VALUES (2, 'b', 1)",
        "INSERT OR IGNORE INTO item VALUES (2, 'b', 1)",
        "UPDATE item SET name = 'b'",
        "DELETE FROM item",
    ] {
        assert!(refused(&db, sql).await.contains("no space left"), "{sql}");
    }
    allow_entries(&db).await;
    folds(&db).await;
    run(&db, "DROP TABLE audit_log").await;
    let err = refused(&db, "INSERT INTO item VALUES (2, 'b', 1)").await;
    assert!(err.contains("audit_log"), "{err}");
}

async fn a_refused_entry_is_never_ignored(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    run(
        &db,
        "CREATE TRIGGER quiet BEFORE INSERT ON audit_log BEGIN SELECT RAISE(IGNORE); END",
    )
    .await;
    for sql in [
        "INSERT INTO item VALUES (2, 'b', 1)",
        "UPDATE OR IGNORE item SET name = 'b'",
        "DELETE FROM item",
    ] {
        let err = refused(&db, sql).await;
        assert!(
            err.contains("(audit) the log audit_log has not taken the entry"),
            "{sql}: {err}"
        );
    }
    run(&db, "DROP TRIGGER quiet").await;
    run(&db, "CREATE UNIQUE INDEX one ON audit_log (entity)").await;
    for sql in [
        "INSERT OR IGNORE INTO item VALUES (2, 'b', 1)",
        "UPDATE OR IGNORE item SET name = 'b'",
    ] {
        let err = refused(&db, sql).await;
        assert!(
            err.contains("(audit) the log audit_log has not taken the entry"),
            "{sql}: {err}"
        );
    }
}
