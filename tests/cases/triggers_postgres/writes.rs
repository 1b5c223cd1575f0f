//! Every way in which SQL writes many rows at once.

use std::sync::Arc;

use sea_orm::TransactionTrait;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};

use super::{item, items, replay, said};
use crate::{
    cases,
    support::{
        case::{Case, left_out},
        plain::{count, install, one, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        one_statement_over_many_rows_has_an_entry_for_each,
        an_upsert_is_a_create_or_an_update_as_it_happened,
        statements_within_a_statement_are_recorded,
        a_copy_is_recorded,
        cascades_are_recorded,
        a_truncate_is_a_delete_of_each_row,
        one_row_after_many_single_ones_is_planned_anew,
        a_merge_is_recorded,
    ]
}

async fn one_statement_over_many_rows_has_an_entry_for_each(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 5000) i",
    )
    .await;
    run(&db, "UPDATE item SET n = n + 1 WHERE id % 2 = 0").await;
    run(&db, "UPDATE item SET n = n WHERE id % 3 = 0").await;
    run(&db, "UPDATE item SET n = 0 WHERE false").await;
    run(&db, "DELETE FROM item WHERE id > 4000").await;
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log").await,
        5000 + 2500 + 1000
    );
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log WHERE action = 'update' AND (new_values ->> 'n')::int = (old_values ->> 'n')::int + 1").await,
        2500
    );
    replay(&db, "item", &["id"]).await;
}

async fn an_upsert_is_a_create_or_an_update_as_it_happened(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'b', 1), (2, 'c', 1) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )
    .await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'x', 9), (3, 'd', 1) ON CONFLICT DO NOTHING",
    )
    .await;
    let mut said = said(&db, "item").await;
    said[1..3].sort();
    assert_eq!(
        said,
        [
            r#"create 1 | {"id":1,"name":"a","n":1}"#,
            r#"create 2 | {"id":2,"name":"c","n":1}"#,
            r#"update 1 {"name":"a"} | {"name":"b"}"#,
            r#"create 3 | {"id":3,"name":"d","n":1}"#,
        ]
    );
    replay(&db, "item", &["id"]).await;
}

async fn statements_within_a_statement_are_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
    )
    .await;
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING *), changed AS (UPDATE item SET n = 20 WHERE id = 2) \
         INSERT INTO item SELECT 4, name, n FROM gone",
    )
    .await;
    // The row that is deleted and the one that is inserted have one key.
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 3 RETURNING *) INSERT INTO item SELECT id, name, n + 1 FROM gone",
    )
    .await;
    replay(&db, "item", &["id"]).await;
}

async fn a_merge_is_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    let version = count(&db, "SELECT current_setting('server_version_num')").await;
    if version < 150_000 {
        left_out("PostgreSQL has MERGE since version 15");
    }
    run(&db, "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2)").await;
    run(
        &db,
        "MERGE INTO item USING (VALUES (1, 'x'), (2, 'gone'), (3, 'new')) AS v(id, name) ON item.id = v.id \
         WHEN MATCHED AND v.name = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = v.name \
         WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name, 0)",
    )
    .await;
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 5);
    replay(&db, "item", &["id"]).await;
}

async fn a_copy_is_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    let file = format!("/tmp/{}.copy", one(&db, "SELECT current_database()").await);
    run(
        &db,
        &format!("COPY (SELECT i, 'item ' || i, i FROM generate_series(1, 100) i) TO '{file}'"),
    )
    .await;
    run(&db, &format!("COPY item FROM '{file}'")).await;
    std::fs::remove_file(file).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 100);
    replay(&db, "item", &["id"]).await;
}

async fn cascades_are_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE part (id integer PRIMARY KEY, item_id integer REFERENCES item ON DELETE CASCADE ON UPDATE CASCADE, \
         other_id integer REFERENCES item ON DELETE SET NULL ON UPDATE CASCADE)",
    )
    .await;
    let part = TriggerTable::named("part")
        .key("id", Kind::Integer)
        .column("item_id", Kind::Integer)
        .column("other_id", Kind::Integer);
    install(&db, &part).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 20) i",
    )
    .await;
    run(
        &db,
        "INSERT INTO part SELECT i, 1 + i % 20, 1 + (i * 7) % 20 FROM generate_series(1, 200) i",
    )
    .await;
    run(&db, "DELETE FROM item WHERE id IN (1, 2, 3)").await;
    run(
        &db,
        "UPDATE item SET id = id + 100 WHERE id BETWEEN 5 AND 7",
    )
    .await;
    replay(&db, "item", &["id"]).await;
    replay(&db, "part", &["id"]).await;
}

async fn a_truncate_is_a_delete_of_each_row(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "TRUNCATE item").await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 300) i",
    )
    .await;
    run(&db, "TRUNCATE item RESTART IDENTITY CASCADE").await;
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM audit_log WHERE action = 'delete'"
        )
        .await,
        300
    );
    replay(&db, "item", &["id"]).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    let transaction = db.begin().await.unwrap();
    run(&transaction, "TRUNCATE item").await;
    transaction.rollback().await.unwrap();
    replay(&db, "item", &["id"]).await;
}

/// A plan that was made for one row and kept would join the two images of many row by row.
async fn one_row_after_many_single_ones_is_planned_anew(test: Arc<TestDb>) {
    let db = test.pool(1).await;
    <sea_orm_audit_migration::Migrator as sea_orm_migration::MigratorTrait>::up(&db, None)
        .await
        .unwrap();
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, n integer)",
    )
    .await;
    install(&db, &item()).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 20000) i",
    )
    .await;
    for _ in 0..8 {
        run(&db, "UPDATE item SET n = n + 1 WHERE id = 1").await;
    }
    run(&db, "SET statement_timeout = '20s'; UPDATE item SET n = n + 1; UPDATE item SET id = id + 20000; RESET statement_timeout").await;
    replay(&db, "item", &["id"]).await;
}
