//! The session of a writer stays as it is, and so does the log.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, TransactionTrait};
use sea_orm_audit_migration::triggers::Kind;
use serde_json::json;

use crate::{
    cases,
    cases::triggers_mysql::{item, items, recorded_items, said},
    support::{
        case::Case,
        plain::{install, one, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        what_is_undone_leaves_nothing,
        numbers_that_the_writer_asks_for_are_its_own,
        settings_of_the_session_change_nothing,
    ]
}

async fn what_is_undone_leaves_nothing(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let inside = db.begin().await.unwrap();
    inside
        .execute_unprepared("INSERT INTO item (name) VALUES ('gone')")
        .await
        .unwrap();
    inside.rollback().await.unwrap();
    assert!(
        try_run(&db, "INSERT INTO item (name) VALUES ('a'), ('b'), ('a')")
            .await
            .is_err()
    );
    assert!(said(&db).await.is_empty());
    assert_eq!(one(&db, "SELECT COUNT(*) FROM item").await, "0");
}

async fn numbers_that_the_writer_asks_for_are_its_own(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (id, name) VALUES (70, 'a')").await;
    run(&db, "UPDATE item SET note = 'x'").await;
    run(&db, "UPDATE item SET note = 'y'").await;
    let inserted = db
        .execute_unprepared("INSERT INTO item (name) VALUES ('b'), ('c')")
        .await
        .unwrap();
    assert_eq!(
        (inserted.last_insert_id(), inserted.rows_affected()),
        (71, 2)
    );
    assert_eq!(one(&db, "SELECT LAST_INSERT_ID()").await, "71");
    let updated = db
        .execute_unprepared("UPDATE item SET note = 'z' WHERE id > 70")
        .await
        .unwrap();
    assert_eq!(updated.rows_affected(), 2);
    assert_eq!(one(&db, "SELECT LAST_INSERT_ID()").await, "71");
    assert_eq!(one(&db, "SELECT @@warning_count").await, "0");
}

async fn settings_of_the_session_change_nothing(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "ALTER TABLE item ADD at TIMESTAMP(6) NULL, ADD local DATETIME(3), ADD fixed CHAR(10), ADD raw VARBINARY(20)",
    )
    .await;
    let table = item()
        .column("at", Kind::Timestamp)
        .column("local", Kind::DateTime)
        .column("fixed", Kind::Text)
        .column("raw", Kind::Bytes);
    install(&db, &table).await;
    run(&db, "SET time_zone = '+00:00'").await;
    run(
        &db,
        "INSERT INTO item (id, name, price, at, local, fixed, raw) VALUES \
         (1, 'it''s \\\\ \\\"q\\\" é🍰', 0.1, '2024-10-27 00:30:00.123456', '2024-10-27 02:30:00.5', 'ab', 0x00FF41)",
    )
    .await;
    let first = said(&db).await.remove(0);
    assert_eq!(
        first.4,
        json!({
            "id": 1, "name": "it's \\ \"q\" é🍰", "price": "0.10", "note": null, "secret": "[redacted]",
            "at": "2024-10-27T00:30:00.123456Z", "local": "2024-10-27T02:30:00.500000", "fixed": "ab", "raw": "00ff41"
        })
    );
    for setting in [
        "time_zone = '+05:30'",
        "time_zone = '-11:00'",
        "sql_mode = ''",
        "sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,HIGH_NOT_PRECEDENCE'",
        "sql_mode = 'TRADITIONAL'",
        "NAMES latin1",
        "collation_connection = 'utf8mb4_general_ci'",
        "character_set_results = NULL",
        "div_precision_increment = 0",
        "lc_time_names = 'de_DE'",
        "sql_safe_updates = 1",
        "sql_quote_show_create = 0",
        "autocommit = 1, unique_checks = 0, foreign_key_checks = 0",
        "group_concat_max_len = 4",
        "optimizer_switch = 'default'",
    ] {
        run(&db, &format!("SET {setting}")).await;
        run(
            &db,
            "INSERT INTO item (id, name, price, at, local, fixed, raw) \
             SELECT 2, CONCAT(name, '2'), price, at, local, fixed, raw FROM item WHERE id = 1",
        )
        .await;
        run(&db, "UPDATE item SET id = 1 WHERE id = 3").await;
        run(&db, "DELETE FROM item WHERE id = 2").await;
        run(&db, "SET NAMES utf8mb4, character_set_results = utf8mb4").await;
        let entries = said(&db).await;
        assert_eq!(entries.len(), 2, "{setting}");
        let mut expected = first.4.clone();
        expected["id"] = json!(2);
        expected["name"] = json!("it's \\ \"q\" é🍰2");
        assert_eq!(entries[0].4, expected, "{setting}");
        assert_eq!(entries[1].3, expected, "{setting}");
        run(
            &db,
            "SET sql_mode = DEFAULT, time_zone = '+00:00', sql_safe_updates = 0",
        )
        .await;
    }
}
