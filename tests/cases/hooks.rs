//! Create, update and delete through active models: what is recorded, and what is not.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, IntoActiveModel, ModelTrait, Set, entity::prelude::*};
use sea_orm_audit::{AuditContext, Audited};
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        replay::replay,
        server::TestDb,
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![a_create_an_update_and_a_delete_are_recorded,]
}

/// A price in the log. SQLite keeps no scale, so that 2.50 reads 2.5 there.
fn price(value: Option<&serde_json::Value>) -> Decimal {
    value.unwrap().as_str().unwrap().parse().unwrap()
}

async fn a_create_an_update_and_a_delete_are_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    AuditContext::new()
        .actor("alice")
        .reason("price review")
        .scope(async {
            let tea = new_product("tea", 250).insert(&db).await.unwrap();
            let mut change = tea.clone().into_active_model();
            change.price = Set(Decimal::new(300, 2));
            let tea = change.update(&db).await.unwrap();
            tea.clone().delete(&db).await.unwrap();

            let history = product::Entity::history(tea.id).all(&db).await.unwrap();
            let actions: Vec<String> = history
                .iter()
                .map(|entry| entry.action.to_string())
                .collect();
            assert_eq!(actions, ["delete", "update", "create"]);
            let changes = history[1].changes().unwrap();
            assert_eq!(changes.len(), 1);
            assert_eq!(price(changes["price"].old), Decimal::new(250, 2));
            assert_eq!(price(changes["price"].new), Decimal::new(300, 2));
            for entry in &history {
                assert_eq!(entry.actor.as_deref(), Some("alice"));
                assert_eq!(entry.context, Some(json!({"reason": "price review"})));
                assert_eq!(entry.correlation_id, history[0].correlation_id);
            }
        })
        .await;
    replay::<product::Entity>(&db).await;
}
