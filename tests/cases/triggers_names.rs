//! Tables that get another name, and columns that have names which the triggers themselves use.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, DatabaseConnection};
use sea_orm_audit::Values;
use sea_orm_audit_migration::triggers::{self, Error, Kind, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::{Value as Json, json};

use crate::{
    cases,
    support::{
        case::Case,
        log::{log, trail},
        plain::run,
        server::{Server, TestDb},
        store::{bare_store, label, new_ware},
    },
};

pub fn cases() -> Vec<Case> {
    let mut all = cases![
        columns_may_have_the_names_that_triggers_use,
        a_renamed_table_is_recorded_once_and_under_its_new_name,
    ];
    let postgres = cases![the_one_name_that_triggers_keep_for_themselves_is_refused];
    all.extend(
        postgres
            .into_iter()
            .map(|case| case.only_on(&[Server::Postgres])),
    );
    all
}

/// Variables, aliases and columns of the log, as the triggers of one database or another have them.
const NAMES: [&str; 30] = [
    "action",
    "actor",
    "after_it",
    "audit_keys_changed",
    "audit_lists",
    "audit_moment",
    "audit_nothing",
    "audit_statement",
    "audit_who",
    "became",
    "context",
    "correlation_id",
    "entity",
    "entry",
    "id",
    "key",
    "n",
    "new",
    "new_rows",
    "new_values",
    "o",
    "occurred_at",
    "old",
    "old_record_id",
    "old_values",
    "r",
    "record_id",
    "tg_op",
    "v",
    "value",
];

fn quoted(test: &TestDb, name: &str) -> String {
    match test.server {
        Server::MySql => format!("`{name}`"),
        _ => format!("\"{name}\""),
    }
}

async fn columns_may_have_the_names_that_triggers_use(test: Arc<TestDb>) {
    let db = test.connect().await;
    let names = NAMES.map(|name| quoted(&test, name));
    let columns = names.join(" varchar(20), ");
    run(
        &db,
        &format!("CREATE TABLE item (number integer PRIMARY KEY, {columns} varchar(20))"),
    )
    .await;
    let table = NAMES.iter().fold(
        TriggerTable::named("item").key("number", Kind::Integer),
        |table, name| table.column(*name, Kind::Text),
    );
    table.install(&SchemaManager::new(&db)).await.unwrap();
    write_and_check(&db, &names, 0).await;
    // On PostgreSQL these go by way of the catalogue.
    run(&db, "ALTER TABLE item ADD later integer").await;
    write_and_check(&db, &names, 5).await;
}

/// Writes a row in all ways; `before` is how many entries there are.
async fn write_and_check(db: &DatabaseConnection, names: &[String], before: usize) {
    let texts: Vec<String> = NAMES.iter().map(|name| format!("'{name}'")).collect();
    let sets: Vec<String> = names.iter().map(|name| format!("{name} = 'x'")).collect();
    for sql in [
        format!(
            "INSERT INTO item (number, {}) VALUES (1, {})",
            names.join(", "),
            texts.join(", ")
        ),
        format!("UPDATE item SET {}", sets.join(", ")),
        "UPDATE item SET number = 2".to_owned(),
        "UPDATE item SET number = 3, v = 'y'".to_owned(),
        "DELETE FROM item".to_owned(),
    ] {
        run(db, &sql).await;
    }
    let entries = log(db).await.split_off(before);
    let said: Vec<(&str, &str, Option<&str>)> = entries
        .iter()
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.record_id.as_str(),
                entry.old_record_id.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("create", "1", None),
            ("update", "1", None),
            ("update", "2", Some("1")),
            ("update", "3", Some("2")),
            ("delete", "3", None),
        ]
    );
    for name in NAMES {
        assert_eq!(entries[0].new_values.as_ref().unwrap()[name], name);
        assert_eq!(entries[1].old_values.as_ref().unwrap()[name], name);
        assert_eq!(entries[1].new_values.as_ref().unwrap()[name], "x");
        let last = if name == "v" { "y" } else { "x" };
        assert_eq!(entries[4].old_values.as_ref().unwrap()[name], last);
    }
    let changed = |entry: usize| -> Json { entries[entry].new_values.clone().unwrap() };
    assert_eq!(changed(2), json!({"number": 2}));
    assert_eq!(changed(3), json!({"number": 3, "v": "y"}));
}

async fn a_renamed_table_is_recorded_once_and_under_its_new_name(test: Arc<TestDb>) {
    let db = bare_store(&test).await;
    let manager = SchemaManager::new(&db);
    run(&db, "ALTER TABLE store_label RENAME TO item").await;
    let item = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("text", Kind::Text)
        .column("ware_id", Kind::Integer)
        .values(Values::Full);
    item.install(&manager).await.unwrap();
    new_ware("tea", 1).insert(&db).await.unwrap();
    run(&db, "INSERT INTO item VALUES (1, 'green', 1)").await;
    run(&db, "ALTER TABLE item RENAME TO store_label").await;
    // Nothing goes unrecorded meanwhile, but it is under the name at the time of the installation.
    run(&db, "UPDATE store_label SET text = 'black'").await;
    let status = triggers::status(&db).await.unwrap();
    assert!(
        !status.table("store_label").unwrap().is_installed(),
        "{status}"
    );

    triggers::install::<label::Entity>(&manager).await.unwrap();
    run(&db, "UPDATE store_label SET text = 'white'").await;
    run(&db, "DELETE FROM store_label").await;
    assert_eq!(
        trail(&db).await,
        [
            "create item 1",
            "update item 1",
            "update store_label 1",
            "delete store_label 1",
        ]
    );
    // What is left of the old name goes by that name.
    item.drop(&manager).await.unwrap();
    let status = triggers::status(&db).await.unwrap();
    assert!(
        status.table("store_label").unwrap().is_installed(),
        "{status}"
    );
    assert!(status.table("item").is_none(), "{status}");

    triggers::drop::<label::Entity>(&manager).await.unwrap();
    run(&db, "INSERT INTO store_label VALUES (2, 'red', 1)").await;
    assert_eq!(log(&db).await.len(), 4);
}

async fn the_one_name_that_triggers_keep_for_themselves_is_refused(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, \"audit position\" text)",
    )
    .await;
    let err = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .install(&SchemaManager::new(&db))
        .await
        .unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::Unsupported { table, reason })
            if table == "item" && reason.contains("audit position") && reason.contains("rename it")),
        "{err:?}"
    );
    run(&db, "UPDATE item SET id = id + 1").await;
}
