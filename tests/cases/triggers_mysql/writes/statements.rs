//! Each statement that writes.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use super::whole;
use crate::{
    cases,
    cases::triggers_mysql::{created, deleted, recorded_items, said, updated},
    support::{
        case::{Case, left_out},
        log::log,
        plain::{install, one, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        plain_statements_are_recorded,
        statements_over_many_rows_are_recorded_row_by_row,
        upserts_are_recorded_as_what_they_do,
        a_loaded_file_is_recorded,
        a_writer_in_another_database_is_recorded,
        two_updates_of_one_statement_are_two_entries,
        truncate_and_cascades_are_not_seen,
    ]
}

async fn plain_statements_are_recorded(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "INSERT INTO item (name, price, seen) VALUES ('Assam', 1.5, 7)",
    )
    .await;
    run(&db, "UPDATE item SET price = 2, seen = 8 WHERE id = 1").await;
    run(&db, "UPDATE item SET seen = 9").await;
    run(&db, "DELETE FROM item").await;
    assert_eq!(
        said(&db).await,
        [
            created("1", whole(1, "Assam", "1.50")),
            updated("1", json!({"price": "1.50"}), json!({"price": "2.00"})),
            deleted("1", whole(1, "Assam", "2.00")),
        ]
    );
}

async fn statements_over_many_rows_are_recorded_row_by_row(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "INSERT INTO item (name, price) VALUES ('a', 1), ('b', 2)",
    )
    .await;
    run(
        &db,
        "INSERT INTO item (name, price) SELECT CONCAT(name, '2'), price FROM item ORDER BY id",
    )
    .await;
    let all = said(&db).await;
    assert_eq!(all.len(), 4);
    assert_eq!(
        all[2],
        created(&all[2].1, whole(all[2].1.parse().unwrap(), "a2", "1.00"))
    );
    run(
        &db,
        "UPDATE item SET price = price + 1 WHERE name LIKE 'a%' ORDER BY id",
    )
    .await;
    assert_eq!(said(&db).await.len(), 2);
    run(&db, "CREATE TABLE other (item_id INT)").await;
    run(&db, "INSERT INTO other VALUES (1), (2)").await;
    run(
        &db,
        "UPDATE item JOIN other ON other.item_id = item.id SET item.note = 'joined'",
    )
    .await;
    assert_eq!(said(&db).await.len(), 2);
    run(
        &db,
        "DELETE item, other FROM item JOIN other ON other.item_id = item.id",
    )
    .await;
    assert_eq!(said(&db).await.len(), 2);
    run(&db, "DELETE FROM item").await;
    assert_eq!(said(&db).await.len(), 2);
}

async fn upserts_are_recorded_as_what_they_do(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name, price) VALUES ('a', 1)").await;
    said(&db).await;
    run(
        &db,
        "INSERT INTO item (name, price) VALUES ('a', 5), ('b', 1) ON DUPLICATE KEY UPDATE price = VALUES(price)",
    )
    .await;
    let all = said(&db).await;
    assert_eq!(
        all[0],
        updated("1", json!({"price": "1.00"}), json!({"price": "5.00"}))
    );
    assert_eq!((all[1].0.as_str(), all.len()), ("create", 2));
    run(&db, "INSERT IGNORE INTO item (name, price) VALUES ('a', 9)").await;
    assert!(said(&db).await.is_empty());
    run(
        &db,
        "REPLACE INTO item (id, name, price) VALUES (9, 'a', 7)",
    )
    .await;
    assert_eq!(
        said(&db).await,
        [
            deleted("1", whole(1, "a", "5.00")),
            created("9", whole(9, "a", "7.00"))
        ]
    );
}

/// The server reads the file itself, so it writes one first, to where it may.
async fn a_loaded_file_is_recorded(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let allowed = one(&db, "SELECT @@secure_file_priv").await;
    let folder = match allowed.as_str() {
        "" => one(&db, "SELECT @@tmpdir").await,
        _ => allowed,
    };
    // A server that runs as another user leaves the file behind, and writes over none.
    let file = format!(
        "{}/{}_{}.csv",
        folder.trim_end_matches('/'),
        one(&db, "SELECT DATABASE()").await,
        one(&db, "SELECT UUID_SHORT()").await
    );
    let written = format!("SELECT 'x', 1.25 UNION SELECT 'y', NULL INTO OUTFILE '{file}'");
    if let Err(err) = try_run(&db, &written).await {
        left_out(format!("the server may not write {file}: {err}"));
    }
    run(
        &db,
        &format!("LOAD DATA INFILE '{file}' INTO TABLE item (name, price)"),
    )
    .await;
    let _ = std::fs::remove_file(&file);
    let all = said(&db).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], created("1", whole(1, "x", "1.25")));
}

async fn a_writer_in_another_database_is_recorded(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let own = one(&db, "SELECT DATABASE()").await;
    run(&db, "USE information_schema").await;
    run(
        &db,
        &format!("INSERT INTO `{own}`.item (name) VALUES ('far')"),
    )
    .await;
    run(&db, &format!("USE `{own}`")).await;
    assert_eq!(said(&db).await.len(), 1);
}

async fn two_updates_of_one_statement_are_two_entries(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "INSERT INTO item (name, price) VALUES ('a', 1), ('a', 2), ('a', 3) ON DUPLICATE KEY UPDATE price = VALUES(price)",
    )
    .await;
    let all = said(&db).await;
    assert_eq!(all.len(), 3);
    assert_eq!(
        all[2],
        updated("1", json!({"price": "2.00"}), json!({"price": "3.00"}))
    );
}

/// Both are documented, and `status` names the cascades.
async fn truncate_and_cascades_are_not_seen(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "CREATE TABLE part (id INT PRIMARY KEY, item_id INT NULL, FOREIGN KEY (item_id) REFERENCES item (id) ON DELETE CASCADE \
         ON UPDATE CASCADE)",
    )
    .await;
    let part = TriggerTable::named("part")
        .key("id", Kind::Integer)
        .column("item_id", Kind::Integer);
    install(&db, &part).await;
    run(&db, "INSERT INTO item (id, name) VALUES (1, 'a')").await;
    run(&db, "INSERT INTO part VALUES (1, 1)").await;
    said(&db).await;
    run(&db, "UPDATE item SET id = 2").await;
    run(&db, "DELETE FROM item").await;
    let entries = log(&db).await;
    assert!(
        entries.iter().all(|entry| entry.entity == "item"),
        "{entries:?}"
    );
    assert_eq!(one(&db, "SELECT COUNT(*) FROM part").await, "0");
    run(&db, "INSERT INTO part VALUES (2, NULL)").await;
    said(&db).await;
    run(&db, "TRUNCATE TABLE part").await;
    assert!(said(&db).await.is_empty());
}
