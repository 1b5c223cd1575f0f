//! How triggers stand, in a database in memory.

use sea_orm_audit::__private::Kind;
use sea_orm_migration::{
    MigratorTrait, SchemaManager,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection},
};

use super::{
    super::{
        status::{State, TableStatus},
        table::TriggerTable,
    },
    status,
};
use crate::Migrator;

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
}

async fn open() -> DatabaseConnection {
    let options = ConnectOptions::new("sqlite::memory:")
        .max_connections(1)
        .to_owned();
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    run(&db, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)").await;
    run(&db, "PRAGMA recursive_triggers = ON").await;
    db
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap();
}

async fn install(db: &DatabaseConnection) {
    item().install(&SchemaManager::new(db)).await.unwrap();
}

async fn of_item(db: &DatabaseConnection) -> TableStatus {
    let mut all = status(db, &[item()]).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn outdated(db: &DatabaseConnection) -> Vec<String> {
    match of_item(db).await.state {
        State::Outdated(differences) => differences,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let db = open().await;
    let names = [
        "audit_insert_item",
        "audit_update_item",
        "audit_delete_item",
    ];
    let missing = |names: &[&str]| State::Missing(names.iter().map(ToString::to_string).collect());
    assert_eq!(of_item(&db).await.state, missing(&names));
    install(&db).await;
    assert_eq!(
        of_item(&db).await,
        TableStatus::new("item".into(), State::Installed)
    );
    run(&db, "DROP TRIGGER audit_update_item").await;
    assert_eq!(of_item(&db).await.state, missing(&names[1..2]));
    install(&db).await;
    assert!(of_item(&db).await.is_installed());
    run(&db, "DROP TABLE item").await;
    assert_eq!(of_item(&db).await.state, missing(&names));
}

#[tokio::test]
async fn what_differs_is_named() {
    let db = open().await;
    install(&db).await;
    let wider = item().column("more", Kind::Text).require_actor();
    run(&db, "ALTER TABLE item ADD COLUMN more TEXT").await;
    assert_eq!(outdated(&db).await, ["the table has a new column `more`"]);
    let all = status(&db, &[wider]).await.unwrap();
    let State::Outdated(differences) = &all[0].state else {
        panic!("{all:?}");
    };
    assert!(differences.contains(&"`require_actor` was false and is true".to_owned()));
    assert!(differences.contains(&"the entity has a new column `more`".to_owned()));

    install(&db).await;
    run(&db, "ALTER TABLE item DROP COLUMN more").await;
    assert_eq!(
        outdated(&db).await,
        ["the table has no column `more` any more"]
    );
    run(&db, "ALTER TABLE item RENAME COLUMN name TO title").await;
    let differences = outdated(&db).await;
    assert_eq!(
        differences,
        ["table `item` has no column `name`: bring table and entity together first"]
    );
    run(&db, "ALTER TABLE item RENAME COLUMN title TO name").await;
    install(&db).await;

    let sql = "SELECT sql FROM sqlite_master WHERE name = 'audit_insert_item'";
    let statement =
        sea_orm_migration::sea_orm::Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let changed: String = row
        .try_get::<String>("", "sql")
        .unwrap()
        .replace("'create'", "'made'");
    run(&db, "DROP TRIGGER audit_insert_item").await;
    run(&db, &changed).await;
    let differences = outdated(&db).await;
    assert_eq!(differences.len(), 1);
    assert!(
        differences[0].starts_with("its text is not what was installed"),
        "{differences:?}"
    );
    run(&db, "DROP TABLE audit_log").await;
    assert!(outdated(&db).await[0].contains("the audit log table `audit_log`"));
}

#[tokio::test]
async fn what_is_left_over_is_named() {
    let db = open().await;
    install(&db).await;
    run(&db, "ALTER TABLE item RENAME TO \"old item\"").await;
    let all = status(&db, &[item()]).await.unwrap();
    assert!(matches!(all[0].state, State::Missing(_)));
    assert_eq!(all[1], TableStatus::new("old item".into(), State::LeftOver));
    run(&db, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)").await;
    let all = status(&db, &[item()]).await.unwrap();
    assert!(matches!(all[0].state, State::Missing(_)), "{all:?}");
    let old = TriggerTable::named("old item");
    old.drop(&SchemaManager::new(&db)).await.unwrap();
    install(&db).await;
    assert!(of_item(&db).await.is_installed());
}

#[tokio::test]
async fn what_triggers_do_not_see_is_named_with_its_remedy() {
    let db = open().await;
    run(
        &db,
        "CREATE TRIGGER early AFTER UPDATE ON item BEGIN SELECT 1; END",
    )
    .await;
    install(&db).await;
    assert!(of_item(&db).await.gaps.is_empty());
    run(
        &db,
        "CREATE TRIGGER late AFTER UPDATE ON item BEGIN SELECT 1; END",
    )
    .await;
    run(
        &db,
        "CREATE TRIGGER before BEFORE UPDATE ON item BEGIN SELECT 1; END",
    )
    .await;
    run(
        &db,
        "CREATE TEMP TRIGGER passing AFTER UPDATE ON main.item BEGIN SELECT 1; END",
    )
    .await;
    run(&db, "PRAGMA recursive_triggers = OFF").await;
    let status = of_item(&db).await;
    assert!(status.is_installed());
    let gap = |at: usize, parts: &[&str]| {
        assert!(
            parts.iter().all(|part| status.gaps[at].contains(part)),
            "{:?}",
            status.gaps
        );
    };
    assert_eq!(status.gaps.len(), 3, "{:?}", status.gaps);
    gap(0, &["`late`", "install the triggers of the table again"]);
    gap(
        1,
        &[
            "`INSERT OR REPLACE`",
            "sqlite.pragma(\"recursive_triggers\", \"ON\")",
        ],
    );
    gap(2, &["`passing`"]);
    assert!(status.to_string().contains("not seen: "));
    install(&db).await;
    run(&db, "DROP TRIGGER passing").await;
    run(&db, "PRAGMA recursive_triggers = ON").await;
    assert!(of_item(&db).await.gaps.is_empty());
}

#[tokio::test]
async fn what_can_be_recorded_no_more_is_not_installed() {
    let db = open().await;
    let view = TriggerTable::named("seen").key("id", Kind::Integer);
    run(&db, "CREATE VIEW seen AS SELECT * FROM item").await;
    let elsewhere = TriggerTable::named("elsewhere.item").key("id", Kind::Integer);
    let all = status(&db, &[view, elsewhere]).await.unwrap();
    assert!(
        all.iter()
            .all(|status| matches!(status.state, State::Missing(_))),
        "{all:?}"
    );
    assert_eq!(all[1].table, "elsewhere.item");
}
