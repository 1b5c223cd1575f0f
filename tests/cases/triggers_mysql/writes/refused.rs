//! Writes that fail because of the log.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};

use crate::{
    cases,
    cases::triggers_mysql::{items, recorded_items, said},
    support::{
        case::Case,
        plain::{install, one, refused, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        what_does_not_fit_into_the_log_is_refused_in_words,
        a_log_that_refuses_says_so,
        a_statement_that_reads_the_log_is_refused,
    ]
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
