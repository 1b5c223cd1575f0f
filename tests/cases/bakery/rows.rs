//! Single rows: `insert`, `update`, `save` and `delete` of `ActiveModel`, and rows built from JSON.

use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DbErr, IntoActiveModel, Iterable, ModelTrait, Set,
    TryIntoModel, entity::prelude::Decimal,
};
use serde_json::json;

use crate::{
    on_every_connection,
    support::{
        bakery::{
            Db, Mark, a_bakery, a_cake, a_recipe, another_recipe, bakery, cake, created, deleted,
            recipe, updated,
        },
        case::Case,
    },
};

const MISSING: i32 = 1_000_000;

pub fn cases() -> Vec<Case> {
    on_every_connection![
        a_create_holds_the_whole_row,
        a_create_holds_what_the_database_filled_in,
        an_update_holds_the_columns_that_changed,
        an_update_by_key_alone_holds_the_columns_that_changed,
        every_kind_of_column_changes_and_changes_back,
        a_save_creates_without_a_key_and_updates_with_one,
        an_update_with_nothing_set_leaves_no_entry,
        an_update_to_equal_values_leaves_no_entry,
        json_with_equal_values_leaves_no_entry,
        json_with_another_value_holds_that_column,
        an_update_of_a_missing_row_is_refused_and_leaves_no_entry,
        a_save_of_a_missing_row_is_refused_and_leaves_no_entry,
        a_delete_holds_the_whole_row,
        a_delete_by_active_model_holds_the_row_as_it_was_in_the_database,
        a_delete_of_a_missing_row_leaves_no_entry,
    ]
}

async fn a_create_holds_the_whole_row<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let recipe = a_recipe().into_active_model().insert(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].record_id, recipe.id.to_string());
    assert_eq!(entries[0].old_values, None);
    let new = entries[0].new_values.as_ref().unwrap().as_object().unwrap();
    let columns: Vec<String> = recipe::Column::iter()
        .map(|column| sea_orm::IdenStatic::as_str(&column).to_owned())
        .collect();
    let mut logged: Vec<String> = new.keys().cloned().collect();
    let mut expected = columns.clone();
    logged.sort();
    expected.sort();
    assert_eq!(logged, expected);
    assert!(columns.contains(&"prep_min".to_owned()) && !columns.contains(&"draft".to_owned()));
    assert_eq!(new["prep_min"], json!(90));
    assert_eq!(new["photo"], json!("0001feff2227"));
    assert_eq!(new["served_as"], json!("main"));
    assert_eq!(new["effort"], json!(-7));
    assert_eq!(new["heat"], json!("very high"));
    assert_eq!(new["views"], json!(i64::MAX));
}

async fn a_create_holds_what_the_database_filled_in<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let cake = a_cake(db).await;

    let entries = mark.entries(db).await;
    assert_eq!(entries.len(), 1);
    let new = entries[0].new_values.as_ref().unwrap();
    assert_eq!(new["id"], json!(cake.id));
    assert_eq!(new["gluten_free"], json!(false));
    assert_eq!(new["bakery_id"], json!(null));
}

async fn an_update_holds_the_columns_that_changed<C: Db>(db: &C) {
    let cake = a_cake(db).await;
    let mark = Mark::now(db).await;
    let mut change = cake.clone().into_active_model();
    change.name = Set("sponge".to_owned());
    change.gluten_free = Set(true);
    let changed = change.update(db).await.unwrap();

    assert!(changed.gluten_free);
    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("cake", cake.id)]);
    assert_eq!(entries[0].old_values, Some(json!({"gluten_free": false})));
    assert_eq!(entries[0].new_values, Some(json!({"gluten_free": true})));
}

async fn an_update_by_key_alone_holds_the_columns_that_changed<C: Db>(db: &C) {
    let cake = a_cake(db).await;
    let mark = Mark::now(db).await;
    let change = cake::ActiveModel {
        id: Set(cake.id),
        name: Set("sponge".to_owned()),
        gluten_free: Set(true),
        ..Default::default()
    };
    change.update(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("cake", cake.id)]);
    assert_eq!(entries[0].old_values, Some(json!({"gluten_free": false})));
    assert_eq!(entries[0].new_values, Some(json!({"gluten_free": true})));
}

async fn every_kind_of_column_changes_and_changes_back<C: Db>(db: &C) {
    let first = a_recipe().into_active_model().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let second = another_recipe(&first).into_active_model().reset_all();
    let second = second.update(db).await.unwrap();
    let third = first.clone().into_active_model().reset_all();
    let third = third.update(db).await.unwrap();

    assert_eq!(third, first);
    assert_ne!(second, first);
    let entries = mark.entries(db).await;
    assert_eq!(entries.len(), 2);
    let changed = entries[0].changes().unwrap();
    let unchanged: Vec<_> = recipe::Column::iter()
        .map(|column| sea_orm::IdenStatic::as_str(&column))
        .filter(|column| !changed.contains_key(column))
        .collect();
    assert_eq!(unchanged, ["id"]);
    assert_eq!(entries[0].old_values, entries[1].new_values);
    assert_eq!(entries[0].new_values, entries[1].old_values);
}

async fn a_save_creates_without_a_key_and_updates_with_one<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let bakery = bakery::ActiveModel {
        id: NotSet,
        name: Set("Crumbs".to_owned()),
        margin: Set(0.1),
    };
    let mut saved = bakery.save(db).await.unwrap();
    saved.margin = Set(0.2);
    let bakery = saved.save(db).await.unwrap().try_into_model().unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(
        mark.since(db).await,
        [created("bakery", bakery.id), updated("bakery", bakery.id)]
    );
    assert_eq!(entries[1].old_values, Some(json!({"margin": 0.1})));
    assert_eq!(entries[1].new_values, Some(json!({"margin": 0.2})));
}

async fn an_update_with_nothing_set_leaves_no_entry<C: Db>(db: &C) {
    let bakery = a_bakery(db).await;
    let mark = Mark::now(db).await;
    let same = bakery.clone().into_active_model().update(db).await.unwrap();
    let by_key = bakery::ActiveModel {
        id: Set(bakery.id),
        ..Default::default()
    };
    let also = by_key.update(db).await.unwrap();

    assert_eq!((&same, &also), (&bakery, &bakery));
    assert!(mark.since(db).await.is_empty());
}

async fn an_update_to_equal_values_leaves_no_entry<C: Db>(db: &C) {
    let recipe = a_recipe().into_active_model().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let same = recipe.clone().into_active_model().reset_all();
    same.update(db).await.unwrap();
    // Other texts of the same values.
    let mut same = recipe.clone().into_active_model();
    same.cost = Set(Decimal::new(123_456_780, 5));
    same.notes =
        Set(json!({"by": null, "oven": {"c": 180.5, "top": true}, "steps": ["mix", "bake"]}));
    same.update(db).await.unwrap();

    assert!(mark.since(db).await.is_empty());

    let mut reordered = recipe.clone().into_active_model();
    reordered.extra = Set(Some(json!([null, "two", 1])));
    reordered.update(db).await.unwrap();
    assert_eq!(mark.since(db).await, [updated("recipe", recipe.id)]);
}

async fn json_with_equal_values_leaves_no_entry<C: Db>(db: &C) {
    let recipe = a_recipe().into_active_model().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let mut same = recipe.clone().into_active_model();
    same.set_from_json(serde_json::to_value(&recipe).unwrap())
        .unwrap();
    assert!(same.name.is_set() && same.photo.is_set());
    same.update(db).await.unwrap();

    assert!(mark.since(db).await.is_empty());
}

async fn json_with_another_value_holds_that_column<C: Db>(db: &C) {
    let recipe = a_recipe().into_active_model().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let mut json = serde_json::to_value(&recipe).unwrap();
    json["portions"] = json!(3);
    let mut change = recipe.clone().into_active_model();
    change.set_from_json(json).unwrap();
    change.update(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("recipe", recipe.id)]);
    assert_eq!(entries[0].old_values, Some(json!({"portions": i16::MIN})));
    assert_eq!(entries[0].new_values, Some(json!({"portions": 3})));
}

async fn an_update_of_a_missing_row_is_refused_and_leaves_no_entry<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let missing = || bakery::ActiveModel {
        id: Set(MISSING),
        name: Set("nowhere".to_owned()),
        ..Default::default()
    };
    let refused = missing().update(db).await;
    assert_eq!(refused, Err(DbErr::RecordNotUpdated));
    let refused = missing().update_without_returning(db).await;
    assert_eq!(refused, Err(DbErr::RecordNotUpdated));

    assert!(mark.since(db).await.is_empty());
}

async fn a_save_of_a_missing_row_is_refused_and_leaves_no_entry<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let mut recipe = a_recipe().into_active_model();
    recipe.name = Set("new, but its key is set".to_owned());
    assert_eq!(recipe.save(db).await, Err(DbErr::RecordNotUpdated));

    assert!(mark.since(db).await.is_empty());
}

async fn a_delete_holds_the_whole_row<C: Db>(db: &C) {
    let recipe = a_recipe().into_active_model().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let id = recipe.id;
    let result = recipe.clone().delete(db).await.unwrap();

    assert_eq!(result.rows_affected, 1);
    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [deleted("recipe", id)]);
    assert_eq!(entries[0].new_values, None);
    assert_eq!(entries[0].old::<recipe::Entity>().unwrap(), Some(recipe));
}

async fn a_delete_by_active_model_holds_the_row_as_it_was_in_the_database<C: Db>(db: &C) {
    let (stale, known) = (a_cake(db).await, a_cake(db).await);
    let mark = Mark::now(db).await;
    let mut change = stale.clone().into_active_model();
    change.name = Set("never written".to_owned());
    change.delete(db).await.unwrap();
    let by_key = cake::ActiveModel {
        id: Set(known.id),
        ..Default::default()
    };
    by_key.delete(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(
        mark.since(db).await,
        [deleted("cake", stale.id), deleted("cake", known.id)]
    );
    assert_eq!(entries[0].old::<cake::Entity>().unwrap(), Some(stale));
    assert_eq!(entries[1].old::<cake::Entity>().unwrap(), Some(known));
}

async fn a_delete_of_a_missing_row_leaves_no_entry<C: Db>(db: &C) {
    let bakery = a_bakery(db).await;
    bakery.clone().delete(db).await.unwrap();
    let mark = Mark::now(db).await;
    let again = bakery.clone().delete(db).await.unwrap();
    let never = bakery::ActiveModel {
        id: Set(MISSING),
        ..Default::default()
    };
    let never = never.delete(db).await.unwrap();

    assert_eq!((again.rows_affected, never.rows_affected), (0, 0));
    assert!(mark.since(db).await.is_empty());
}
