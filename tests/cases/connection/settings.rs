//! What a connection is told to do: when an entry fails, without an actor, and within another one.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, ModelTrait, Set,
    TransactionSession, TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error, OnFailure};

use super::{drop_log, is_unrecordable, products};
use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        log::actions,
        replay::replay,
        server::TestDb,
        shop::{audited, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_missing_log_keeps_the_change_out,
        report_keeps_the_change_and_counts_the_loss,
        a_bypass_is_allowed_and_reported,
        a_bound_context_comes_before_a_scope,
        a_connection_may_require_an_actor,
        one_around_another_records_once,
    ]
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
