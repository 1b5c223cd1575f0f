//! Other connections than a pool, and writers that call hooks in ways of their own.

use std::sync::Arc;

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseBackend, DatabaseConnection, DatabaseExecutor,
    DbErr, EntityTrait, IntoActiveModel, MockDatabase, MockExecResult, ModelTrait,
    RestrictedConnection, Set, Transaction, TransactionTrait, entity::prelude::Decimal,
    sea_query::Expr,
};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        log::{log, trail},
        replay::replay,
        rights::{Right, user_who_may},
        server::TestDb,
        shop::{create_table, new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_transaction_is_recorded,
        a_database_executor_is_recorded,
        a_migration_that_seeds_is_recorded,
        after_save_without_before_save_records_the_whole_row_and_warns,
        a_restricted_connection_is_recorded,
        a_restricted_transaction_is_recorded,
        without_the_right_to_write_the_log_a_restricted_write_is_refused,
        without_the_right_to_read_the_table_a_restricted_update_is_refused,
        a_mock_sees_the_statements_of_an_entity_that_is_not_audited,
    ]
}

/// Creates, updates and deletes; leaves one row.
async fn work<C: sea_orm::ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let tea = new_product("tea", 250).insert(db).await?;
    let milk = new_product("milk", 120).insert(db).await?;
    let mut change = tea.into_active_model();
    change.stock = Set(Some(5));
    change.update(db).await?;
    milk.delete(db).await?;
    Ok(())
}

const WORK: [&str; 4] = [
    "create product 1",
    "create product 2",
    "update product 1",
    "delete product 2",
];

async fn a_transaction_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let txn = db.begin().await.unwrap();
    work(&txn).await.unwrap();
    assert_eq!(trail(&txn).await, WORK);
    txn.commit().await.unwrap();

    assert_eq!(trail(&db).await, WORK);
    replay::<product::Entity>(&db).await;
}

async fn a_database_executor_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    work(&DatabaseExecutor::from(&db)).await.unwrap();
    assert_eq!(trail(&db).await, WORK);

    let txn = db.begin().await.unwrap();
    let jam = new_product("jam", 320);
    jam.insert(&DatabaseExecutor::from(&txn)).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(trail(&db).await[4..], ["create product 3"]);
    replay::<product::Entity>(&db).await;
}

struct Seed;

impl MigrationName for Seed {
    fn name(&self) -> &str {
        "m20260101_seed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Seed {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        work(manager.get_connection()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

struct Seeds;

impl MigratorTrait for Seeds {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = sea_orm_audit_migration::migrations();
        all.push(Box::new(Seed));
        all
    }
}

async fn a_migration_that_seeds_is_recorded(test: Arc<TestDb>) {
    let db = test.pool(5).await;
    create_table(&db, product::Entity).await;

    Seeds::up(&db, None).await.unwrap();

    assert_eq!(trail(&db).await, WORK);
    replay::<product::Entity>(&db).await;
}

/// This is how Seaography updates.
async fn after_save_without_before_save_records_the_whole_row_and_warns(test: Arc<TestDb>) {
    let db = shop(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();

    let events = Events::collect();
    let txn = db.begin().await.unwrap();
    product::Entity::update_many()
        .col_expr(product::Column::Stock, Expr::val(8))
        .exec(&txn)
        .await
        .unwrap();
    for model in product::Entity::find().all(&txn).await.unwrap() {
        product::ActiveModel::after_save(model, &txn, false)
            .await
            .unwrap();
    }
    txn.commit().await.unwrap();

    let entries = log(&db).await;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].action.as_str(), "update");
    assert_eq!(entries[1].old_values, None);
    let new = entries[1].new_values.clone().unwrap();
    assert_eq!(
        (&new["id"], &new["name"], &new["stock"]),
        (&json!(1), &json!("tea"), &json!(8))
    );
    assert_eq!(events.containing("had no hook before it").len(), 1);
    replay::<product::Entity>(&db).await;
}

/// The user's own rights, without those for the log.
const CLERK: [Right; 4] = [
    ("select", "product"),
    ("insert", "product"),
    ("update", "product"),
    ("delete", "product"),
];

async fn clerk(db: &DatabaseConnection, more: &[Right]) -> RestrictedConnection {
    user_who_may(db, &[&CLERK[..], more].concat()).await
}

async fn a_restricted_connection_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let clerk = clerk(&db, &[("insert", "audit_log")]).await;

    work(&clerk).await.unwrap();

    assert_eq!(trail(&db).await, WORK);
    replay::<product::Entity>(&db).await;
}

async fn a_restricted_transaction_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let clerk = clerk(&db, &[("insert", "audit_log")]).await;

    let txn = clerk.begin().await.unwrap();
    work(&txn).await.unwrap();
    txn.commit().await.unwrap();

    assert_eq!(trail(&db).await, WORK);
    replay::<product::Entity>(&db).await;
}

async fn without_the_right_to_write_the_log_a_restricted_write_is_refused(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let clerk = clerk(&db, &[("select", "audit_log")]).await;
    let mut change = tea.clone().into_active_model();
    change.stock = Set(Some(5));

    // The rows are taken back with the transaction: outside of one, a row is written before its entry is refused.
    let txn = clerk.begin().await.unwrap();
    let create = new_product("milk", 120).insert(&txn).await.unwrap_err();
    let update = change.update(&txn).await.unwrap_err();
    let delete = tea.clone().delete(&txn).await.unwrap_err();
    txn.rollback().await.unwrap();

    for err in [create, update, delete] {
        let DbErr::AccessDenied {
            permission,
            resource,
        } = err
        else {
            panic!("{err}");
        };
        assert_eq!(
            (permission.as_str(), resource.as_str()),
            ("insert", "audit_log")
        );
    }
    assert_eq!(product::Entity::find().all(&db).await.unwrap(), vec![tea]);
    assert_eq!(trail(&db).await, ["create product 1"]);
    replay::<product::Entity>(&db).await;
}

async fn without_the_right_to_read_the_table_a_restricted_update_is_refused(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let blind = [("update", "product"), ("insert", "audit_log")];
    let clerk = user_who_may(&db, &blind).await;

    let mut change = tea.clone().into_active_model();
    change.stock = Set(Some(5));
    let err = change.update(&clerk).await.unwrap_err();

    assert!(matches!(err, DbErr::AccessDenied { .. }), "{err}");
    assert_eq!(product::Entity::find().all(&db).await.unwrap(), vec![tea]);
    assert_eq!(trail(&db).await, ["create product 1"]);
}

/// The same table, not audited.
mod twin {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
        pub price: Decimal,
        pub stock: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a mock of this database is asked, by the work of this entity.
macro_rules! asked {
    ($entity:ident, $backend:expr) => {{
        let row = |stock| $entity::Model {
            id: 1,
            name: "tea".to_owned(),
            price: Decimal::new(250, 2),
            stock,
        };
        let db = MockDatabase::new($backend)
            .append_query_results([[row(Some(1))], [row(Some(2))]])
            .append_exec_results([1, 1, 1].map(|rows_affected| MockExecResult {
                last_insert_id: 1,
                rows_affected,
            }))
            .into_connection();
        let new = $entity::ActiveModel {
            name: Set("tea".to_owned()),
            price: Set(Decimal::new(250, 2)),
            stock: Set(Some(1)),
            ..Default::default()
        };
        let tea = new.insert(&db).await.unwrap();
        let mut change = tea.into_active_model();
        change.stock = Set(Some(2));
        let tea = change.update(&db).await.unwrap();
        assert_eq!(tea, row(Some(2)));
        tea.delete(&db).await.unwrap();
        db.into_transaction_log()
    }};
}

async fn a_mock_sees_the_statements_of_an_entity_that_is_not_audited(test: Arc<TestDb>) {
    let backend: DatabaseBackend = test.backend();
    let audited: Vec<Transaction> = asked!(product, backend);
    assert!(audited.len() >= 3);
    assert_eq!(audited, asked!(twin, backend));
}
