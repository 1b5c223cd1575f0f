//! Rows that one statement reaches more than once: by foreign keys, and by triggers of somebody else's. MariaDB's triggers see
//! no cascades.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_audit_migration::triggers::{self, Kind, State, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::{Value as Json, json};

use crate::{
    cases,
    support::{
        case::Case,
        fold::{Rows, fold},
        log::log,
        plain::{count, run},
        server::{Server, TestDb},
        store::{label, new_ware, replay_store, store},
    },
};

pub fn cases() -> Vec<Case> {
    let seen = cases![
        a_row_that_two_cascades_reach_folds_to_the_table,
        a_table_that_refers_to_itself_folds_to_the_table,
        what_a_delete_reaches_twice_folds_to_the_table,
    ];
    let postgres = cases![
        a_row_that_another_trigger_changes_again_folds_to_the_table,
        triggers_for_each_row_record_what_the_others_do,
        a_foreign_key_that_comes_or_goes_is_told,
    ];
    let sqlite = cases![a_row_that_may_refer_to_itself_is_told];
    let seen = seen
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres, Server::Sqlite]));
    let postgres = postgres
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres]));
    let sqlite = sqlite
        .into_iter()
        .map(|case| case.only_on(&[Server::Sqlite]));
    seen.chain(postgres).chain(sqlite).collect()
}

async fn install(db: &DatabaseConnection, name: &str, columns: &[&str]) {
    let table = columns.iter().fold(
        TriggerTable::named(name).key("id", Kind::Integer),
        |table, column| table.column(*column, Kind::Integer),
    );
    table.install(&SchemaManager::new(db)).await.unwrap();
}

/// Panics unless the log adds up to the table's rows, of integers.
async fn check(db: &DatabaseConnection, table: &str, columns: &[&str]) {
    let columns = [&["id"], columns].concat();
    let sql = format!("SELECT {} FROM {table}", columns.join(", "));
    let found = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    let rows: Rows = found
        .iter()
        .map(|row| {
            let value = |column: &&str| -> Option<i32> { row.try_get("", column).unwrap() };
            let values = columns
                .iter()
                .map(|column| ((*column).to_owned(), json!(value(column))));
            (value(&"id").unwrap().to_string(), values.collect())
        })
        .collect();
    let folded = fold(db, table, |known, value| known == Some(value)).await;
    assert_eq!(folded, rows, "{table}");
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
    run(
        &db,
        "INSERT INTO item VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    )
    .await;
    run(
        &db,
        "INSERT INTO part VALUES (1, 1, 1, 1), (2, 1, 2, 3), (3, 4, 4, 5), (4, 5, 6, NULL), (5, NULL, NULL, NULL), (6, 7, 7, 8)",
    )
    .await;
    run(&db, "UPDATE item SET id = id + 100 WHERE id < 6").await;
    check(&db, "item", &[]).await;
    check(&db, "part", &["a", "b", "c"]).await;
    run(&db, "DELETE FROM item WHERE id IN (7, 101, 105)").await;
    check(&db, "item", &[]).await;
    check(&db, "part", &["a", "b", "c"]).await;
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
        "INSERT INTO item VALUES (1, NULL, NULL), (2, 1, 1), (3, 2, 1), (4, 1, 3)",
    )
    .await;
    // On SQLite, what a row that refers to itself follows is recorded before what it follows; `status` says so.
    if test.server == Server::Postgres {
        run(&db, "UPDATE item SET other = 1 WHERE id = 1").await;
    }
    run(&db, "UPDATE item SET id = 11 WHERE id = 1").await;
    check(&db, "item", &["parent", "other"]).await;
    run(&db, "UPDATE item SET id = id + 100").await;
    check(&db, "item", &["parent", "other"]).await;
    run(&db, "DELETE FROM item WHERE id IN (111, 103)").await;
    check(&db, "item", &["parent", "other"]).await;
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
    check(&db, "item", &["parent", "other"]).await;
    if test.server == Server::Sqlite {
        return;
    }
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 4 RETURNING id) UPDATE item SET other = 5 WHERE id = 5",
    )
    .await;
    check(&db, "item", &["parent", "other"]).await;
}

async fn a_row_that_another_trigger_changes_again_folds_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, n integer, twice integer); \
         CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         UPDATE item SET twice = n * 2 WHERE id = NEW.id AND twice IS DISTINCT FROM n * 2; RETURN NULL; END $$; \
         CREATE TRIGGER twice AFTER INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION twice()",
    )
    .await;
    install(&db, "item", &["n", "twice"]).await;
    run(
        &db,
        "INSERT INTO item (id, n) VALUES (1, 1), (2, 2), (3, 3)",
    )
    .await;
    run(&db, "UPDATE item SET n = n + 1 WHERE id < 3").await;
    run(&db, "UPDATE item SET id = id + 10, n = 7 WHERE id = 3").await;
    run(&db, "UPDATE item SET n = n").await;
    run(&db, "DELETE FROM item WHERE id = 1").await;
    check(&db, "item", &["n", "twice"]).await;
    // Three rows come and are changed again, two are changed twice, one twice with its key, one goes.
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log").await,
        6 + 4 + 2 + 1
    );
}

/// A table whose foreign keys may reach a row twice, and which has everything else that an audited table may have.
async fn triggers_for_each_row_record_what_the_others_do(test: Arc<TestDb>) {
    let db = test.connect().await;
    for (name, keys) in [
        ("plain", ""),
        ("tree", " REFERENCES tree ON UPDATE CASCADE"),
    ] {
        run(
            &db,
            &format!(
                "CREATE TABLE {name} (\"the id\" integer PRIMARY KEY, parent integer{keys}, \"audit_moment\" text, \"%s\" text, \
                 secret text, unseen text, price numeric, big text GENERATED ALWAYS AS (upper(audit_moment)) STORED)"
            ),
        )
        .await;
        TriggerTable::named(name)
            .key("the id", Kind::Integer)
            .column("parent", Kind::Integer)
            .column("audit_moment", Kind::Text)
            .column("%s", Kind::Text)
            .redacted("secret", Kind::Text)
            .excluded("unseen")
            .column("price", Kind::Decimal)
            .column("big", Kind::Text)
            .install(&SchemaManager::new(&db))
            .await
            .unwrap();
    }
    let by_row = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '0_audit%' AND tgtype & 1 = 1";
    assert_eq!(count(&db, by_row).await, 2, "update and delete of tree");
    for name in ["plain", "tree"] {
        for sql in [
            "INSERT INTO {} SELECT i, NULL, 'a' || i, '%', 'x', 'y', 1.10 FROM generate_series(1, 5) i",
            "UPDATE {} SET parent = 1, audit_moment = 'it''s', secret = 'z' WHERE \"the id\" > 2",
            "UPDATE {} SET unseen = 'n', price = 1.1",
            "UPDATE {} SET \"%s\" = NULL WHERE \"the id\" = 2",
            "UPDATE {} SET \"the id\" = 50, price = 2 WHERE \"the id\" = 5",
            // By the catalogue, and again by the text that was made at first, with a column that went and came.
            "ALTER TABLE {} ADD later integer DEFAULT 7",
            "UPDATE {} SET later = \"the id\"",
            "UPDATE {} SET \"the id\" = 40, later = NULL WHERE \"the id\" = 4",
            "DELETE FROM {} WHERE \"the id\" = 3",
            "ALTER TABLE {} DROP later",
            "ALTER TABLE {} DROP audit_moment CASCADE",
            "ALTER TABLE {} ADD audit_moment text, ADD big text",
            "UPDATE {} SET audit_moment = 'again', big = 'B'",
            "DELETE FROM {}",
        ] {
            run(&db, &sql.replace("{}", name)).await;
        }
    }
    type Said = (String, String, Option<String>, Option<Json>, Option<Json>);
    let said = async |name: &str| -> Vec<Said> {
        let entries = log(&db).await;
        let of = entries.into_iter().filter(|entry| entry.entity == name);
        let mut said: Vec<Said> = of
            .map(|entry| {
                (
                    entry.action.to_string(),
                    entry.record_id,
                    entry.old_record_id,
                    entry.old_values,
                    entry.new_values,
                )
            })
            .collect();
        // Nobody says in which order a statement takes its rows.
        said.sort_by(|a, b| a.1.cmp(&b.1));
        said
    };
    let plain = said("plain").await;
    assert_eq!(plain.len(), 5 + 3 + 1 + 1 + 5 + 1 + 1 + 4 + 4);
    assert_eq!(said("tree").await, plain);
    let again = Some(json!({"audit_moment": "again", "big": "B"}));
    assert_eq!(plain.iter().filter(|entry| entry.4 == again).count(), 4);
}

async fn a_foreign_key_that_comes_or_goes_is_told(test: Arc<TestDb>) {
    let db = store(&test).await;
    let status = async || {
        let status = triggers::status(&db).await.unwrap();
        status.table("store_label").unwrap().state.clone()
    };
    assert_eq!(status().await, State::Installed);
    run(
        &db,
        "CREATE TABLE author (id integer PRIMARY KEY); INSERT INTO author VALUES (1); \
         ALTER TABLE store_label ADD CONSTRAINT by_author FOREIGN KEY (id) REFERENCES author ON UPDATE CASCADE ON DELETE CASCADE; \
         ALTER TABLE store_label DROP CONSTRAINT \"fk-store_label-ware_id\"; \
         ALTER TABLE store_label ADD CONSTRAINT of_ware FOREIGN KEY (ware_id) REFERENCES store_ware ON UPDATE CASCADE",
    )
    .await;
    let State::Outdated(differences) = status().await else {
        panic!("{:?}", status().await)
    };
    let differences = differences.join(", ");
    assert!(
        differences.contains("0_audit_update") && differences.contains("0_audit_delete"),
        "{differences}"
    );
    assert!(!differences.contains("0_audit_insert"), "{differences}");
    let manager = SchemaManager::new(&db);
    triggers::install::<label::Entity>(&manager).await.unwrap();
    assert_eq!(status().await, State::Installed);
    new_ware("tea", 1).insert(&db).await.unwrap();
    run(&db, "INSERT INTO store_label VALUES (1, 'green', 1)").await;
    run(
        &db,
        "WITH a AS (UPDATE author SET id = 2) UPDATE store_ware SET id = 2",
    )
    .await;
    replay_store(&db).await;
    run(&db, "ALTER TABLE store_label DROP CONSTRAINT by_author").await;
    assert!(matches!(status().await, State::Outdated(_)));
    triggers::install::<label::Entity>(&manager).await.unwrap();
    assert_eq!(status().await, State::Installed);
    run(&db, "UPDATE store_label SET text = 'black'").await;
    replay_store(&db).await;
}

async fn a_row_that_may_refer_to_itself_is_told(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE store_label (id INTEGER PRIMARY KEY, text TEXT, ware_id INTEGER REFERENCES STORE_LABEL ON UPDATE CASCADE)",
    )
    .await;
    triggers::install::<label::Entity>(&SchemaManager::new(&db))
        .await
        .unwrap();
    let status = triggers::status(&db).await.unwrap();
    let label = status.table("store_label").unwrap();
    assert!(label.is_installed(), "{status}");
    assert!(
        label.gaps.iter().any(|gap| gap.contains("`ware_id`")),
        "{:?}",
        label.gaps
    );
}
