//! Create, update and delete through active models: what is recorded, and what is not.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, ModelTrait, Set,
    TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, Audited, audit_log};
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

async fn log(db: &DatabaseConnection) -> Vec<audit_log::Model> {
    audit_log::Entity::find().all(db).await.unwrap()
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
            assert_eq!(history[1].old_values, Some(json!({"price": "2.50"})));
            assert_eq!(history[1].new_values, Some(json!({"price": "3.00"})));
            for entry in &history {
                assert_eq!(entry.actor.as_deref(), Some("alice"));
                assert_eq!(entry.context, Some(json!({"reason": "price review"})));
                assert_eq!(entry.correlation_id, history[0].correlation_id);
            }
        })
        .await;
    replay::<product::Entity>(&db).await;
}
