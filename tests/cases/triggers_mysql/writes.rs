//! Every way in which SQL writes.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, TransactionTrait};
use sea_orm_audit::Values;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use super::{created, deleted, item, items, recorded_items, said, updated};
use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, one, refused, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        plain_statements_are_recorded,
        statements_over_many_rows_are_recorded_row_by_row,
        upserts_are_recorded_as_what_they_do,
        a_loaded_file_is_recorded,
        a_changed_key_is_one_update_of_both_records,
        an_update_to_an_equal_value_makes_no_entry,
        whole_rows_where_they_are_asked_for,
        redacted_columns_say_that_they_changed,
        what_is_undone_leaves_nothing,
        numbers_that_the_writer_asks_for_are_its_own,
        a_writer_in_another_database_is_recorded,
        settings_of_the_session_change_nothing,
        two_updates_of_one_statement_are_two_entries,
        what_does_not_fit_into_the_log_is_refused_in_words,
        a_log_that_refuses_says_so,
        a_statement_that_reads_the_log_is_refused,
        truncate_and_cascades_are_not_seen,
    ]
}

fn whole(id: i64, name: &str, price: &str) -> Json {
    json!({"id": id, "name": name, "price": price, "note": null, "secret": "[redacted]"})
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

/// The server reads the file itself, and may not be allowed to; then there is nothing to be seen.
async fn a_loaded_file_is_recorded(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let file = format!(
        "{}/rows.csv",
        one(&db, "SELECT @@datadir").await.trim_end_matches('/')
    );
    let written = format!("SELECT 'x', 1.25 UNION SELECT 'y', NULL INTO OUTFILE '{file}'");
    if let Err(err) = try_run(&db, &written).await {
        eprintln!("not tried: {err}");
        return;
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

async fn a_changed_key_is_one_update_of_both_records(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    said(&db).await;
    run(&db, "UPDATE item SET id = 40, note = 'moved' WHERE id = 1").await;
    assert_eq!(
        said(&db).await,
        [(
            "update".to_owned(),
            "40".to_owned(),
            Some("1".to_owned()),
            json!({"id": 1, "note": null}),
            json!({"id": 40, "note": "moved"})
        )]
    );
}

async fn an_update_to_an_equal_value_makes_no_entry(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "ALTER TABLE item ADD doc JSON, ADD flag TINYINT, ADD ratio DOUBLE",
    )
    .await;
    let table = item()
        .column("doc", Kind::Json)
        .column("flag", Kind::Bool)
        .column("ratio", Kind::Double);
    install(&db, &table).await;
    run(
        &db,
        r#"INSERT INTO item (name, price, doc, flag, ratio) VALUES ('a', 1.1, '{"a": [1, 2], "b": 1.50}', 1, 0)"#,
    )
    .await;
    said(&db).await;
    for equal in [
        "price = 1.10",
        "name = 'a'",
        r#"doc = '{"b": 15e-1, "a": [1.0, 2]}'"#,
        "flag = 2",
        "ratio = -0e0",
        "seen = 3",
    ] {
        run(&db, &format!("UPDATE item SET {equal}")).await;
        let entries = said(&db).await;
        assert!(entries.is_empty(), "{equal}: {entries:?}");
    }
    for other in [
        "name = 'A'",
        "name = 'A '",
        "name = 'Á '",
        r#"doc = '{"a": [2, 1], "b": 1.5}'"#,
        r#"doc = '{"n": 9007199254740992}'"#,
        r#"doc = '{"n": 9007199254740993}'"#,
        r#"doc = '{"n": 1, "n": 2}'"#,
        r#"doc = '{"n": 2, "n": 1}'"#,
        "doc = 'null'",
        "doc = NULL",
        "price = NULL",
        "price = 0",
        "note = ''",
        "secret = ''",
        "ratio = 5e-324",
    ] {
        run(&db, &format!("UPDATE item SET {other}")).await;
        assert_eq!(said(&db).await.len(), 1, "{other}");
    }
}

async fn whole_rows_where_they_are_asked_for(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "ALTER TABLE item ADD doc JSON").await;
    let table = item().column("doc", Kind::Json).values(Values::Full);
    install(&db, &table).await;
    run(
        &db,
        r#"INSERT INTO item (name, price, doc) VALUES ('a', 1, '{"b": 1, "a": 2.0}')"#,
    )
    .await;
    said(&db).await;
    run(
        &db,
        r#"UPDATE item SET price = 2, doc = '{"a": 2, "b": 1.0}', seen = 1"#,
    )
    .await;
    let entries = log(&db).await;
    // Equal values may have several texts; the old one is on both sides.
    let text = |column: &str| {
        format!(
            "SELECT {column} FROM audit_log WHERE id = {}",
            entries[0].id
        )
    };
    for column in ["old_values", "new_values"] {
        let text = one(&db, &text(column)).await;
        assert!(text.contains(r#""doc":{"b": 1, "a": 2.0}"#), "{text}");
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains(r#""name":"a""#), "{text}");
    }
    said(&db).await;
    run(&db, r#"UPDATE item SET doc = '{"a": 2.00, "b": 1}'"#).await;
    assert!(said(&db).await.is_empty());
}

async fn redacted_columns_say_that_they_changed(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "INSERT INTO item (name, secret) VALUES ('a', 'hunter2')",
    )
    .await;
    run(&db, "UPDATE item SET secret = NULL").await;
    run(&db, "UPDATE item SET secret = NULL, note = 'x'").await;
    let hidden = json!({"secret": "[redacted]"});
    let all = said(&db).await;
    assert_eq!(all[0].4["secret"], json!("[redacted]"));
    assert_eq!(all[1], updated("1", hidden.clone(), hidden));
    assert_eq!(
        all[2],
        updated("1", json!({"note": null}), json!({"note": "x"}))
    );
    assert_eq!(all.len(), 3);
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

async fn what_does_not_fit_into_the_log_is_refused_in_words(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE long_key (k VARCHAR(700) PRIMARY KEY, b LONGBLOB)",
    )
    .await;
    let table = TriggerTable::named("long_key")
        .key("k", Kind::Text)
        .column("b", Kind::Bytes);
    install(&db, &table).await;
    run(&db, "INSERT INTO long_key VALUES (REPEAT('é', 512), NULL)").await;
    let err = refused(&db, "INSERT INTO long_key VALUES (REPEAT('é', 513), NULL)").await;
    assert!(
        err.contains("(audit) long_key: the key of the record is longer than 512"),
        "{err}"
    );
    for write in [
        "INSERT INTO long_key VALUES ('big', REPEAT('x', 9000000))",
        "INSERT INTO long_key VALUES ('big', REPEAT('x', 9000000)) ON DUPLICATE KEY UPDATE b = VALUES(b)",
        "INSERT IGNORE INTO long_key VALUES ('big', REPEAT('x', 9000000))",
        "UPDATE IGNORE long_key SET b = REPEAT('x', 9000000)",
    ] {
        let err = refused(&db, write).await;
        assert!(
            err.contains("(audit) long_key: the entry of a row is larger"),
            "{write}: {err}"
        );
        assert!(err.contains("(45000)"), "{err}");
    }
    assert_eq!(said(&db).await.len(), 1);
    assert_eq!(one(&db, "SELECT COUNT(*) FROM long_key").await, "1");
}

async fn a_log_that_refuses_says_so(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(
        &db,
        "ALTER TABLE audit_log ADD CONSTRAINT none CHECK (action <> 'update')",
    )
    .await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    let err = refused(&db, "UPDATE item SET note = 'x'").await;
    assert!(err.contains("(audit) item: CONSTRAINT"), "{err}");
    assert!(err.contains("(23000)"), "{err}");
    let err = refused(&db, "UPDATE IGNORE item SET note = 'x'").await;
    assert!(err.contains("(audit) item: CONSTRAINT"), "{err}");
    assert_eq!(
        one(&db, "SELECT COUNT(*) FROM item WHERE note IS NULL").await,
        "1"
    );
    run(&db, "RENAME TABLE audit_log TO elsewhere").await;
    for write in [
        "INSERT INTO item (name) VALUES ('b')",
        "UPDATE item SET note = 'x'",
        "DELETE FROM item",
    ] {
        let err = refused(&db, write).await;
        assert!(err.contains("audit_log' doesn't exist"), "{err}");
    }
    assert_eq!(
        one(&db, "SELECT COUNT(*) FROM item WHERE note IS NULL").await,
        "1"
    );
}

/// No trigger may write what its statement reads; a temporary table between the two helps.
async fn a_statement_that_reads_the_log_is_refused(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    let restore = "INSERT INTO item (name) SELECT CONCAT(record_id, 'restored') FROM ";
    let err = refused(&db, &format!("{restore} audit_log")).await;
    assert!(err.contains("1442"), "{err}");
    run(
        &db,
        "CREATE TEMPORARY TABLE wanted SELECT record_id FROM audit_log",
    )
    .await;
    run(&db, &format!("{restore} wanted")).await;
    assert_eq!(said(&db).await.len(), 2);
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
