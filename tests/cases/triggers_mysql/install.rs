//! Installing and dropping.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use sea_orm_audit_migration::triggers::{Error, Kind, TriggerTable};
use sea_orm_migration::SchemaManager;

use super::{item, items, recorded_items, said};
use crate::{
    cases,
    support::{
        case::{Case, left_out},
        log::log,
        plain::{install, not_installed, one, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        installing_twice_touches_nothing,
        what_changed_is_installed_anew,
        up_down_and_up_again,
        what_does_not_go_together_is_refused,
        a_trigger_of_somebody_else_stays,
        nothing_is_half_installed,
        a_session_keeps_its_settings,
        inside_a_transaction,
        a_table_and_a_log_in_other_databases,
        a_user_without_rights_is_told_what_to_do,
        what_a_dump_restores_is_still_ours,
    ]
}

/// Names, bodies and moments of creation.
async fn triggers(db: &DatabaseConnection) -> String {
    one(
        db,
        "SELECT GROUP_CONCAT(TRIGGER_NAME, EVENT_OBJECT_TABLE, CREATED, MD5(ACTION_STATEMENT) ORDER BY TRIGGER_NAME) \
         FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
    )
    .await
}

async fn names(db: &DatabaseConnection) -> String {
    one(
        db,
        "SELECT GROUP_CONCAT(TRIGGER_NAME ORDER BY TRIGGER_NAME) FROM information_schema.TRIGGERS \
         WHERE TRIGGER_SCHEMA = DATABASE()",
    )
    .await
}

const OURS: &str = "audit_item_delete,audit_item_insert,audit_item_update";

async fn installing_twice_touches_nothing(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    let before = triggers(&db).await;
    install(&db, &item()).await;
    assert_eq!(triggers(&db).await, before);
    assert_eq!(names(&db).await, OURS);
}

async fn what_changed_is_installed_anew(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    run(&db, "ALTER TABLE item ADD colour VARCHAR(20)").await;
    run(&db, "INSERT INTO item (name, colour) VALUES ('a', 'red')").await;
    install(&db, &item().column("colour", Kind::Text)).await;
    run(&db, "UPDATE item SET colour = 'blue'").await;
    let all = said(&db).await;
    assert!(all[0].4.get("colour").is_none());
    assert_eq!(all[1].4["colour"], "blue");
    // One that was changed by hand is put right, too.
    run(&db, "DROP TRIGGER audit_item_update").await;
    install(&db, &item().column("colour", Kind::Text)).await;
    run(&db, "UPDATE item SET colour = 'green'").await;
    assert_eq!(said(&db).await.len(), 1);
}

async fn up_down_and_up_again(test: Arc<TestDb>) {
    let db = items(&test).await;
    let manager = SchemaManager::new(&db);
    item().drop(&manager).await.unwrap();
    for _ in 0..2 {
        item().install(&manager).await.unwrap();
        run(&db, "INSERT INTO item (name) VALUES (UUID())").await;
        assert_eq!(said(&db).await.len(), 1);
        item().drop(&manager).await.unwrap();
        item().drop(&manager).await.unwrap();
        assert_eq!(names(&db).await, "");
        run(&db, "INSERT INTO item (name) VALUES (UUID())").await;
        assert!(said(&db).await.is_empty());
    }
    item().install(&manager).await.unwrap();
    run(&db, "DROP TABLE item").await;
    item().drop(&manager).await.unwrap();
}

async fn what_does_not_go_together_is_refused(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "CREATE VIEW items AS SELECT id FROM item").await;
    run(&db, "CREATE TABLE keyless (id INT, k VARCHAR(100), g GEOMETRY, UNIQUE (k(5)), UNIQUE (id, k(7)))").await;
    run(&db, "CREATE TABLE shape (id INT PRIMARY KEY, g GEOMETRY)").await;
    let named = |name: &str| TriggerTable::named(name).key("id", Kind::Integer);
    let of = |err: &DbErr| Error::of(err).map(ToString::to_string).unwrap_or_default();
    for (table, says) in [
        (named("nothing"), "table `nothing` does not exist"),
        (named("items"), "`items` is a view"),
        (named("keyless"), "no primary key or unique index over (id)"),
        (
            named("keyless").key("k", Kind::Text),
            "no primary key or unique index over (id, k)",
        ),
        (
            named("item").column("colour", Kind::Text),
            "has no column `colour`",
        ),
        (
            named("item").log("elsewhere"),
            "log table `elsewhere` of `item` does not exist",
        ),
        (
            named("item").log("nowhere.audit_log"),
            "log table `nowhere.audit_log` of `item` does not exist",
        ),
        (named("nowhere.item"), "table `nowhere.item` does not exist"),
        (
            named("shape").column("g", Kind::Bytes),
            "column `g` of `shape` has type `geometry`",
        ),
        (
            named("item").column("name", Kind::Vector),
            "column `name` of `item` has type `varchar(200)`",
        ),
    ] {
        let err = not_installed(&db, &table).await;
        assert!(of(&err).contains(says), "{says}: {err:?}");
    }
    assert_eq!(names(&db).await, "");
    install(&db, &named("shape").excluded("g")).await;
    run(
        &db,
        "INSERT INTO shape VALUES (1, ST_GeomFromText('POINT(1 2)'))",
    )
    .await;
    assert_eq!(said(&db).await[0].4, serde_json::json!({"id": 1}));
}

async fn a_trigger_of_somebody_else_stays(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TRIGGER audit_item_delete AFTER DELETE ON item FOR EACH ROW SET @gone = OLD.id",
    )
    .await;
    let err = not_installed(&db, &item()).await;
    assert!(
        matches!(Error::of(&err), Some(Error::Unsupported { reason, .. }) if reason.contains("`audit_item_delete`")),
        "{err:?}"
    );
    item().drop(&SchemaManager::new(&db)).await.unwrap();
    assert_eq!(names(&db).await, "audit_item_delete");
    run(&db, "DROP TRIGGER audit_item_delete").await;
    // Beside ours, another one fires too.
    run(
        &db,
        "CREATE TRIGGER own AFTER DELETE ON item FOR EACH ROW SET @gone = OLD.id",
    )
    .await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item (name) VALUES ('a')").await;
    run(&db, "DELETE FROM item").await;
    assert_eq!(one(&db, "SELECT @gone").await, "1");
    assert_eq!(said(&db).await.len(), 2);
    item().drop(&SchemaManager::new(&db)).await.unwrap();
    assert_eq!(names(&db).await, "own");
    // Triggers go with a table that is renamed, and would name it wrongly.
    install(&db, &item()).await;
    run(&db, "RENAME TABLE item TO thing").await;
    run(&db, "CREATE TABLE item LIKE thing").await;
    let err = not_installed(&db, &item()).await;
    assert!(err.to_string().len() > 1, "{err}");
    assert!(
        matches!(Error::of(&err), Some(Error::Unsupported { reason, .. }) if reason.contains("`thing`")),
        "{err:?}"
    );
}

/// The third cannot be created: what was there before is there again.
async fn nothing_is_half_installed(test: Arc<TestDb>) {
    let db = items(&test).await;
    let wide = |columns: usize| {
        (0..columns).fold(item(), |table, at| {
            table.column(format!("c{at}"), Kind::Text)
        })
    };
    run(&db, "ALTER TABLE item ADD c0 TEXT").await;
    install(&db, &wide(1)).await;
    let before = triggers(&db).await;
    // One lock is not to be had: another session writes to the table and does not commit.
    let other = test.pool(1).await;
    let open = other.begin().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&open, "INSERT INTO item (name) VALUES ('open')")
        .await
        .unwrap();
    run(&db, "SET lock_wait_timeout = 1").await;
    let mode = one(&db, "SELECT @@sql_mode").await;
    let err = not_installed(&db, &item()).await;
    assert!(err.to_string().contains("1205"), "{err}");
    open.rollback().await.unwrap();
    assert_eq!(triggers(&db).await, before);
    assert_eq!(one(&db, "SELECT @@sql_mode").await, mode);
    install(&db, &item()).await;
    assert_ne!(triggers(&db).await, before);
}

async fn a_session_keeps_its_settings(test: Arc<TestDb>) {
    let db = items(&test).await;
    let settings = "SELECT CONCAT_WS('|', @@sql_mode, @@character_set_client, @@character_set_results, \
                    @@character_set_connection, @@collation_connection)";
    for mode in ["", "ANSI,NO_BACKSLASH_ESCAPES", "TRADITIONAL"] {
        run(
            &db,
            &format!("SET NAMES utf8mb4 COLLATE utf8mb4_general_ci, SESSION sql_mode = '{mode}'"),
        )
        .await;
        let before = one(&db, settings).await;
        install(&db, &item()).await;
        assert_eq!(one(&db, settings).await, before, "{mode}");
        let bodies = one(
            &db,
            "SELECT GROUP_CONCAT(DISTINCT SQL_MODE, COLLATION_CONNECTION, CHARACTER_SET_CLIENT) \
             FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
        )
        .await;
        assert_eq!(
            bodies, "STRICT_ALL_TABLES,ALLOW_INVALID_DATESutf8mb4_binutf8mb4",
            "{mode}"
        );
        run(&db, "INSERT INTO item (name) VALUES (UUID())").await;
        assert_eq!(said(&db).await.len(), 1, "{mode}");
        item().drop(&SchemaManager::new(&db)).await.unwrap();
        assert_eq!(names(&db).await, "", "{mode}");
    }
}

async fn inside_a_transaction(test: Arc<TestDb>) {
    let db = items(&test).await;
    let inside = db.begin().await.unwrap();
    item().install(&SchemaManager::new(&inside)).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&inside, "INSERT INTO item (name) VALUES ('a')")
        .await
        .unwrap();
    inside.commit().await.unwrap();
    assert_eq!(said(&db).await.len(), 1);
    let inside = db.begin().await.unwrap();
    item().drop(&SchemaManager::new(&inside)).await.unwrap();
    inside.commit().await.unwrap();
    assert_eq!(names(&db).await, "");
}

async fn a_table_and_a_log_in_other_databases(test: Arc<TestDb>) {
    let db = items(&test).await;
    let own = one(&db, "SELECT DATABASE()").await;
    let far = format!("{own}_far");
    run(&db, &format!("CREATE DATABASE {far}")).await;
    run(&db, &format!("CREATE TABLE {far}.item LIKE item")).await;
    run(&db, &format!("CREATE TABLE {far}.far_log LIKE audit_log")).await;
    let result = tokio::spawn({
        let (db, far) = (db.clone(), far.clone());
        async move {
            let named = |name: String| {
                TriggerTable::named(name)
                    .key("id", Kind::Integer)
                    .column("name", Kind::Text)
            };
            let table = named(format!("{far}.item"));
            install(&db, &table).await;
            install(&db, &item().log(format!("{far}.far_log"))).await;
            run(&db, "INSERT INTO item (name) VALUES ('here')").await;
            run(&db, "USE information_schema").await;
            run(
                &db,
                &format!("INSERT INTO {far}.item (name) VALUES ('there')"),
            )
            .await;
            run(&db, &format!("USE {}", far.trim_end_matches("_far"))).await;
            let entries = log(&db).await;
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].entity, format!("{far}.item"));
            assert_eq!(
                one(&db, &format!("SELECT entity FROM {far}.far_log")).await,
                "item"
            );
            install(&db, &table).await;
            table.drop(&SchemaManager::new(&db)).await.unwrap();
            run(
                &db,
                &format!("INSERT INTO {far}.item (name) VALUES ('unseen')"),
            )
            .await;
            assert_eq!(log(&db).await.len(), 1);
        }
    })
    .await;
    run(&db, &format!("DROP DATABASE {far}")).await;
    result.unwrap();
}

async fn a_user_without_rights_is_told_what_to_do(test: Arc<TestDb>) {
    let db = items(&test).await;
    let own = one(&db, "SELECT DATABASE()").await;
    let clerk = format!("creator_{}", std::process::id());
    let create = format!("CREATE USER {clerk}@'%' IDENTIFIED BY 'pw'");
    if let Err(err) = try_run(&db, &create).await {
        left_out(format!("no user may be created: {err}"));
    }
    run(
        &db,
        &format!("GRANT SELECT, INSERT, ALTER ON `{own}`.* TO {clerk}@'%'"),
    )
    .await;
    let url = test.url();
    let (_, host) = url.split_once('@').unwrap();
    // A session keeps the rights that it began with.
    let connect = || sea_orm::Database::connect(format!("mysql://{clerk}:pw@{host}"));
    let mut said = Vec::new();
    if let Ok(db) = connect().await {
        said.push(item().install(&SchemaManager::new(&db)).await);
    }
    run(&db, &format!("GRANT TRIGGER ON `{own}`.* TO {clerk}@'%'")).await;
    let logged = one(
        &db,
        "SELECT @@log_bin AND NOT @@log_bin_trust_function_creators",
    )
    .await;
    if let Ok(db) = connect().await {
        said.push(item().install(&SchemaManager::new(&db)).await);
    }
    run(&db, &format!("DROP USER {clerk}@'%'")).await;
    assert_eq!(said.len(), 2, "{clerk} cannot connect");
    let remedy = |result: &Result<(), DbErr>| match result.as_ref().map_err(Error::of) {
        Err(Some(Error::NotPermitted { remedy, .. })) => (*remedy).to_owned(),
        other => format!("{other:?}"),
    };
    if logged == "1" {
        for said in &said {
            assert!(
                remedy(said).contains("log_bin_trust_function_creators"),
                "{said:?}"
            );
        }
        assert_eq!(names(&db).await, "");
    } else {
        assert!(remedy(&said[0]).contains("TRIGGER"), "{said:?}");
        assert!(said[1].is_ok(), "{said:?}");
    }
}

/// What restores a dump drops comments on the way.
async fn what_a_dump_restores_is_still_ours(test: Arc<TestDb>) {
    let db = recorded_items(&test).await;
    for event in ["INSERT", "UPDATE", "DELETE"] {
        let body = one(
            &db,
            &format!(
                "SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() \
                 AND EVENT_MANIPULATION = '{event}'"
            ),
        )
        .await;
        // A comment is `-- ` outside of every literal.
        let mut inside = false;
        let mut code = String::new();
        let mut chars = body.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if inside => drop(chars.next()),
                '\'' => inside = !inside,
                c if !inside => code.push(c),
                _ => {}
            }
        }
        assert!(
            !inside && !code.contains("--") && !code.contains('#') && !code.contains("/*"),
            "{code}"
        );
    }
}
