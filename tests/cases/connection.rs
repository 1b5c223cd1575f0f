//! Writes through an `AuditedConnection`.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, Set, TransactionSession, TransactionTrait,
    entity::prelude::*, sea_query::OnConflict,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error, OnFailure};

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        log::actions,
        replay::{entries, replay},
        server::{Server, TestDb},
        shop::{audited, create_table, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        every_write_of_an_active_model_is_recorded,
        an_update_without_returning_is_recorded,
        an_unannounced_insert_is_recorded,
        an_unannounced_insert_of_many_is_recorded_or_refused,
        an_upsert_is_refused,
        an_unannounced_update_is_refused,
        an_unannounced_delete_is_recorded,
        a_failed_write_leaves_nothing,
        a_rolled_back_transaction_leaves_nothing,
        a_missing_log_keeps_the_change_out,
        a_transaction_whose_entry_failed_cannot_be_committed,
        report_keeps_the_change_and_counts_the_loss,
        a_bypass_is_allowed_and_reported,
        a_bound_context_comes_before_a_scope,
        a_connection_may_require_an_actor,
        one_around_another_records_once,
        of_two_entities_of_a_table_the_one_that_writes_is_recorded,
    ];
    // On MySQL, the driver's connection may wait for ever once a statement on it was cancelled.
    let cancelled = cases![a_savepoint_whose_entry_failed_spoils_only_itself];
    let servers = &[Server::Sqlite, Server::Postgres];
    cases.extend(cancelled.into_iter().map(|case| case.only_on(servers)));
    // The others have no deadlock that the loser could ignore.
    let lost = cases![what_follows_a_lost_deadlock_is_refused];
    cases.extend(lost.into_iter().map(|case| case.only_on(&[Server::MySql])));
    cases
}

fn is_unrecordable(err: &DbErr, verb: &str) -> bool {
    matches!(Error::of(err), Some(Error::Unrecordable { entity, verb: v, .. }) if entity == "product" && *v == verb)
}

async fn every_write_of_an_active_model_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let mut change = tea.clone().into_active_model();
    change.stock = Set(None);
    let tea = change.update(&db).await.unwrap();
    // Nothing is set, so nothing is written.
    tea.clone().into_active_model().update(&db).await.unwrap();
    // The same value again is no change.
    let mut same = tea.clone().into_active_model();
    same.name = Set("tea".to_owned());
    same.update(&db).await.unwrap();
    new_product("oil", 900).save(&db).await.unwrap();
    assert_eq!(tea.delete(&db).await.unwrap().rows_affected, 1);
    assert_eq!(
        actions(&plain, "product").await,
        ["create", "update", "create", "delete"]
    );
    replay::<product::Entity>(&plain).await;
}

async fn an_update_without_returning_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let mut change = tea.into_active_model();
    change.stock = Set(Some(9));
    change.update_without_returning(&db).await.unwrap();
    assert_eq!(actions(&plain, "product").await, ["create", "update"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_insert_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    product::Entity::insert(new_product("tea", 250))
        .exec(&db)
        .await
        .unwrap();
    let oil = product::Entity::insert(new_product("oil", 900))
        .exec_with_returning(&db)
        .await;
    assert_eq!(oil.unwrap().name, "oil");
    let mut given = new_product("rye", 100);
    given.id = Set(77);
    product::Entity::insert(given).exec(&db).await.unwrap();
    assert_eq!(
        actions(&plain, "product").await,
        ["create", "create", "create"]
    );
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_insert_of_many_is_recorded_or_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let many = || ["a", "b", "c"].map(|name| new_product(name, 1));
    let inserted = product::Entity::insert_many(many()).exec(&db).await;
    if test.server == Server::MySql {
        // The numbers that it gave to several rows are not in its answer.
        assert!(is_unrecordable(&inserted.unwrap_err(), "insert"));
        assert!(actions(&plain, "product").await.is_empty());
    } else {
        inserted.unwrap();
        assert_eq!(
            actions(&plain, "product").await,
            ["create", "create", "create"]
        );
    }
    // With their keys given, they can be told everywhere.
    let given = [(11, "x"), (12, "y")].map(|(id, name)| product::ActiveModel {
        id: Set(id),
        ..new_product(name, 2)
    });
    product::Entity::insert_many(given)
        .exec_without_returning(&db)
        .await
        .unwrap();
    replay::<product::Entity>(&plain).await;
}

async fn an_upsert_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let upsert = product::Entity::insert(new_product("tea", 300)).on_conflict(
        OnConflict::column(product::Column::Name)
            .update_column(product::Column::Price)
            .to_owned(),
    );
    assert!(is_unrecordable(
        &upsert.exec(&db).await.unwrap_err(),
        "insert"
    ));
    assert_eq!(actions(&plain, "product").await, ["create"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_update_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let many = product::Entity::update_many()
        .col_expr(product::Column::Stock, Expr::value(5))
        .filter(product::Column::Id.eq(tea.id));
    assert!(is_unrecordable(
        &many.exec(&db).await.unwrap_err(),
        "update"
    ));
    let mut one = tea.into_active_model();
    one.stock = Set(Some(5));
    assert!(is_unrecordable(
        &product::Entity::update(one).exec(&db).await.unwrap_err(),
        "update"
    ));
    assert_eq!(actions(&plain, "product").await, ["create"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_delete_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    for name in ["a", "b", "c", "d"] {
        new_product(name, 1).insert(&db).await.unwrap();
    }
    let two = product::Entity::delete_many().filter(product::Column::Name.is_in(["a", "b"]));
    assert_eq!(two.exec(&db).await.unwrap().rows_affected, 2);
    product::Entity::delete_by_id(3).exec(&db).await.unwrap();
    product::Entity::delete_by_id(3).exec(&db).await.unwrap();
    if test.server == Server::MySql {
        product::Entity::delete_many().exec(&db).await.unwrap();
    } else {
        let rest = product::Entity::delete_many()
            .exec_with_returning(&db)
            .await
            .unwrap();
        assert_eq!(rest.len(), 1);
    }
    assert_eq!(actions(&plain, "product").await[4..], ["delete"; 4]);
    replay::<product::Entity>(&plain).await;
}

async fn a_failed_write_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    new_product("tea", 1).insert(&db).await.unwrap_err();
    let gone = product::ActiveModel {
        id: Set(99),
        stock: Set(None),
        ..Default::default()
    };
    assert_eq!(
        gone.clone().update(&db).await.unwrap_err(),
        DbErr::RecordNotUpdated
    );
    assert_eq!(gone.delete(&db).await.unwrap().rows_affected, 0);
    let oil = new_product("oil", 1).insert(&db).await.unwrap();
    let mut clash = oil.into_active_model();
    clash.name = Set(tea.name);
    clash.update(&db).await.unwrap_err();
    assert_eq!(actions(&plain, "product").await, ["create", "create"]);
    replay::<product::Entity>(&plain).await;
}

async fn a_rolled_back_transaction_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let outer = db.begin().await.unwrap();
    new_product("kept", 1).insert(&outer).await.unwrap();
    let inner = outer.begin().await.unwrap();
    new_product("lost", 1).insert(&inner).await.unwrap();
    inner.rollback().await.unwrap();
    outer.commit().await.unwrap();
    let lost = db
        .transaction::<_, (), DbErr>(|tx| {
            Box::pin(async move {
                new_product("lost", 1).insert(tx).await?;
                Err(DbErr::RecordNotUpdated)
            })
        })
        .await;
    assert!(lost.is_err());
    db.transaction_async(async |tx| new_product("also kept", 1).insert(tx).await.map(|_| ()))
        .await
        .unwrap();
    assert_eq!(actions(&plain, "product").await, ["create", "create"]);
    replay::<product::Entity>(&plain).await;
}

async fn drop_log(db: &DatabaseConnection) {
    db.execute_unprepared("DROP TABLE audit_log").await.unwrap();
}

async fn products(db: &DatabaseConnection) -> u64 {
    product::Entity::find().count(db).await.unwrap()
}

async fn a_missing_log_keeps_the_change_out(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    drop_log(&plain).await;
    let err = new_product("tea", 250).insert(&db).await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::LogMissing { .. })),
        "{err}"
    );
    assert_eq!(products(&plain).await, 0);
}

async fn a_transaction_whose_entry_failed_cannot_be_committed(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let tx = db.begin().await.unwrap();
    // The log is seen by now, and goes away behind the connection's back.
    if test.server == Server::MySql {
        // Dropping a table commits there.
        plain
            .execute_unprepared("RENAME TABLE audit_log TO gone")
            .await
            .unwrap();
    } else {
        tx.execute_unprepared("ALTER TABLE audit_log RENAME TO gone")
            .await
            .unwrap();
    }
    new_product("oil", 900).insert(&tx).await.unwrap_err();
    let err = tx.commit().await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::Uncommittable { .. })),
        "{err}"
    );
    assert_eq!(products(&plain).await, 1);
}

/// Polls a future so many times and drops it, unless it is ready before.
async fn poll_at_most<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

async fn a_savepoint_whose_entry_failed_spoils_only_itself(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let outer = db.begin().await.unwrap();
    new_product("kept", 1).insert(&outer).await.unwrap();
    let inner = outer.begin().await.unwrap();
    let write = new_product("cancelled", 1).insert(&inner);
    poll_at_most(write, 2).await;
    inner.rollback().await.unwrap();
    new_product("kept too", 1).insert(&outer).await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(products(&plain).await, 2);
    replay::<product::Entity>(&plain).await;
}

async fn report_keeps_the_change_and_counts_the_loss(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let db = db.on_failure(OnFailure::Report);
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    drop_log(&plain).await;
    let events = Events::collect();
    let tx = db.begin().await.unwrap();
    new_product("oil", 900).insert(&tx).await.unwrap();
    let mut change = tea.into_active_model();
    change.stock = Set(None);
    let tea = change.update(&tx).await.unwrap();
    tea.delete(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(products(&plain).await, 1);
    assert_eq!(db.lost_entries(), 3);
    assert_eq!(events.containing("has no entry").len(), 3);
}

async fn a_bypass_is_allowed_and_reported(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let events = Events::collect();
    let import = db.clone().allow_bypass("price import");
    let update = || product::Entity::update_many().col_expr(product::Column::Stock, Expr::value(5));
    assert_eq!(update().exec(&import).await.unwrap().rows_affected, 1);
    assert_eq!(events.containing("price import").len(), 1);
    assert!(is_unrecordable(
        &update().exec(&db).await.unwrap_err(),
        "update"
    ));
    assert_eq!(actions(&plain, "product").await, ["create"]);
}

async fn a_bound_context_comes_before_a_scope(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let write = |name: &'static str, db: &AuditedConnection<DatabaseConnection>| {
        let db = db.clone();
        async move { new_product(name, 1).insert(&db).await.unwrap().id }
    };
    AuditContext::new()
        .actor("scope")
        .reason("both")
        .scope(async {
            let actor = async |id: i32| {
                let entry = product::Entity::history(id)
                    .one(&plain)
                    .await
                    .unwrap()
                    .unwrap();
                (entry.actor, entry.context.is_some())
            };
            let named = |actor: &str, reason| (Some(actor.to_owned()), reason);
            assert_eq!(actor(write("a", &db).await).await, named("scope", true));
            let bound = db.clone().with_context(AuditContext::new().actor("bound"));
            assert_eq!(actor(write("b", &bound).await).await, named("bound", false));
            let alice = db.clone().acting_as("alice");
            assert_eq!(actor(write("c", &alice).await).await, named("alice", true));
        })
        .await;
    replay::<product::Entity>(&plain).await;
}

async fn a_connection_may_require_an_actor(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 1).insert(&db).await.unwrap();
    let db = db.require_actor();
    let refused = |err: DbErr| matches!(Error::of(&err), Some(Error::ActorRequired { .. }));
    assert!(refused(
        new_product("oil", 1).insert(&db).await.unwrap_err()
    ));
    let mut change = tea.clone().into_active_model();
    change.stock = Set(None);
    assert!(refused(change.clone().update(&db).await.unwrap_err()));
    assert!(refused(tea.clone().delete(&db).await.unwrap_err()));
    let db = db.acting_as("alice");
    change.update(&db).await.unwrap();
    tea.delete(&db).await.unwrap();
    assert_eq!(
        actions(&plain, "product").await,
        ["create", "update", "delete"]
    );
    replay::<product::Entity>(&plain).await;
}

async fn one_around_another_records_once(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let db = AuditedConnection::new(AuditedConnection::new(db));
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let tx = db.begin().await.unwrap();
    let mut change = tea.into_active_model();
    change.stock = Set(None);
    change.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(actions(&plain, "product").await, ["create", "update"]);
    replay::<product::Entity>(&plain).await;
}

/// Another entity of the products' table, which knows less of it.
mod label {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "shared")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }
}

mod shared {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "shared")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub note: Option<String>,
    }
}

async fn of_two_entities_of_a_table_the_one_that_writes_is_recorded(test: Arc<TestDb>) {
    let plain = test.connect().await;
    create_table(&plain, shared::Entity).await;
    let db = AuditedConnection::new(plain.clone());
    let whole = shared::ActiveModel {
        name: Set("a".to_owned()),
        note: Set(Some("n".to_owned())),
        ..Default::default()
    };
    let row = whole.insert(&db).await.unwrap();
    let mut change = row.clone().into_active_model();
    change.note = Set(None);
    let row = change.update(&db).await.unwrap();
    replay::<shared::Entity>(&plain).await;
    let err = shared::Entity::delete_many().exec(&db).await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::AmbiguousEntity { entity, .. }) if entity == "shared"),
        "{err}"
    );
    row.delete(&db).await.unwrap();
    let log = entries(&plain, "audit_log", "shared").await;
    assert!(log[2].old.as_ref().unwrap().contains_key("note"));
    replay::<shared::Entity>(&plain).await;
    assert_eq!(label::Entity::find().count(&plain).await.unwrap(), 0);
}

/// Two transactions wait for each other, and the one that loses goes on as if nothing had happened.
async fn what_follows_a_lost_deadlock_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let first = new_product("a", 1).insert(&db).await.unwrap();
    let second = new_product("b", 1).insert(&db).await.unwrap();
    let take = |row: &product::Model, stock: i64| {
        let mut change = row.clone().into_active_model();
        change.stock = Set(Some(stock));
        change
    };
    let outer = [db.begin().await.unwrap(), db.begin().await.unwrap()];
    let inner = [
        outer[0].begin().await.unwrap(),
        outer[1].begin().await.unwrap(),
    ];
    take(&first, 10).update(&inner[0]).await.unwrap();
    take(&second, 20).update(&inner[1]).await.unwrap();
    let (left, right) = tokio::join!(
        take(&second, 11).update(&inner[0]),
        take(&first, 21).update(&inner[1]),
    );
    assert!(left.is_err() != right.is_err());
    let lost = usize::from(right.is_err());
    let inner: Vec<_> = inner.into_iter().collect();
    let mut outer = outer.into_iter();
    for (index, inner) in inner.into_iter().enumerate() {
        let outer = outer.next().unwrap();
        if index != lost {
            inner.commit().await.unwrap();
            outer.commit().await.unwrap();
            continue;
        }
        for refused in [
            new_product("c", 1).insert(&inner).await.unwrap_err(),
            new_product("d", 1).insert(&outer).await.unwrap_err(),
        ] {
            assert!(
                matches!(Error::of(&refused), Some(Error::Uncommittable { .. })),
                "{refused}"
            );
        }
        // MySQL has forgotten the savepoint, too.
        let _ = inner.rollback().await;
        let err = outer.commit().await.unwrap_err();
        assert!(
            matches!(Error::of(&err), Some(Error::Uncommittable { .. })),
            "{err}"
        );
    }
    assert_eq!(products(&plain).await, 2);
    replay::<product::Entity>(&plain).await;
}
