//! Methods of an active model.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, ModelTrait, Set,
    SqlErr, entity::prelude::Decimal,
};
use sea_orm_audit::{AuditContext, audit_log};
use serde_json::{Value, json};

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        log::{log, trail},
        replay::replay,
        server::TestDb,
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        insert_is_recorded,
        update_is_recorded,
        update_with_nothing_set_makes_no_entry,
        update_with_equal_values_makes_no_entry,
        update_from_json_records_what_changed,
        update_of_a_missing_row_makes_no_entry,
        update_that_fails_makes_no_entry,
        save_is_recorded_both_ways,
        save_of_a_new_row_with_its_key_makes_no_entry,
        update_without_returning_is_warned_of_when_its_scope_ends,
        update_without_returning_is_warned_of_when_its_record_is_written_again,
        delete_is_recorded_in_all_its_forms,
        delete_of_a_missing_row_makes_no_entry,
        insert_that_fails_makes_no_entry,
    ]
}

const NO_ENTRY: &str = "an update of an audited row has no entry";
const NOT_IN_THE_LOG: &str = "an update of an audited row is not in the log";

async fn tea(db: &DatabaseConnection) -> product::Model {
    new_product("tea", 250).insert(db).await.unwrap()
}

/// The entry's values without the price, whose text differs between the databases.
fn values(values: &Option<Value>) -> Value {
    let mut values = json!(values);
    if let Some(row) = values.as_object_mut() {
        row.remove("price");
    }
    values
}

async fn last(db: &DatabaseConnection) -> audit_log::Model {
    log(db).await.pop().unwrap()
}

async fn insert_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    assert_eq!(trail(&db).await, [format!("create product {}", tea.id)]);
    let entry = last(&db).await;
    assert_eq!(entry.old_values, None);
    assert_eq!(
        values(&entry.new_values),
        json!({"id": tea.id, "name": "tea", "stock": 1})
    );
    replay::<product::Entity>(&db).await;
}

async fn update_is_recorded(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    // From a loaded model, and built by hand with nothing but the key.
    let mut loaded = tea.clone().into_active_model();
    loaded.stock = Set(Some(7));
    loaded.update(&db).await.unwrap();
    let entry = last(&db).await;
    assert_eq!(entry.action, audit_log::Action::Update);
    assert_eq!(entry.old_values, Some(json!({"stock": 1})));
    assert_eq!(entry.new_values, Some(json!({"stock": 7})));

    let built = product::ActiveModel {
        id: Set(tea.id),
        stock: Set(None),
        ..Default::default()
    };
    built.update(&db).await.unwrap();
    let entry = last(&db).await;
    assert_eq!(entry.old_values, Some(json!({"stock": 7})));
    assert_eq!(entry.new_values, Some(json!({"stock": null})));
    assert_eq!(log(&db).await.len(), 3);
    replay::<product::Entity>(&db).await;
}

async fn update_with_nothing_set_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let unchanged = tea.clone().into_active_model().update(&db).await.unwrap();

    assert_eq!(unchanged, tea);
    assert_eq!(log(&db).await.len(), 1);
    replay::<product::Entity>(&db).await;
}

async fn update_with_equal_values_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let updated = tea.into_active_model().reset_all().update(&db).await;

    assert_eq!(updated.unwrap().name, "tea");
    assert_eq!(log(&db).await.len(), 1);
    replay::<product::Entity>(&db).await;
}

async fn update_from_json_records_what_changed(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    // Everything that the JSON has is `Set`, be it equal or not.
    let mut active = tea.clone().into_active_model();
    active
        .set_from_json(json!({"name": "tea", "price": "2.50", "stock": 2}))
        .unwrap();
    assert!(active.price.is_set());
    active.update(&db).await.unwrap();

    let entry = last(&db).await;
    assert_eq!(entry.old_values, Some(json!({"stock": 1})));
    assert_eq!(entry.new_values, Some(json!({"stock": 2})));
    replay::<product::Entity>(&db).await;
}

async fn update_of_a_missing_row_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;

    let missing = product::ActiveModel {
        id: Set(4711),
        ..new_product("tea", 250)
    };
    let err = missing.update(&db).await.unwrap_err();

    assert_eq!(err, DbErr::RecordNotUpdated);
    assert!(log(&db).await.is_empty());
    replay::<product::Entity>(&db).await;
}

async fn update_that_fails_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;
    let milk = new_product("milk", 120).insert(&db).await.unwrap();

    let events = Events::collect();
    let err = AuditContext::new()
        .scope(async {
            let mut clash = milk.clone().into_active_model();
            clash.name = Set(tea.name.clone());
            clash.update(&db).await.unwrap_err()
        })
        .await;

    assert!(matches!(
        err.sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_))
    ));
    assert_eq!(log(&db).await.len(), 2);
    // It cannot be told from `update_without_returning`, so the warning names both.
    assert_eq!(events.containing(NO_ENTRY).len(), 1);
    assert_eq!(events.containing("either its statement failed").len(), 1);
    replay::<product::Entity>(&db).await;
}

async fn save_is_recorded_both_ways(test: Arc<TestDb>) {
    let db = shop(&test).await;

    let mut saved = new_product("tea", 250).save(&db).await.unwrap();
    let id = *saved.id.as_ref();
    saved.stock = Set(Some(2));
    saved.save(&db).await.unwrap();

    assert_eq!(
        trail(&db).await,
        [
            format!("create product {id}"),
            format!("update product {id}")
        ]
    );
    replay::<product::Entity>(&db).await;
}

async fn save_of_a_new_row_with_its_key_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;

    // To SeaORM a key that is set means an update.
    let keyed = product::ActiveModel {
        id: Set(7),
        ..new_product("tea", 250)
    };
    let err = keyed.clone().save(&db).await.unwrap_err();
    assert_eq!(err, DbErr::RecordNotUpdated);
    assert!(log(&db).await.is_empty());

    keyed.insert(&db).await.unwrap();
    assert_eq!(trail(&db).await, ["create product 7"]);
    replay::<product::Entity>(&db).await;
}

async fn update_without_returning_is_warned_of_when_its_scope_ends(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let events = Events::collect();
    AuditContext::new()
        .actor("alice")
        .scope(async {
            let mut change = tea.clone().into_active_model();
            change.price = Set(Decimal::new(300, 2));
            change.update_without_returning(&db).await.unwrap();
            assert!(events.containing("").is_empty());
        })
        .await;

    let warnings = events.containing(NO_ENTRY);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("entity=\"product\""), "{warnings:?}");
    assert!(
        warnings[0].contains(&format!("record_id=\"{}\"", tea.id)),
        "{warnings:?}"
    );
    assert_eq!(trail(&db).await, [format!("create product {}", tea.id)]);
    let row = product::Entity::find_by_id(tea.id).one(&db).await.unwrap();
    assert_eq!(row.unwrap().price, Decimal::new(300, 2));
}

async fn update_without_returning_is_warned_of_when_its_record_is_written_again(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let events = Events::collect();
    AuditContext::new()
        .scope(async {
            let mut change = tea.clone().into_active_model();
            change.stock = Set(Some(2));
            change.update_without_returning(&db).await.unwrap();
            let mut change = tea.clone().into_active_model();
            change.stock = Set(Some(3));
            change.update(&db).await.unwrap();
            assert_eq!(events.containing(NOT_IN_THE_LOG).len(), 1);
        })
        .await;

    assert_eq!(events.containing("").len(), 1);
    // The next entry begins with what the row really was.
    let entry = last(&db).await;
    assert_eq!(entry.old_values, Some(json!({"stock": 2})));
    assert_eq!(entry.new_values, Some(json!({"stock": 3})));
}

async fn delete_is_recorded_in_all_its_forms(test: Arc<TestDb>) {
    let db = shop(&test).await;

    let first = tea(&db).await;
    let second = new_product("milk", 120).insert(&db).await.unwrap();
    let third = new_product("jam", 320).insert(&db).await.unwrap();
    ModelTrait::delete(first.clone(), &db).await.unwrap();
    second
        .clone()
        .into_active_model()
        .delete(&db)
        .await
        .unwrap();
    let only_the_key = product::ActiveModel {
        id: Set(third.id),
        ..Default::default()
    };
    only_the_key.delete(&db).await.unwrap();

    let deletes = log(&db).await.split_off(3);
    assert_eq!(deletes.len(), 3);
    for (entry, gone) in deletes.iter().zip([first, second, third]) {
        assert_eq!(entry.action, audit_log::Action::Delete);
        assert_eq!(
            values(&entry.old_values),
            json!({"id": gone.id, "name": gone.name, "stock": 1})
        );
        assert_eq!(entry.new_values, None);
    }
    replay::<product::Entity>(&db).await;
}

async fn delete_of_a_missing_row_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    tea.clone().delete(&db).await.unwrap();
    let again = tea.delete(&db).await.unwrap();

    assert_eq!(again.rows_affected, 0);
    assert_eq!(log(&db).await.len(), 2);
    replay::<product::Entity>(&db).await;
}

async fn insert_that_fails_makes_no_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = tea(&db).await;

    let same_name = new_product("tea", 300).insert(&db).await.unwrap_err();
    let same_key = product::ActiveModel {
        id: Set(tea.id),
        ..new_product("milk", 120)
    };
    let same_key = same_key.insert(&db).await.unwrap_err();

    for err in [same_name, same_key] {
        assert!(matches!(
            err.sql_err(),
            Some(SqlErr::UniqueConstraintViolation(_))
        ));
    }
    assert_eq!(trail(&db).await, [format!("create product {}", tea.id)]);
    replay::<product::Entity>(&db).await;
}
