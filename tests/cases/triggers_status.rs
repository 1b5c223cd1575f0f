//! Triggers installed, looked after and dropped, and what is said where they cannot be.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, Statement, TransactionTrait,
};
use sea_orm_audit_migration::{
    CreateTriggerSupport,
    triggers::{self, Error, Kind, State, TriggerTable},
};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::run,
        server::{Server, TestDb},
        shop::{create_table, product},
        store::{bare_store, label, new_ware, replay_store, store, ware},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        what_is_installed_twice_is_installed_once,
        up_and_down_and_up_again_leaves_nothing_and_records_again,
        an_entity_and_its_description_written_out_are_the_same,
        status_tells_how_each_table_stands,
        a_column_added_to_the_table_is_told,
        a_trigger_that_is_gone_or_disabled_is_told,
        what_an_installation_lacks_is_named_and_nothing_is_half_installed,
        a_log_that_cannot_be_written_fails_the_write,
        what_all_triggers_need_stays_while_there_are_some,
        a_change_of_options_takes_an_installation_to_count,
    ]
}

/// Everything in the database that looks like ours, but for the log and what all triggers need.
async fn objects(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => {
            "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal \
             UNION ALL SELECT proname::text FROM pg_proc WHERE prorettype = 'trigger'::regtype AND proname LIKE 'audit%'"
        }
        sea_orm::DbBackend::MySql => {
            "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn state(db: &DatabaseConnection, table: &str) -> State {
    let status = triggers::status(db).await.unwrap();
    status
        .table(table)
        .unwrap_or_else(|| panic!("{table} is not in {status}"))
        .state
        .clone()
}

/// The error of ours that an installation ended with.
fn refused(result: Result<(), DbErr>) -> DbErr {
    let err = result.unwrap_err();
    assert!(Error::of(&err).is_some(), "{err}");
    err
}

async fn what_is_installed_twice_is_installed_once(test: Arc<TestDb>) {
    let db = store(&test).await;
    let before = objects(&db).await;
    let manager = SchemaManager::new(&db);
    // A second installation touches nothing, so it waits for nobody who has written.
    let writer = db.begin().await.unwrap();
    if test.server != Server::Sqlite {
        new_ware("tea", 1).insert(&writer).await.unwrap();
    }
    triggers::install::<ware::Entity>(&manager).await.unwrap();
    triggers::install::<label::Entity>(&manager).await.unwrap();
    writer.commit().await.unwrap();
    assert_eq!(objects(&db).await, before);
    new_ware("mug", 1).insert(&db).await.unwrap();
    replay_store(&db).await;
}

async fn up_and_down_and_up_again_leaves_nothing_and_records_again(test: Arc<TestDb>) {
    let db = bare_store(&test).await;
    let manager = SchemaManager::new(&db);
    assert!(objects(&db).await.is_empty());
    triggers::drop::<ware::Entity>(&manager).await.unwrap();
    for round in 0..3 {
        triggers::install::<ware::Entity>(&manager).await.unwrap();
        triggers::install::<label::Entity>(&manager).await.unwrap();
        new_ware(&format!("ware {round}"), 1)
            .insert(&db)
            .await
            .unwrap();
        assert_eq!(log(&db).await.len(), round + 1);
        replay_store(&db).await;
        triggers::drop::<label::Entity>(&manager).await.unwrap();
        triggers::drop::<ware::Entity>(&manager).await.unwrap();
        assert!(objects(&db).await.is_empty(), "{:?}", objects(&db).await);
    }
    let mut unseen = new_ware("unseen", 1);
    unseen.seen = sea_orm::Set(1);
    unseen.insert(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 3);
    // Of a table that is gone.
    triggers::install::<label::Entity>(&manager).await.unwrap();
    run(&db, "DROP TABLE store_label").await;
    triggers::drop::<label::Entity>(&manager).await.unwrap();
    assert!(objects(&db).await.is_empty(), "{:?}", objects(&db).await);
}

async fn an_entity_and_its_description_written_out_are_the_same(test: Arc<TestDb>) {
    let described = TriggerTable::named("store_ware")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("price", Kind::Decimal)
        .column("stock", Kind::Integer)
        .redacted("supplier", Kind::Text)
        .excluded("seen");
    let db = bare_store(&test).await;
    described.install(&SchemaManager::new(&db)).await.unwrap();
    triggers::install::<label::Entity>(&SchemaManager::new(&db))
        .await
        .unwrap();
    assert_eq!(state(&db, "store_ware").await, State::Installed);
    new_ware("tea", 1).insert(&db).await.unwrap();
    replay_store(&db).await;
}

async fn status_tells_how_each_table_stands(test: Arc<TestDb>) {
    let db = bare_store(&test).await;
    let manager = SchemaManager::new(&db);
    assert!(matches!(state(&db, "store_ware").await, State::Missing(_)));
    triggers::install::<ware::Entity>(&manager).await.unwrap();
    assert_eq!(state(&db, "store_ware").await, State::Installed);
    assert!(matches!(state(&db, "store_label").await, State::Missing(_)));
    let refused = triggers::status(&db).await.unwrap().check().unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("store_label: missing"), "{text}");
    assert!(!text.contains("store_ware"), "{text}");

    // Triggers that no entity asks for, and triggers beside an entity's hooks.
    create_table(&db, product::Entity).await;
    let product = TriggerTable::of::<product::Entity>(db.get_database_backend());
    product.install(&manager).await.unwrap();
    assert_eq!(state(&db, "product").await, State::CapturedByHooks);
    run(
        &db,
        "CREATE TABLE nobodys (id integer NOT NULL PRIMARY KEY)",
    )
    .await;
    let nobodys = TriggerTable::named("nobodys").key("id", Kind::Integer);
    nobodys.install(&manager).await.unwrap();
    assert_eq!(state(&db, "nobodys").await, State::LeftOver);
    nobodys.drop(&manager).await.unwrap();
    let status = triggers::status(&db).await.unwrap();
    assert!(status.table("nobodys").is_none(), "{status}");
}

async fn a_column_added_to_the_table_is_told(test: Arc<TestDb>) {
    let db = store(&test).await;
    run(&db, "ALTER TABLE store_ware ADD COLUMN colour varchar(20)").await;
    let State::Outdated(differences) = state(&db, "store_ware").await else {
        panic!("{}", triggers::status(&db).await.unwrap());
    };
    assert!(
        differences.iter().any(|line| line.contains("colour")),
        "{differences:?}"
    );
    // The write goes on all the same.
    new_ware("tea", 1).insert(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 1);
    triggers::install::<ware::Entity>(&SchemaManager::new(&db))
        .await
        .unwrap();
    assert_eq!(state(&db, "store_ware").await, State::Installed);
}

async fn a_change_of_options_takes_an_installation_to_count(test: Arc<TestDb>) {
    let db = bare_store(&test).await;
    let manager = SchemaManager::new(&db);
    let before = TriggerTable::of::<ware::Entity>(db.get_database_backend())
        .values(sea_orm_audit::Values::Full);
    before.install(&manager).await.unwrap();
    let State::Outdated(differences) = state(&db, "store_ware").await else {
        panic!("{}", triggers::status(&db).await.unwrap());
    };
    assert_eq!(differences, ["`values` was \"full\" and is \"changed\""]);
    triggers::install::<ware::Entity>(&manager).await.unwrap();
    assert_eq!(state(&db, "store_ware").await, State::Installed);
}

async fn a_trigger_that_is_gone_or_disabled_is_told(test: Arc<TestDb>) {
    let db = store(&test).await;
    let names = objects(&db).await;
    let of_update = |name: &&String| name.contains("update");
    match test.server {
        Server::Postgres => {
            run(
                &db,
                "ALTER TABLE store_ware DISABLE TRIGGER \"0_audit_update\"",
            )
            .await;
            let State::Disabled(which) = state(&db, "store_ware").await else {
                panic!("{}", triggers::status(&db).await.unwrap());
            };
            assert!(which[0].contains("0_audit_update"), "{which:?}");
            run(&db, "DROP TRIGGER \"0_audit_delete\" ON store_ware").await;
        }
        _ => {
            let name = names
                .iter()
                .filter(of_update)
                .find(|name| name.contains("ware"))
                .unwrap();
            let quote = if test.server == Server::MySql {
                '`'
            } else {
                '"'
            };
            run(&db, &format!("DROP TRIGGER {quote}{name}{quote}")).await;
        }
    }
    assert!(matches!(state(&db, "store_ware").await, State::Missing(_)));
    triggers::install::<ware::Entity>(&SchemaManager::new(&db))
        .await
        .unwrap();
    assert_eq!(state(&db, "store_ware").await, State::Installed);
    new_ware("tea", 1).insert(&db).await.unwrap();
    replay_store(&db).await;
}

async fn what_an_installation_lacks_is_named_and_nothing_is_half_installed(test: Arc<TestDb>) {
    let db = test.connect().await;
    let manager = SchemaManager::new(&db);
    let item = || {
        TriggerTable::named("item")
            .key("id", Kind::Integer)
            .column("name", Kind::Text)
    };

    let err = refused(item().install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::TableMissing { table }) if table == "item"),
        "{err}"
    );

    run(
        &db,
        "CREATE TABLE item (id integer NOT NULL, name varchar(20))",
    )
    .await;
    let err = refused(item().install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::NoKey { table, columns }) if table == "item" && columns == "id"),
        "{err}"
    );
    let keyless = TriggerTable::named("item").column("name", Kind::Text);
    let err = refused(keyless.install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::NoKey { .. })),
        "{err}"
    );

    run(&db, "CREATE UNIQUE INDEX item_id ON item (id)").await;
    let err = refused(
        item()
            .column("price", Kind::Decimal)
            .install(&manager)
            .await,
    );
    assert!(
        matches!(Error::of(&err), Some(Error::ColumnMissing { column, .. }) if column == "price"),
        "{err}"
    );

    let err = refused(item().log("no_log").install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::LogMissing { log, .. }) if log == "no_log"),
        "{err}"
    );

    let hidden = TriggerTable::named("item")
        .key("name", Kind::Text)
        .redacted("name", Kind::Text);
    let err = refused(hidden.install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::HiddenKey { column, .. }) if column == "name"),
        "{err}"
    );

    let long = TriggerTable::named(format!("{}.item", "s".repeat(200))).key("id", Kind::Integer);
    let err = refused(long.install(&manager).await);
    assert!(
        matches!(
            Error::of(&err),
            Some(Error::NameTooLong { length: 205, .. })
        ),
        "{err}"
    );

    run(&db, "CREATE VIEW item_view AS SELECT * FROM item").await;
    let view = TriggerTable::named("item_view").key("id", Kind::Integer);
    let err = refused(view.install(&manager).await);
    assert!(
        matches!(Error::of(&err), Some(Error::NotATable { .. })),
        "{err}"
    );

    assert!(objects(&db).await.is_empty(), "{:?}", objects(&db).await);
    item().install(&manager).await.unwrap();
}

async fn a_log_that_cannot_be_written_fails_the_write(test: Arc<TestDb>) {
    let db = store(&test).await;
    new_ware("tea", 1).insert(&db).await.unwrap();
    // SQLite's triggers follow a table that is renamed.
    let (break_it, mend_it) = match test.server {
        Server::Sqlite => (
            "CREATE TRIGGER no_more BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no more'); END",
            "DROP TRIGGER no_more",
        ),
        _ => (
            "ALTER TABLE audit_log RENAME TO audit_log_away",
            "ALTER TABLE audit_log_away RENAME TO audit_log",
        ),
    };
    run(&db, break_it).await;
    new_ware("mug", 1).insert(&db).await.unwrap_err();
    run(&db, mend_it).await;
    new_ware("pot", 1).insert(&db).await.unwrap();
    replay_store(&db).await;
}

async fn what_all_triggers_need_stays_while_there_are_some(test: Arc<TestDb>) {
    let db = store(&test).await;
    let manager = SchemaManager::new(&db);
    if test.server == Server::MySql {
        // There is nothing that they need.
        CreateTriggerSupport.down(&manager).await.unwrap();
    } else {
        let err = CreateTriggerSupport.down(&manager).await.unwrap_err();
        assert!(err.to_string().contains("drop the triggers of"), "{err}");
    }
    new_ware("tea", 1).insert(&db).await.unwrap();
    triggers::drop::<ware::Entity>(&manager).await.unwrap();
    triggers::drop::<label::Entity>(&manager).await.unwrap();
    CreateTriggerSupport.down(&manager).await.unwrap();
    if test.server != Server::MySql {
        let err = refused(triggers::install::<ware::Entity>(&manager).await);
        assert!(
            matches!(
                Error::of(&err),
                Some(Error::SupportMissing {
                    migration: "audit_m0002_create_trigger_support"
                })
            ),
            "{err}"
        );
    }
    CreateTriggerSupport.up(&manager).await.unwrap();
    triggers::install::<ware::Entity>(&manager).await.unwrap();
    new_ware("mug", 1).insert(&db).await.unwrap();
    assert_eq!(log(&db).await.len(), 2);
}
