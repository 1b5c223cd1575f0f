//! Where nothing is looked for, and wrappers within wrappers.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, EntityTrait, IntoActiveModel, MockDatabase, MockExecResult, Set,
    TransactionSession, TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, AuditedConnection, Error};

use super::{count, keyed};
use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        replay::replay,
        server::TestDb,
        shop::{audited, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_suspended_scope_lets_everything_pass_and_says_so,
        a_mock_and_its_transactions_see_nothing_of_it,
        an_outer_wrapper_takes_the_inner_ones_settings_over,
    ]
}

async fn a_suspended_scope_lets_everything_pass_and_says_so(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let events = Events::collect();
    AuditContext::suspended("moving house")
        .scope(async {
            let tea = keyed(1, "a").insert(&db).await.unwrap();
            let mut change = tea.into_active_model();
            change.stock = Set(None);
            change.update(&db).await.unwrap();
            let all =
                product::Entity::update_many().col_expr(product::Column::Stock, Expr::value(3));
            all.exec(&db).await.unwrap();
            product::Entity::delete_many().exec(&db).await.unwrap();
        })
        .await;
    assert_eq!(count(&plain).await, 0);
    assert_eq!(events.containing("moving house").len(), 4);
    replay::<product::Entity>(&plain).await;
}

async fn a_mock_and_its_transactions_see_nothing_of_it(test: Arc<TestDb>) {
    let backend = test.backend();
    let tea = product::Model {
        id: 1,
        name: "a".to_owned(),
        price: 1.into(),
        stock: None,
    };
    let mock = || {
        let done = MockExecResult {
            last_insert_id: 1,
            rows_affected: 1,
        };
        MockDatabase::new(backend)
            .append_query_results([[tea.clone()]])
            .append_exec_results([done])
            .into_connection()
    };
    // What SeaORM sends when no hook runs.
    let bare = mock();
    let tx = bare.begin().await.unwrap();
    let insert = product::Entity::insert(keyed(1, "a"));
    assert_eq!(insert.exec_with_returning(&tx).await.unwrap(), tea);
    tx.commit().await.unwrap();

    let db = AuditedConnection::new(mock());
    let tx = db.begin().await.unwrap();
    assert_eq!(keyed(1, "a").insert(&tx).await.unwrap(), tea);
    tx.commit().await.unwrap();
    assert_eq!(
        db.into_inner().into_transaction_log(),
        bare.into_transaction_log()
    );
}

async fn an_outer_wrapper_takes_the_inner_ones_settings_over(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let inner = db.require_actor().allow_bypass("inner");
    let outer = AuditedConnection::new(inner);
    let err = keyed(1, "a").insert(&outer).await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::ActorRequired { .. })),
        "{err}"
    );
    let outer = outer.acting_as("outer");
    keyed(1, "a").insert(&outer).await.unwrap();
    let tx = outer.begin().await.unwrap();
    keyed(2, "b").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let update = product::Entity::update_many().col_expr(product::Column::Stock, Expr::value(1));
    update.exec(&outer).await.unwrap();
    let log = sea_orm_audit::audit_log::Entity::find()
        .all(&plain)
        .await
        .unwrap();
    assert_eq!(log.len(), 2);
    assert!(
        log.iter()
            .all(|entry| entry.actor.as_deref() == Some("outer"))
    );
    replay::<product::Entity>(&plain).await;
}
