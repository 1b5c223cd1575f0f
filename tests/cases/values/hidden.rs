//! Of a hidden column an entry says that it changed, or nothing.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, Set, TransactionTrait,
    entity::prelude::Decimal,
};
use sea_orm_audit::{Audited, AuditedConnection, audit_log};
use serde_json::{Value as Json, json};

use super::private::{open, secret};
use crate::{
    cases,
    support::{bakery::Db, case::Case, server::TestDb, values::vault},
};

pub fn cases() -> Vec<Case> {
    cases![
        a_changed_secret_is_seen_to_change,
        a_change_of_excluded_columns_alone_is_no_change,
    ]
}

async fn a_changed_secret_is_seen_to_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let wrapped = AuditedConnection::new(db.clone());
    let inside = db.begin().await.unwrap();
    changed_secrets(&inside, "inside").await;
    inside.commit().await.unwrap();
    changed_secrets(&wrapped, "wrapped").await;
}

async fn changed_secrets<C: Db>(db: &C, name: &str) {
    let mut row = secret(name, 1);
    row.maybe = Set(None);
    let row = row.insert(db).await.unwrap();
    let mut expected = vec![json!({
        "id": row.id, "name": name, "open": "open",
        "text": "[redacted]", "bytes": "[redacted]", "json": "[redacted]",
        "decimal": "[redacted]", "maybe": "[redacted]",
    })];
    let id = row.id;
    let mut changes: Vec<(&[&str], vault::ActiveModel)> = Vec::new();
    let with = |columns: &'static [&'static str], change: fn(&mut vault::ActiveModel)| {
        let mut active = vault::ActiveModel {
            id: Set(id),
            ..Default::default()
        };
        change(&mut active);
        (columns, active)
    };
    changes.push(with(&["maybe"], |row| {
        row.maybe = Set(Some("m".to_owned()))
    }));
    changes.push(with(&["maybe"], |row| {
        row.maybe = Set(Some("[redacted]".to_owned()))
    }));
    changes.push(with(&["maybe"], |row| row.maybe = Set(None)));
    changes.push(with(&["bytes"], |row| row.bytes = Set(Vec::new())));
    changes.push(with(&["json"], |row| row.json = Set(Json::Null)));
    changes.push(with(&["text", "decimal"], |row| {
        row.text = Set(String::new());
        row.decimal = Set(Decimal::ONE);
    }));
    changes.push(with(&["name"], |row| row.name = Set("renamed".to_owned())));
    // No change: the same text, the same decimal in another scale.
    changes.push(with(&[], |row| {
        row.text = Set(String::new());
        row.decimal = Set(Decimal::new(1000, 3));
    }));
    for (columns, change) in changes {
        change.update(db).await.unwrap();
        if !columns.is_empty() {
            let hidden = columns.iter().filter(|column| **column != "name");
            expected.push(hidden.map(|column| (*column, "[redacted]")).collect());
        }
    }
    let history = vault::Entity::history(id).all(db).await.unwrap();
    assert_eq!(history.len(), expected.len());
    for (entry, expected) in history.iter().rev().zip(&expected) {
        for side in [&entry.old_values, &entry.new_values].into_iter().flatten() {
            let mut side = side.clone();
            if entry.action == audit_log::Action::Update {
                side.as_object_mut().unwrap().remove("name");
            }
            assert_eq!(&side, expected);
        }
    }
    let row = vault::Entity::find_by_id(id)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    row.delete(db).await.unwrap();
}

async fn a_change_of_excluded_columns_alone_is_no_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let wrapped = AuditedConnection::new(db.clone());
    let row = secret("row", 1).insert(&wrapped).await.unwrap();
    let other = secret("row", 2);
    let change = vault::ActiveModel {
        id: Set(row.id),
        no_text: other.no_text,
        no_bytes: other.no_bytes,
        no_json: other.no_json,
        no_decimal: other.no_decimal,
        no_maybe: Set(None),
        ..Default::default()
    };
    let changed = change.clone().update(&wrapped).await.unwrap();
    assert_ne!(changed, row);
    let inside = db.begin().await.unwrap();
    let back = row.clone().into_active_model().reset_all();
    assert_eq!(back.update(&inside).await.unwrap(), row);
    inside.commit().await.unwrap();
    assert_eq!(
        vault::Entity::history(row.id).all(&db).await.unwrap().len(),
        1
    );
}
