//! SeaORM's whole range of writes, to tables that triggers capture.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, TransactionSession, TransactionTrait,
    entity::prelude::Decimal,
    sea_query::{Expr, OnConflict, Query},
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, audit_log};

use crate::{
    cases,
    support::{
        bakery::Db,
        case::Case,
        events::Events,
        log::log,
        plain::run,
        server::TestDb,
        store::{label, new_ware, replay_store, store, ware},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        every_way_to_write_is_recorded_once_on_a_pool,
        every_way_to_write_is_recorded_once_in_transactions,
        every_way_to_write_is_recorded_with_its_actor_through_a_wrapper,
        every_way_to_write_is_recorded_with_its_actor_in_a_transaction_of_a_wrapper,
        a_rollback_leaves_no_entry,
        a_savepoint_that_is_rolled_back_leaves_no_entry,
        a_suspended_scope_suspends_no_trigger,
        many_tasks_have_their_own_actors,
    ]
}

/// Everything that SeaORM can do to a table, twice so that the second time meets rows; gives back how many entries there are to be.
async fn work<C: Db>(db: &C, round: &str) -> Result<usize, DbErr> {
    let name = |what: &str| format!("{what} {round}");
    let mut entries = 0;

    let tea = new_ware(&name("tea"), 100).insert(db).await?;
    let mut changed = tea.clone().into_active_model();
    changed.price = Set(Decimal::new(150, 2));
    changed.supplier = Set(None);
    let tea = changed.update(db).await?;
    // No audited column changes here: one is not set, one is equal, one is excluded.
    let mut quiet = tea.clone().into_active_model();
    quiet.price = Set(Decimal::new(1500, 3));
    quiet.seen = Set(7);
    quiet.update(db).await?;
    let mut saved = tea.clone().into_active_model();
    saved.stock = Set(None);
    saved.save(db).await?;
    let mut unread = tea.clone().into_active_model();
    unread.stock = Set(Some(5));
    unread.update_without_returning(db).await?;
    new_ware(&name("mug"), 1).save(db).await?;
    entries += 1 + 1 + 1 + 1 + 1;

    let many = ["a", "b", "c"].map(|n| new_ware(&name(n), 10));
    ware::Entity::insert_many(many).exec(db).await?;
    let many = ["d", "e"].map(|n| new_ware(&name(n), 10));
    ware::Entity::insert_many(many)
        .exec_without_returning(db)
        .await?;
    ware::Entity::insert(new_ware(&name("f"), 10))
        .exec_without_returning(db)
        .await?;
    entries += 6;

    let on_name = OnConflict::column(ware::Column::Name)
        .update_column(ware::Column::Price)
        .to_owned();
    for cents in [10, 20, 20] {
        ware::Entity::insert(new_ware(&name("upsert"), cents))
            .on_conflict(on_name.clone())
            .exec_without_returning(db)
            .await?;
    }
    ware::Entity::insert_many([new_ware(&name("upsert"), 99)])
        .on_conflict_do_nothing_on([ware::Column::Name])
        .exec_without_returning(db)
        .await?;
    entries += 2;

    let of_round = ware::Column::Name.ends_with(round);
    ware::Entity::update_many()
        .col_expr(ware::Column::Stock, Expr::val(3_i64))
        .filter(of_round.clone())
        .filter(ware::Column::Price.eq(Decimal::new(10, 2)))
        .exec(db)
        .await?;
    entries += 6;
    let mut one = ware::Entity::find()
        .filter(ware::Column::Name.eq(name("a")))
        .one(db)
        .await?
        .unwrap()
        .into_active_model();
    one.name = Set(name("A"));
    ware::Entity::update(one).exec(db).await?;
    entries += 1;

    run(
        db,
        &format!(
            "INSERT INTO store_ware (name, price, stock, supplier, seen) SELECT {}, price, stock, supplier, seen \
             FROM store_ware WHERE name = '{}'",
            copied(db),
            name("b")
        ),
    )
    .await;
    run(
        db,
        &format!(
            "UPDATE store_ware SET price = price + 1 WHERE name = '{}'",
            name("c")
        ),
    )
    .await;
    entries += 2;

    let delete = Query::delete()
        .from_table(ware::Entity)
        .cond_where(ware::Column::Name.eq(name("d")))
        .to_owned();
    db.execute(&delete).await?;
    ware::Entity::delete_many()
        .filter(ware::Column::Name.is_in([name("e"), name("f")]))
        .exec(db)
        .await?;
    let mug = ware::Entity::find()
        .filter(ware::Column::Name.eq(name("mug")))
        .one(db)
        .await?
        .unwrap();
    ware::Entity::delete_by_id(mug.id).exec(db).await?;
    let upsert = ware::Entity::find()
        .filter(ware::Column::Name.eq(name("upsert")))
        .one(db)
        .await?
        .unwrap();
    upsert.delete(db).await?;
    entries += 5;

    // A tree: a ware with labels, one of them replaced, then all of it deleted.
    let tree = ware::ActiveModel::builder()
        .set_name(name("tree"))
        .set_price(Decimal::ONE)
        .set_stock(None)
        .set_supplier(None)
        .set_seen(0)
        .add_label(label::ActiveModel::builder().set_text("one"))
        .add_label(label::ActiveModel::builder().set_text("two"))
        .save(db)
        .await?;
    entries += 3;
    let id = match tree.id {
        Set(id) | sea_orm::ActiveValue::Unchanged(id) => id,
        sea_orm::ActiveValue::NotSet => unreachable!(),
    };
    let labels = label::Entity::find()
        .filter(label::Column::WareId.eq(id))
        .all(db)
        .await?;
    assert_eq!(labels.len(), 2);
    let mut changed = labels[0].clone().into_active_model();
    changed.text = Set("eins".to_owned());
    changed.update(db).await?;
    entries += 1;
    let tree = ware::Entity::find_by_id(id).one(db).await?.unwrap();
    tree.cascade_delete(db).await?;
    entries += 3;

    // Our builders, which leave such a table to its triggers.
    ware::Entity::audited_insert_many(["x", "y"].map(|n| new_ware(&name(n), 77)))
        .exec(db)
        .await?;
    ware::Entity::audited_update_many()
        .col_expr(ware::Column::Stock, Expr::val(9_i64))
        .filter(ware::Column::Price.eq(Decimal::new(77, 2)))
        .filter(of_round.clone())
        .exec(db)
        .await?;
    ware::Entity::audited_delete_many()
        .filter(ware::Column::Price.eq(Decimal::new(77, 2)))
        .filter(of_round)
        .exec(db)
        .await?;
    entries += 6;

    // Nothing.
    ware::Entity::update_many()
        .col_expr(ware::Column::Stock, Expr::val(3_i64))
        .filter(ware::Column::Id.eq(-1))
        .exec(db)
        .await?;
    let twice = new_ware(&name("tea"), 100);
    let savepoint = db.begin().await?;
    twice.insert(&savepoint).await.unwrap_err();
    savepoint.rollback().await?;
    Ok(entries)
}

fn copied<C: ConnectionTrait>(db: &C) -> &'static str {
    match db.get_database_backend() {
        DbBackend::MySql => "CONCAT(name, ' copied')",
        _ => "name || ' copied'",
    }
}

async fn every_way_to_write_is_recorded_once_on_a_pool(test: Arc<TestDb>) {
    let db = store(&test).await;
    let events = Events::collect();
    let first = work(&db, "first").await.unwrap();
    let second = work(&db, "second").await.unwrap();
    assert_eq!(log(&db).await.len(), first + second);
    assert!(events.containing("").is_empty());
    replay_store(&db).await;
}

async fn every_way_to_write_is_recorded_once_in_transactions(test: Arc<TestDb>) {
    let db = store(&test).await;
    let outer = db.begin().await.unwrap();
    let first = work(&outer, "first").await.unwrap();
    let inner = outer.begin().await.unwrap();
    let second = work(&inner, "second").await.unwrap();
    inner.commit().await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(log(&db).await.len(), first + second);
    replay_store(&db).await;
}

async fn every_way_to_write_is_recorded_with_its_actor_through_a_wrapper(test: Arc<TestDb>) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let context = AuditContext::new()
        .actor("alice")
        .correlation_id("r-1")
        .reason("spring");
    let entries = context.clone().scope(work(&db, "first")).await.unwrap();
    let log = log(&plain).await;
    assert_eq!(log.len(), entries);
    for entry in &log {
        assert_eq!(entry.actor.as_deref(), Some("alice"), "{entry:?}");
        assert_eq!(entry.correlation_id.as_deref(), Some("r-1"), "{entry:?}");
        assert_eq!(
            entry.context,
            Some(serde_json::json!({ "reason": "spring" }))
        );
    }
    // What comes after has none.
    new_ware("after", 1).insert(&plain).await.unwrap();
    new_ware("after all", 1).insert(&db).await.unwrap();
    let log = crate::support::log::log(&plain).await;
    assert!(log[entries..].iter().all(|entry| entry.actor.is_none()));
    assert_eq!(log.len(), entries + 2);
    replay_store(&plain).await;
}

async fn every_way_to_write_is_recorded_with_its_actor_in_a_transaction_of_a_wrapper(
    test: Arc<TestDb>,
) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let outer = db.begin().await.unwrap();
    let entries = work(&outer, "first").await.unwrap();
    outer.commit().await.unwrap();
    let log = log(&plain).await;
    assert_eq!(log.len(), entries);
    assert!(
        log.iter()
            .all(|entry| entry.actor.as_deref() == Some("alice"))
    );
    replay_store(&plain).await;
}

async fn a_rollback_leaves_no_entry(test: Arc<TestDb>) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone()).acting_as("alice");
    let outer = db.begin().await.unwrap();
    work(&outer, "first").await.unwrap();
    outer.rollback().await.unwrap();
    assert!(log(&plain).await.is_empty());
    let dropped = db.begin().await.unwrap();
    new_ware("tea", 1).insert(&dropped).await.unwrap();
    drop(dropped);
    new_ware("mug", 1).insert(&plain).await.unwrap();
    let log = log(&plain).await;
    assert_eq!(log.len(), 1);
    replay_store(&plain).await;
}

async fn a_savepoint_that_is_rolled_back_leaves_no_entry(test: Arc<TestDb>) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let by = |actor: &str| AuditContext::new().actor(actor);
    let outer = db.begin().await.unwrap();
    by("alice")
        .scope(new_ware("tea", 1).insert(&outer))
        .await
        .unwrap();
    let inner = outer.begin().await.unwrap();
    by("bob")
        .scope(new_ware("mug", 1).insert(&inner))
        .await
        .unwrap();
    inner.rollback().await.unwrap();
    by("alice")
        .scope(new_ware("pot", 1).insert(&outer))
        .await
        .unwrap();
    new_ware("jar", 1).insert(&outer).await.unwrap();
    outer.commit().await.unwrap();
    let actors: Vec<Option<String>> = log(&plain)
        .await
        .into_iter()
        .map(|entry| entry.actor)
        .collect();
    assert_eq!(
        actors,
        [Some("alice".to_owned()), Some("alice".to_owned()), None]
    );
    replay_store(&plain).await;
}

async fn a_suspended_scope_suspends_no_trigger(test: Arc<TestDb>) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let import = AuditContext::suspended("first import");
    import.scope(new_ware("tea", 1).insert(&db)).await.unwrap();
    let log = log(&plain).await;
    assert_eq!(
        log[0].context,
        Some(serde_json::json!({ "suspended": "first import" }))
    );
    replay_store(&plain).await;
}

async fn many_tasks_have_their_own_actors(test: Arc<TestDb>) {
    let plain = store(&test).await;
    let db = AuditedConnection::new(plain.clone());
    let tasks = (0..24).map(|task| {
        let db = db.clone();
        let work = async move {
            let ware = new_ware(&format!("ware of {task}"), 1).insert(&db).await?;
            for stock in 0..3 {
                ware::Entity::update_many()
                    .col_expr(ware::Column::Stock, Expr::val(stock + 10_i64))
                    .filter(ware::Column::Id.eq(ware.id))
                    .exec(&db)
                    .await?;
            }
            Ok::<_, DbErr>(())
        };
        let context = AuditContext::new().actor(format!("actor {task}"));
        tokio::spawn(async move { context.scope(work).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    let log = log(&plain).await;
    assert_eq!(log.len(), 24 * 4);
    let mut of: std::collections::BTreeMap<String, String> = Default::default();
    for audit_log::Model {
        record_id,
        actor,
        new_values,
        ..
    } in log
    {
        if let Some(name) = new_values.as_ref().and_then(|new| new["name"].as_str()) {
            of.insert(record_id.clone(), name.replace("ware of", "actor"));
        }
        assert_eq!(actor.as_ref(), of.get(&record_id));
    }
    replay_store(&plain).await;
}
