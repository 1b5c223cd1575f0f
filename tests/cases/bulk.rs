//! The bulk builders.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    ExprTrait, Set, TransactionSession, TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, Audited, BulkResult, Error, audit_log};

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        replay::{entries, replay},
        server::TestDb,
        shop::{audited, create_table, new_product, product},
    },
};

/// A table whose key has two columns.
mod shelf {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "bulk_shelf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub aisle: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub load: i64,
    }
}

pub fn cases() -> Vec<Case> {
    cases![
        many_rows_are_inserted_updated_and_deleted_each_with_its_entry,
        a_composite_key_works_in_chunks_too,
        rows_that_stay_as_they_are_make_no_entry,
        one_correlation_id_holds_a_bulk_write_together,
        the_builders_work_on_a_plain_connection_and_in_a_transaction,
        a_bulk_write_of_nothing_is_nothing,
        a_key_cannot_be_updated_in_bulk,
        a_failed_row_undoes_all_rows,
        a_bulk_write_in_a_suspended_scope_is_done_and_reported,
        bulk_writes_and_single_writes_take_turns_without_a_gap,
    ]
}

fn products(count: i64) -> impl Iterator<Item = product::ActiveModel> + Send {
    (0..count).map(|i| new_product(&format!("p{i}"), i))
}

async fn count(db: &DatabaseConnection, action: &str) -> usize {
    let entries = entries(db, "audit_log", "product").await;
    entries
        .iter()
        .filter(|entry| entry.action == action)
        .count()
}

fn affected(result: Result<BulkResult, DbErr>) -> u64 {
    result.unwrap().rows_affected
}

async fn many_rows_are_inserted_updated_and_deleted_each_with_its_entry(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let inserted = product::Entity::audited_insert_many(products(250)).chunk_size(100);
    assert_eq!(affected(inserted.exec(&db).await), 250);
    replay::<product::Entity>(&plain).await;

    let raised = product::Entity::audited_update_many()
        .col_expr(
            product::Column::Price,
            Expr::col(product::Column::Price).add(1),
        )
        .filter(product::Column::Price.gte(1))
        .chunk_size(37);
    // The first hundred cost less than 1.
    assert_eq!(affected(raised.exec(&db).await), 150);
    replay::<product::Entity>(&plain).await;

    let set = product::ActiveModel {
        stock: Set(None),
        ..Default::default()
    };
    let emptied = product::Entity::audited_update_many()
        .set(set)
        .filter(product::Column::Name.is_in(["p1", "p2", "p3"]));
    let models = emptied.exec_with_returning(&db).await.unwrap();
    assert_eq!(models.len(), 3);
    assert!(models.iter().all(|model| model.stock.is_none()));

    let cheap = product::Entity::audited_delete_many()
        .filter(product::Column::Price.lt(1))
        .chunk_size(33);
    assert_eq!(affected(cheap.exec(&db).await), 100);
    replay::<product::Entity>(&plain).await;
    assert_eq!(
        affected(product::Entity::audited_delete_many().exec(&db).await),
        150
    );
    for (action, expected) in [("create", 250), ("update", 153), ("delete", 250)] {
        assert_eq!(count(&plain, action).await, expected, "{action}");
    }
    replay::<product::Entity>(&plain).await;
}

async fn a_composite_key_works_in_chunks_too(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    create_table(&plain, shelf::Entity).await;
    let rows = ["a", "b", "ß'\"`"].into_iter().flat_map(|aisle| {
        (0..20).map(move |number| shelf::ActiveModel {
            aisle: Set(aisle.to_owned()),
            number: Set(number),
            load: Set(0),
        })
    });
    let inserted = shelf::Entity::audited_insert_many(rows)
        .chunk_size(7)
        .exec(&db)
        .await;
    assert_eq!(affected(inserted), 60);
    let loaded = shelf::Entity::audited_update_many()
        .col_expr(shelf::Column::Load, Expr::col(shelf::Column::Number).mul(2))
        .chunk_size(7);
    assert_eq!(affected(loaded.exec(&db).await), 60);
    replay::<shelf::Entity>(&plain).await;
    let odd = shelf::Entity::audited_delete_many()
        .filter(shelf::Column::Number.lt(15))
        .chunk_size(4);
    assert_eq!(affected(odd.exec(&db).await), 45);
    replay::<shelf::Entity>(&plain).await;
}

async fn rows_that_stay_as_they_are_make_no_entry(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    product::Entity::audited_insert_many(products(10))
        .exec(&db)
        .await
        .unwrap();
    let same =
        product::Entity::audited_update_many().col_expr(product::Column::Stock, Expr::value(1));
    assert_eq!(affected(same.exec(&db).await), 10);
    assert_eq!(count(&plain, "update").await, 0);
    replay::<product::Entity>(&plain).await;
}

async fn one_correlation_id_holds_a_bulk_write_together(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let context = AuditContext::new().actor("importer");
    let import = product::Entity::audited_insert_many(products(30)).chunk_size(7);
    context.scope(import.exec(&db)).await.unwrap();
    let log = audit_log::Entity::find().all(&plain).await.unwrap();
    assert_eq!(log.len(), 30);
    assert!(log[0].correlation_id.is_some());
    for entry in &log {
        assert_eq!(entry.actor.as_deref(), Some("importer"));
        assert_eq!(entry.correlation_id, log[0].correlation_id);
    }
    let bound = db.acting_as("bound");
    product::Entity::audited_delete_many()
        .exec(&bound)
        .await
        .unwrap();
    let log = audit_log::Entity::find().all(&plain).await.unwrap();
    assert!(
        log[30..]
            .iter()
            .all(|entry| entry.actor.as_deref() == Some("bound"))
    );
    replay::<product::Entity>(&plain).await;
}

async fn the_builders_work_on_a_plain_connection_and_in_a_transaction(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    product::Entity::audited_insert_many(products(20))
        .exec(&plain)
        .await
        .unwrap();
    let update =
        || product::Entity::audited_update_many().col_expr(product::Column::Stock, Expr::value(7));
    assert_eq!(affected(update().exec(&plain).await), 20);
    replay::<product::Entity>(&plain).await;
    let tx = db.begin().await.unwrap();
    assert_eq!(
        affected(product::Entity::audited_delete_many().exec(&tx).await),
        20
    );
    tx.rollback().await.unwrap();
    assert_eq!(count(&plain, "delete").await, 0);
    let tx = db.begin().await.unwrap();
    assert_eq!(
        affected(product::Entity::audited_delete_many().exec(&tx).await),
        20
    );
    tx.commit().await.unwrap();
    assert_eq!(count(&plain, "delete").await, 20);
    replay::<product::Entity>(&plain).await;
}

async fn a_bulk_write_of_nothing_is_nothing(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 1).insert(&db).await.unwrap();
    let none = || product::Column::Name.eq("no such thing");
    assert_eq!(
        affected(
            product::Entity::audited_insert_many(products(0))
                .exec(&db)
                .await
        ),
        0
    );
    assert_eq!(
        affected(product::Entity::audited_update_many().exec(&db).await),
        0
    );
    let update =
        product::Entity::audited_update_many().col_expr(product::Column::Stock, Expr::value(7));
    assert_eq!(affected(update.filter(none()).exec(&db).await), 0);
    assert_eq!(
        affected(
            product::Entity::audited_delete_many()
                .filter(none())
                .exec(&db)
                .await
        ),
        0
    );
    assert_eq!(entries(&plain, "audit_log", "product").await.len(), 1);
    replay::<product::Entity>(&plain).await;
}

async fn a_key_cannot_be_updated_in_bulk(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 1).insert(&db).await.unwrap();
    let update =
        product::Entity::audited_update_many().col_expr(product::Column::Id, Expr::value(7));
    let err = update.exec(&db).await.unwrap_err();
    assert!(
        matches!(
            Error::of(&err),
            Some(Error::KeyInUpdate { column: "id", .. })
        ),
        "{err}"
    );
    replay::<product::Entity>(&plain).await;
}

async fn a_failed_row_undoes_all_rows(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("p15", 1).insert(&db).await.unwrap();
    let clash = product::Entity::audited_insert_many(products(20)).chunk_size(5);
    clash.exec(&db).await.unwrap_err();
    assert_eq!(product::Entity::find().count(&plain).await.unwrap(), 1);
    product::Entity::audited_insert_many(products(10))
        .exec(&db)
        .await
        .unwrap();
    // All names become one, and only one row may have it.
    let clash = product::Entity::audited_update_many()
        .col_expr(product::Column::Name, Expr::value("one"))
        .chunk_size(1);
    clash.exec(&db).await.unwrap_err();
    assert_eq!(count(&plain, "update").await, 0);
    plain
        .execute_unprepared("DROP TABLE audit_log")
        .await
        .unwrap();
    let err = product::Entity::audited_delete_many()
        .exec(&db)
        .await
        .unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::LogMissing { .. })),
        "{err}"
    );
    assert_eq!(product::Entity::find().count(&plain).await.unwrap(), 11);
}

async fn a_bulk_write_in_a_suspended_scope_is_done_and_reported(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let events = Events::collect();
    AuditContext::suspended("first import")
        .scope(async {
            product::Entity::audited_insert_many(products(5))
                .exec(&db)
                .await
                .unwrap();
            let update = product::Entity::audited_update_many()
                .col_expr(product::Column::Stock, Expr::value(7));
            assert_eq!(affected(update.exec(&db).await), 5);
            let delete =
                product::Entity::audited_delete_many().filter(product::Column::Name.ne("p0"));
            assert_eq!(affected(delete.exec(&db).await), 4);
        })
        .await;
    assert!(entries(&plain, "audit_log", "product").await.is_empty());
    assert!(events.containing("first import").len() >= 3);
    assert_eq!(
        product::Entity::find()
            .one(&plain)
            .await
            .unwrap()
            .unwrap()
            .stock,
        Some(7)
    );
}

async fn bulk_writes_and_single_writes_take_turns_without_a_gap(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    product::Entity::audited_insert_many(products(20))
        .exec(&db)
        .await
        .unwrap();
    let ids: Vec<i32> = product::Entity::find()
        .all(&plain)
        .await
        .unwrap()
        .into_iter()
        .map(|model| model.id)
        .collect();
    let bulk = (0..12_i64).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut round = 0;
            while round < 3 {
                let update = product::Entity::audited_update_many()
                    .col_expr(product::Column::Stock, Expr::value(task * 100 + round))
                    .chunk_size(6);
                round += i64::from(done(update.exec(&db).await));
            }
        })
    });
    let single = (0..20_usize).map(|task| {
        let (db, ids) = (db.clone(), ids.clone());
        tokio::spawn(async move {
            let mut round = 0;
            while round < 10 {
                let change = product::ActiveModel {
                    id: Set(ids[(task * 7 + round) % ids.len()]),
                    stock: Set(Some(10_000 + round as i64)),
                    ..Default::default()
                };
                round += usize::from(done(change.update(&db).await));
            }
        })
    });
    let tasks: Vec<_> = bulk.chain(single).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(count(&plain, "update").await > 100);
    replay::<product::Entity>(&plain).await;
}

/// Two that wait for each other are the application's to try again.
fn done<T>(result: Result<T, DbErr>) -> bool {
    match result {
        Ok(_) => true,
        Err(err) if err.to_string().to_lowercase().contains("deadlock") => false,
        Err(err) => panic!("{err}"),
    }
}
