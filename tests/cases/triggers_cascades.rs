//! Rows that one statement reaches more than once, by its foreign keys.

use std::sync::Arc;

use sea_orm::DatabaseConnection;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use sea_orm_migration::SchemaManager;

use crate::{
    cases,
    support::{
        case::Case,
        fold::{fold, rows_of},
        server::{Server, TestDb},
        store::run,
    },
};

pub fn cases() -> Vec<Case> {
    let cases = cases![
        a_row_that_two_cascades_reach_folds_to_the_table,
        a_table_that_refers_to_itself_folds_to_the_table,
        what_a_delete_reaches_twice_folds_to_the_table,
    ];
    cases
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres]))
        .collect()
}

async fn install(db: &DatabaseConnection, name: &str, columns: &[&str]) {
    let table = columns.iter().fold(
        TriggerTable::named(name).key("id", Kind::Integer),
        |table, column| table.column(*column, Kind::Integer),
    );
    table.install(&SchemaManager::new(db)).await.unwrap();
}

async fn check(db: &DatabaseConnection, table: &str) {
    assert_eq!(
        fold(db, "audit_log", table).await,
        rows_of(db, table, &["id"]).await
    );
}

async fn a_row_that_two_cascades_reach_folds_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY); \
         CREATE TABLE part (id integer PRIMARY KEY, a integer REFERENCES item ON UPDATE CASCADE ON DELETE SET NULL, \
         b integer REFERENCES item ON UPDATE CASCADE ON DELETE SET NULL, c integer REFERENCES item ON UPDATE CASCADE ON DELETE CASCADE)",
    )
    .await;
    install(&db, "item", &[]).await;
    install(&db, "part", &["a", "b", "c"]).await;
    run(&db, "INSERT INTO item SELECT generate_series(1, 9)").await;
    run(
        &db,
        "INSERT INTO part VALUES (1, 1, 1, 1), (2, 1, 2, 3), (3, 4, 4, 5), (4, 5, 6, NULL), (5, NULL, NULL, NULL), (6, 7, 7, 8)",
    )
    .await;
    run(&db, "UPDATE item SET id = id + 100 WHERE id < 6").await;
    check(&db, "item").await;
    check(&db, "part").await;
    run(&db, "DELETE FROM item WHERE id IN (7, 101, 105)").await;
    check(&db, "item").await;
    check(&db, "part").await;
}

async fn a_table_that_refers_to_itself_folds_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, parent integer REFERENCES item ON UPDATE CASCADE ON DELETE SET NULL, \
         other integer REFERENCES item ON UPDATE CASCADE ON DELETE SET NULL)",
    )
    .await;
    install(&db, "item", &["parent", "other"]).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, NULL, 1), (2, 1, 1), (3, 2, 1), (4, 1, 3)",
    )
    .await;
    run(&db, "UPDATE item SET id = 11 WHERE id = 1").await;
    check(&db, "item").await;
    run(&db, "UPDATE item SET id = id + 100").await;
    check(&db, "item").await;
    run(&db, "DELETE FROM item WHERE id IN (111, 103)").await;
    check(&db, "item").await;
}

async fn what_a_delete_reaches_twice_folds_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, parent integer REFERENCES item ON DELETE CASCADE, \
         other integer REFERENCES item ON DELETE SET NULL)",
    )
    .await;
    install(&db, "item", &["parent", "other"]).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, NULL, NULL), (2, 1, 1), (3, 2, 1), (4, NULL, 3), (5, NULL, 2)",
    )
    .await;
    run(&db, "DELETE FROM item WHERE id = 1").await;
    check(&db, "item").await;
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 4 RETURNING id) UPDATE item SET other = 5 WHERE id = 5",
    )
    .await;
    check(&db, "item").await;
}
