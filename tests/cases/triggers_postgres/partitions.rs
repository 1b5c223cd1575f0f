//! A table in parts is one table.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};

use super::{replay, said};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{count, install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![partitions_are_one_table,]
}

async fn partitions_are_one_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer, name text, n integer, PRIMARY KEY (id, n)) PARTITION BY RANGE (n); \
         CREATE TABLE item_low PARTITION OF item FOR VALUES FROM (0) TO (100); \
         CREATE TABLE item_high (n integer NOT NULL, name text, id integer NOT NULL); \
         ALTER TABLE item ATTACH PARTITION item_high FOR VALUES FROM (100) TO (200)",
    )
    .await;
    let table = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .key("n", Kind::Integer)
        .column("name", Kind::Text);
    install(&db, &table).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 150) i",
    )
    .await;
    run(&db, "UPDATE item SET n = n + 100 WHERE id = 1").await;
    assert_eq!(
        said(&db, "item").await.last().unwrap(),
        r#"update [1,1] -> [1,101] {"n":1} | {"n":101}"#
    );
    run(&db, "UPDATE item SET n = 199 - n").await;
    run(&db, "UPDATE item_low SET name = 'low'").await;
    run(
        &db,
        "INSERT INTO item_high (id, name, n) VALUES (500, 'straight', 150)",
    )
    .await;
    run(&db, "DELETE FROM item_high WHERE id % 2 = 0").await;
    replay(&db, "item", &["id", "n"]).await;
    run(&db, "TRUNCATE item_low").await;
    replay(&db, "item", &["id", "n"]).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'again', i - 1000 FROM generate_series(1001, 1150) i",
    )
    .await;
    run(
        &db,
        "CREATE TABLE item_later PARTITION OF item FOR VALUES FROM (200) TO (300)",
    )
    .await;
    run(&db, "INSERT INTO item VALUES (1, 'later', 250)").await;
    run(&db, "TRUNCATE item").await;
    replay(&db, "item", &["id", "n"]).await;
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log WHERE entity <> 'item'").await,
        0
    );
    // A partition that came later has no triggers of its own until somebody installs them.
    install(&db, &table).await;
    run(&db, "INSERT INTO item_later VALUES (1, 'later', 250)").await;
    replay(&db, "item", &["id", "n"]).await;
}
