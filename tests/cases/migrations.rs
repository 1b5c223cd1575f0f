//! The log table: created, removed, combined with the application's own migrations, and read.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IntoActiveModel,
    ModelTrait, Set, Statement,
};
use sea_orm_audit::{AuditContext, Audited, audit_log};
use sea_orm_audit_migration::{CreateLog, Migrator};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::sea_query::Table,
};

use crate::{
    cases,
    support::{
        case::Case,
        documents::{document, documents, new_document},
        ledgers::{in_schema, own_log},
        log::{log, trail},
        replay::{Replay, replay},
        server::{Server, TestDb},
        shop::{create_table, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        up_down_and_up_again,
        our_list_extended_with_own_migrations,
        own_migrations_before_ours,
        the_migration_in_a_list_of_ones_own,
        a_migrator_of_ours_beside_the_hosts,
        a_log_of_another_name,
        a_name_that_does_not_fit_is_refused,
        a_failed_up_leaves_nothing_behind,
        an_entry_reads_back_through_the_entity,
        the_log_has_its_indexes,
        keys_that_differ_in_case_or_spaces_are_records_of_their_own,
    ];
    cases.extend(
        cases![a_log_in_another_schema]
            .into_iter()
            .map(|case| case.only_on(&[Server::Postgres])),
    );
    cases
}

/// The host's own migration.
struct CreateProduct;

impl MigrationName for CreateProduct {
    fn name(&self) -> &str {
        "m20260101_create_product"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateProduct {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let table = sea_orm::Schema::new(backend).create_table_from_entity(product::Entity);
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::drop().table(product::Entity).to_owned();
        manager.drop_table(drop).await
    }
}

/// A host's migrator of these migrations.
macro_rules! host {
    ($name:ident, $migrations:expr) => {
        struct $name;

        impl MigratorTrait for $name {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                $migrations
            }
        }
    };
}

host!(OursFirst, {
    let mut all = sea_orm_audit_migration::migrations();
    all.push(Box::new(CreateProduct));
    all
});

host!(OursLast, {
    let mut all: Vec<Box<dyn MigrationTrait>> = vec![Box::new(CreateProduct)];
    all.extend(sea_orm_audit_migration::migrations());
    all
});

host!(
    OneByOne,
    vec![Box::new(CreateProduct), Box::new(CreateLog::default())]
);

host!(HostOnly, vec![Box::new(CreateProduct)]);

host!(
    OwnLog,
    vec![
        Box::new(CreateLog::default()),
        Box::new(CreateLog::named("ledger_audit"))
    ]
);

host!(
    InSchema,
    vec![Box::new(CreateLog::named("audit.ledger_log"))]
);

async fn has(db: &DatabaseConnection, table: &str) -> bool {
    SchemaManager::new(db).has_table(table).await.unwrap()
}

/// Writes a product and checks its log.
async fn works(db: &DatabaseConnection) {
    let tea = new_product("tea", 250).insert(db).await.unwrap();
    tea.delete(db).await.unwrap();
    assert_eq!(log(db).await.len(), 2);
    replay::<product::Entity>(db).await;
}

/// Up, down and up again, each with its tables.
async fn there_and_back<M: MigratorTrait>(test: &TestDb) {
    let db = test.pool(2).await;
    M::up(&db, None).await.unwrap();
    works(&db).await;
    M::up(&db, None).await.unwrap();
    assert_eq!(log(&db).await.len(), 2, "a second `up` does nothing");

    M::down(&db, None).await.unwrap();
    assert!(!has(&db, "audit_log").await);
    assert!(!has(&db, "product").await);

    M::up(&db, None).await.unwrap();
    assert!(log(&db).await.is_empty());
    works(&db).await;
}

async fn up_down_and_up_again(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    for _ in 0..2 {
        Migrator::up(&db, None).await.unwrap();
        assert!(has(&db, "audit_log").await);
        assert!(log(&db).await.is_empty());
        Migrator::down(&db, None).await.unwrap();
        assert!(!has(&db, "audit_log").await);
    }
}

async fn our_list_extended_with_own_migrations(test: Arc<TestDb>) {
    there_and_back::<OursFirst>(&test).await;
}

async fn own_migrations_before_ours(test: Arc<TestDb>) {
    there_and_back::<OursLast>(&test).await;
}

async fn the_migration_in_a_list_of_ones_own(test: Arc<TestDb>) {
    there_and_back::<OneByOne>(&test).await;
}

async fn a_migrator_of_ours_beside_the_hosts(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    HostOnly::up(&db, None).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    // Neither takes the other's migrations for its own.
    HostOnly::up(&db, None).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    works(&db).await;

    Migrator::down(&db, None).await.unwrap();
    assert!(!has(&db, "audit_log").await);
    assert!(has(&db, "product").await);
    Migrator::up(&db, None).await.unwrap();
    HostOnly::down(&db, None).await.unwrap();
    assert!(has(&db, "audit_log").await);
    assert!(!has(&db, "product").await);
}

async fn a_log_of_another_name(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    OwnLog::up(&db, None).await.unwrap();
    create_table(&db, own_log::Entity).await;

    let row = own_log::ActiveModel {
        amount: Set(1),
        ..Default::default()
    };
    let mut change = row.insert(&db).await.unwrap().into_active_model();
    change.amount = Set(2);
    let row = change.update(&db).await.unwrap();

    assert!(log(&db).await.is_empty(), "nothing in the default log");
    let history = own_log::Entity::history(row.id).all(&db).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].action, audit_log::Action::Update);
    Replay::default()
        .log("ledger_audit")
        .check::<own_log::Entity>(&db)
        .await;

    OwnLog::down(&db, None).await.unwrap();
    assert!(!has(&db, "ledger_audit").await);
}

async fn a_log_in_another_schema(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    db.execute_unprepared("CREATE SCHEMA audit").await.unwrap();
    InSchema::up(&db, None).await.unwrap();
    create_table(&db, in_schema::Entity).await;

    let row = in_schema::ActiveModel {
        amount: Set(1),
        ..Default::default()
    };
    let row = row.insert(&db).await.unwrap();
    let id = row.id;
    row.delete(&db).await.unwrap();

    let history = in_schema::Entity::history(id).all(&db).await.unwrap();
    assert_eq!(history.len(), 2);
    Replay::default()
        .log("audit.ledger_log")
        .check::<in_schema::Entity>(&db)
        .await;
    InSchema::down(&db, None).await.unwrap();
    InSchema::up(&db, None).await.unwrap();
}

async fn a_name_that_does_not_fit_is_refused(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    let manager = SchemaManager::new(&db);
    let longest = "l".repeat(48);
    for refused in ["", "audit.", ".log", &format!("{longest}l")] {
        let err = CreateLog::named(refused).up(&manager).await.unwrap_err();
        assert!(matches!(err, DbErr::Migration(_)), "{refused}: {err}");
        assert!(err.to_string().contains("cannot be called"), "{err}");
    }
    CreateLog::named(&longest).up(&manager).await.unwrap();
    assert_eq!(indexes(&db, &longest).await.len(), 4);
}

host!(WithATableInTheWay, vec![Box::new(CreateLog::default())]);

async fn a_failed_up_leaves_nothing_behind(test: Arc<TestDb>) {
    let db = test.pool(2).await;
    create_table(&db, product::Entity).await;
    // An index of this name can be there already, so that the table is made and its index is not.
    if test.server != Server::MySql {
        db.execute_unprepared("CREATE INDEX idx_audit_log_time ON product (name)")
            .await
            .unwrap();
    } else {
        db.execute_unprepared("CREATE TABLE audit_log (id INT)")
            .await
            .unwrap();
    }

    WithATableInTheWay::up(&db, None).await.unwrap_err();

    match test.server {
        Server::MySql => db.execute_unprepared("DROP TABLE audit_log").await,
        _ => {
            assert!(!has(&db, "audit_log").await);
            db.execute_unprepared("DROP INDEX idx_audit_log_time").await
        }
    }
    .unwrap();
    WithATableInTheWay::up(&db, None).await.unwrap();
    works(&db).await;
}

async fn an_entry_reads_back_through_the_entity(test: Arc<TestDb>) {
    let db = test.connect().await;
    let now = chrono_now();
    // Every column at its longest, and in letters of more than one byte.
    let written = audit_log::ActiveModel {
        occurred_at: Set(now),
        action: Set(audit_log::Action::Update),
        entity: Set("ä".repeat(audit_log::ENTITY_LENGTH)),
        record_id: Set("€".repeat(audit_log::RECORD_ID_LENGTH)),
        old_record_id: Set(Some("𝄞".repeat(audit_log::RECORD_ID_LENGTH))),
        actor: Set(Some("ß".repeat(audit_log::CONTEXT_LENGTH))),
        correlation_id: Set(Some("é".repeat(audit_log::CONTEXT_LENGTH))),
        old_values: Set(Some(serde_json::json!({"a": 1}))),
        new_values: Set(Some(serde_json::json!({"a": null}))),
        context: Set(Some(serde_json::json!({"reason": "why"}))),
        ..Default::default()
    };
    let written = written.insert(&db).await.unwrap();

    let read = log(&db).await;
    assert_eq!(read, vec![written]);
    assert_eq!(read[0].occurred_at, now);
    assert_eq!(read[0].actor, Some("ß".repeat(255)));
}

/// The current time, in the log's precision.
fn chrono_now() -> sea_orm::entity::prelude::DateTimeUtc {
    let micros = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_micros();
    sea_orm::entity::prelude::DateTimeUtc::from_timestamp_micros(micros.try_into().unwrap())
        .unwrap()
}

/// The indexes of a table besides the one of its key, each with its columns.
async fn indexes(db: &DatabaseConnection, table: &str) -> Vec<(String, String)> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => format!(
            "SELECT m.name AS name, group_concat(i.name, ',') AS columns FROM sqlite_master m, \
             pragma_index_info(m.name) i WHERE m.type = 'index' AND m.tbl_name = '{table}' GROUP BY m.name"
        ),
        DbBackend::Postgres => format!(
            "SELECT c.relname::text AS name, string_agg(a.attname::text, ',' ORDER BY a.attnum) AS columns \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = c.oid \
             WHERE i.indrelid = '{table}'::regclass AND NOT i.indisprimary GROUP BY c.relname"
        ),
        _ => format!(
            "SELECT index_name AS name, CAST(GROUP_CONCAT(column_name ORDER BY seq_in_index) AS CHAR) AS columns \
             FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{table}' \
             AND index_name <> 'PRIMARY' GROUP BY index_name"
        ),
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql));
    let mut indexes: Vec<(String, String)> = rows
        .await
        .unwrap()
        .iter()
        .map(|row| {
            (
                row.try_get("", "name").unwrap(),
                row.try_get("", "columns").unwrap(),
            )
        })
        .collect();
    indexes.sort();
    indexes
}

async fn the_log_has_its_indexes(test: Arc<TestDb>) {
    let db = test.connect().await;
    let expected = [
        ("idx_audit_log_actor", "actor,id"),
        ("idx_audit_log_correlation", "correlation_id,id"),
        ("idx_audit_log_record", "entity,record_id,id"),
        ("idx_audit_log_time", "occurred_at,id"),
    ];
    let indexes = indexes(&db, "audit_log").await;
    let indexes: Vec<(&str, &str)> = indexes
        .iter()
        .map(|(name, columns)| (name.as_str(), columns.as_str()))
        .collect();
    assert_eq!(indexes, expected);
}

async fn keys_that_differ_in_case_or_spaces_are_records_of_their_own(test: Arc<TestDb>) {
    let db = documents(&test).await;
    let keys = ["A", "a", "a "];
    for (key, title) in keys.iter().zip(["1", "2", "3"]) {
        let new = document::ActiveModel {
            title: Set(title.to_owned()),
            ..new_document(key)
        };
        AuditContext::new()
            .actor(*key)
            .scope(async { new.insert(&db).await.unwrap() })
            .await;
    }

    assert_eq!(
        trail(&db).await,
        keys.map(|key| format!("create document {key}"))
    );
    for key in keys {
        let history = document::Entity::history(key).all(&db).await.unwrap();
        assert_eq!(history.len(), 1, "{key:?}");
        assert_eq!(history[0].record_id, key);
        assert_eq!(history[0].actor.as_deref(), Some(key));
    }
    replay::<document::Entity>(&db).await;
}
