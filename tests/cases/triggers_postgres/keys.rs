//! Keys that change, and keys that are none.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{self};

use super::{item, items, replay, said};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{install, not_installed, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_key_that_changes_keeps_its_record,
        keys_that_change_places_fold_to_the_table,
        a_key_that_may_be_null_is_none,
    ]
}

async fn a_key_that_changes_keeps_its_record(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
    )
    .await;
    run(&db, "UPDATE item SET id = id + 10, n = n * 2 WHERE id < 3").await;
    let said = said(&db, "item").await;
    assert_eq!(
        said[3..],
        [
            r#"update 1 -> 11 {"id":1,"n":1} | {"id":11,"n":2}"#,
            r#"update 2 -> 12 {"id":2,"n":2} | {"id":12,"n":4}"#,
        ]
    );
    run(&db, "UPDATE item SET id = -id").await;
    replay(&db, "item", &["id"]).await;
}

async fn keys_that_change_places_fold_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text, n integer)",
    )
    .await;
    install(&db, &item()).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 9) i",
    )
    .await;
    for sql in [
        "UPDATE item SET id = 3 - id WHERE id IN (1, 2)",
        "UPDATE item SET id = id + 1",
        "UPDATE item SET id = id + 1, n = n + 1 WHERE id > 4",
        "UPDATE item SET id = CASE id WHEN 2 THEN 3 WHEN 3 THEN 50 ELSE id END, name = name || '!'",
    ] {
        // A key may be there twice until the end of the transaction.
        run(&db, sql).await;
        replay(&db, "item", &["id"]).await;
    }
}

async fn a_key_that_may_be_null_is_none(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer UNIQUE, name text, n integer)",
    )
    .await;
    let err = not_installed(&db, &item()).await;
    assert!(
        matches!(
            triggers::Error::of(&err),
            Some(triggers::Error::NoKey { .. })
        ),
        "{err}"
    );
    run(&db, "ALTER TABLE item ALTER id SET NOT NULL").await;
    install(&db, &item()).await;
}
