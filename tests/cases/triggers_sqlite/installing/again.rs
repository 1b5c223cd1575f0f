//! What is installed comes and goes as a whole, however often.

use std::sync::Arc;

use sea_orm::TransactionTrait;
use sea_orm_audit_migration::triggers::{self, Error, Kind, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::json;

use super::{assert_ours, drop_of, item, open, triggers_there};
use crate::{
    cases,
    support::{
        case::Case,
        fold::fold_by_value,
        log::{log, trail},
        plain::{count, install, not_installed, refused, run},
        server::TestDb,
        shop::product,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        up_down_and_up_again,
        an_install_that_finds_what_it_wants_touches_nothing,
        an_install_within_a_transaction_is_part_of_it,
        an_install_that_fails_leaves_what_was_there,
        columns_come_and_go_and_writes_go_on,
        a_table_that_is_dropped_takes_its_triggers_along,
        triggers_of_somebody_else_stay,
    ]
}

async fn up_down_and_up_again(test: Arc<TestDb>) {
    let db = test.connect().await;
    crate::support::shop::create_table(&db, product::Entity).await;
    let manager = SchemaManager::new(&db);
    let insert = "INSERT INTO product (name, price) VALUES (hex(randomblob(8)), 1)";
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    triggers::install::<product::Entity>(&manager)
        .await
        .unwrap();
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, insert).await;
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    triggers::drop::<product::Entity>(&manager).await.unwrap();
    assert_eq!(triggers_there(&db).await, 0);
    run(&db, insert).await;
    triggers::install::<product::Entity>(&manager)
        .await
        .unwrap();
    run(&db, insert).await;
    assert_eq!(trail(&db).await, ["create product 1", "create product 3"]);
    drop_of(&db, &TriggerTable::named("no such table")).await;
    drop_of(&db, &TriggerTable::named("nowhere.product")).await;
}

async fn an_install_that_finds_what_it_wants_touches_nothing(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    let version = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    install(&db, &item()).await;
    install(
        &db,
        &TriggerTable::named("ITEM")
            .key("id", Kind::Integer)
            .column("name", Kind::Text),
    )
    .await;
    let second = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    install(&db, &item()).await;
    install(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 3);
    let third = count(&db, "SELECT schema_version FROM pragma_schema_version").await;
    assert!(version < second && second < third);
    install(&db, &item()).await;
    assert_eq!(
        count(&db, "SELECT schema_version FROM pragma_schema_version").await,
        third
    );
    install(&db, &item().column("more", Kind::Text)).await;
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    assert_eq!(
        log(&db).await[0].new_values,
        Some(json!({"id": 1, "name": "a", "more": "b"}))
    );
}

async fn an_install_within_a_transaction_is_part_of_it(test: Arc<TestDb>) {
    let db = open(&test).await;
    let tx = db.begin().await.unwrap();
    item().install(&SchemaManager::new(&tx)).await.unwrap();
    run(&tx, "INSERT INTO item (id) VALUES (1)").await;
    tx.rollback().await.unwrap();
    assert_eq!(triggers_there(&db).await, 0);
    let tx = db.begin().await.unwrap();
    item().install(&SchemaManager::new(&tx)).await.unwrap();
    let err = TriggerTable::named("none")
        .key("id", Kind::Integer)
        .install(&SchemaManager::new(&tx))
        .await;
    assert_ours!(err.unwrap_err(), Error::TableMissing { .. });
    tx.commit().await.unwrap();
    assert_eq!(triggers_there(&db).await, 3);
}

async fn an_install_that_fails_leaves_what_was_there(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "ALTER TABLE audit_log RENAME COLUMN context TO other").await;
    let before = count(&db, "SELECT sum(length(sql)) FROM sqlite_master").await;
    let err = not_installed(&db, &item().column("more", Kind::Text)).await;
    assert!(err.to_string().contains("context"), "{err}");
    assert_eq!(
        count(&db, "SELECT sum(length(sql)) FROM sqlite_master").await,
        before
    );
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 1);
}

async fn columns_come_and_go_and_writes_go_on(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    for sql in [
        "ALTER TABLE item ADD COLUMN later TEXT DEFAULT 'x'",
        "UPDATE item SET name = 'b', later = 'y'",
        "ALTER TABLE item DROP COLUMN more",
        "UPDATE item SET name = 'c'",
        "ALTER TABLE item RENAME COLUMN name TO title",
        "UPDATE item SET title = 'd'",
        "ALTER TABLE item RENAME TO thing",
        "UPDATE thing SET title = 'e'",
        "INSERT INTO thing (title) VALUES ('f')",
        "DELETE FROM thing WHERE id = 2",
    ] {
        run(&db, sql).await;
    }
    // SQLite itself keeps a column that a trigger names.
    let err = refused(&db, "ALTER TABLE thing DROP COLUMN title").await;
    assert!(err.contains("error in trigger"), "{err}");
    assert_eq!(fold_by_value(&db, "item").await["1"]["name"], "e");
    let thing = TriggerTable::named("thing")
        .key("id", Kind::Integer)
        .column("title", Kind::Text);
    install(&db, &thing).await;
    assert_eq!(triggers_there(&db).await, 3);
    run(&db, "UPDATE thing SET title = 'g'").await;
    assert_eq!(
        log(&db).await.pop().unwrap().new_values,
        Some(json!({"title": "g"}))
    );
}

async fn a_table_that_is_dropped_takes_its_triggers_along(test: Arc<TestDb>) {
    let db = open(&test).await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 'b')").await;
    run(&db, "DROP TABLE item").await;
    assert_eq!(triggers_there(&db).await, 0);
    assert_eq!(trail(&db).await, ["create item 1"]);
}

async fn triggers_of_somebody_else_stay(test: Arc<TestDb>) {
    let db = open(&test).await;
    run(
        &db,
        "CREATE TRIGGER audit_insert_mine AFTER INSERT ON item BEGIN SELECT 1; END",
    )
    .await;
    install(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 4);
    drop_of(&db, &item()).await;
    assert_eq!(triggers_there(&db).await, 1);
}
