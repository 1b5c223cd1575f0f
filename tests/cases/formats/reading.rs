//! The history of one record, by keys of every type, and its rows read back as models.

use std::{fmt::Debug, sync::Arc};

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, IntoActiveModel, ModelTrait, PrimaryKeyTrait, Set,
    TryIntoModel,
    entity::prelude::{Decimal, Uuid},
};
use sea_orm_audit::{Audited, Error};
use serde_json::json;

use crate::{
    cases,
    support::{
        bakery::{
            Course, Db, Effort, Heat, a_baker, a_bakery, a_cake, a_recipe, another_recipe, at,
            bakery, by_big, by_bytes, by_course, by_date, by_effort, by_heat, by_text, by_uuid,
            cake, cake_baker, created, full_recipe, open, recipe, shelf, supplier,
        },
        case::Case,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_record_is_found_by_a_number,
        a_record_is_found_by_a_uuid,
        a_record_is_found_by_a_text,
        a_record_is_found_by_bytes,
        a_record_is_found_by_a_date,
        a_record_is_found_by_an_enum,
        a_record_is_found_by_several_columns,
        every_kind_of_column_reads_back,
        full_values_read_back_from_an_update_too,
        nulls_read_back,
        an_update_does_not_hold_the_whole_row,
        a_row_with_hidden_columns_does_not_read_back,
        an_entry_reads_back_as_its_own_entity_only,
        pages_stay_as_they_are_while_entries_are_written,
    ]
}

/// Creates, updates and deletes a row, and reads both of its states back from its history.
async fn is_found<C, E, K>(db: &C, key: K, first: E::Model, second: E::Model)
where
    C: Db,
    E: Audited,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + PartialEq + Debug,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
    K: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType> + Clone,
{
    let first = first.into_active_model().reset_all().insert(db).await;
    let first = first.unwrap();
    let second = second.into_active_model().reset_all().update(db).await;
    let second = second.unwrap();
    second.clone().delete(db).await.unwrap();

    let history = E::history(key.clone()).all(db).await.unwrap();
    let [delete, update, create] = history.as_slice() else {
        panic!("{history:?}");
    };
    assert_eq!(create.old::<E>().unwrap(), None);
    assert_eq!(create.new::<E>().unwrap(), Some(first));
    assert_eq!(delete.old::<E>().unwrap(), Some(second));
    assert_eq!(delete.new::<E>().unwrap(), None);
    assert_eq!(update.action.as_str(), "update");
    let newest = E::history(key).one(db).await.unwrap();
    assert_eq!(newest.as_ref(), Some(delete));
}

/// The same for one of the tables with a key and a note.
macro_rules! is_found {
    ($db:ident, $module:ident, $key:expr) => {{
        let model = |note: Option<&str>| $module::Model {
            key: $key,
            note: note.map(str::to_owned),
        };
        is_found::<_, $module::Entity, _>(&$db, $key, model(None), model(Some("changed"))).await
    }};
}

async fn a_record_is_found_by_a_number(test: Arc<TestDb>) {
    let db = open(&test).await;
    is_found!(db, by_big, i64::MIN);
    is_found!(db, by_big, i64::MAX);
    is_found!(db, by_big, 1);
}

async fn a_record_is_found_by_a_uuid(test: Arc<TestDb>) {
    let db = open(&test).await;
    let key = Uuid::now_v7();
    is_found!(db, by_uuid, key);
    is_found!(db, by_uuid, Uuid::max());
}

async fn a_record_is_found_by_a_text(test: Arc<TestDb>) {
    let db = open(&test).await;
    // Texts that a database may take for one another: each finds its own entries only.
    for key in ["key", "Key", "key ", "kéy", "", "'; --", "🔑"] {
        is_found!(db, by_text, key.to_owned());
    }
}

async fn a_record_is_found_by_bytes(test: Arc<TestDb>) {
    let db = open(&test).await;
    is_found!(db, by_bytes, vec![0xFF, 0x00, 0x80]);
    is_found!(db, by_bytes, Vec::<u8>::new());
}

async fn a_record_is_found_by_a_date(test: Arc<TestDb>) {
    let db = open(&test).await;
    let key = at("2024-02-29T00:00:00Z").date_naive();
    is_found!(db, by_date, key);
}

async fn a_record_is_found_by_an_enum(test: Arc<TestDb>) {
    let db = open(&test).await;
    is_found!(db, by_course, Course::Dessert);
    is_found!(db, by_effort, Effort::Much);
    is_found!(db, by_heat, Heat::VeryHigh);
}

async fn a_record_is_found_by_several_columns(test: Arc<TestDb>) {
    let db = open(&test).await;
    let model = |slot, content: Option<&str>| shelf::Model {
        room: "cellar".to_owned(),
        slot,
        content: content.map(str::to_owned),
    };
    for slot in [1, 11] {
        let key = ("cellar".to_owned(), slot);
        let (first, second) = (model(slot, None), model(slot, Some("flour")));
        is_found::<_, shelf::Entity, _>(&db, key, first, second).await;
    }

    let (cake, baker) = (a_cake(&db).await, a_baker(&db).await);
    let link = cake_baker::ActiveModel {
        cake_id: Set(cake.id),
        baker_id: Set(baker.id),
    };
    let link = link.insert(&db).await.unwrap();
    let entry = cake_baker::Entity::history((cake.id, baker.id));
    let entry = entry.one(&db).await.unwrap().unwrap();
    assert_eq!(entry.new::<cake_baker::Entity>().unwrap(), Some(link));
}

async fn every_kind_of_column_reads_back(test: Arc<TestDb>) {
    let db = open(&test).await;
    let first = a_recipe();
    let second = another_recipe(&first);
    is_found::<_, recipe::Entity, _>(&db, first.id, first, second).await;
}

/// The same row as one of the table that keeps whole rows.
fn full(recipe: recipe::Model) -> full_recipe::Model {
    serde_json::from_value(serde_json::to_value(recipe).unwrap()).unwrap()
}

async fn full_values_read_back_from_an_update_too(test: Arc<TestDb>) {
    let db = open(&test).await;
    let first = full(a_recipe()).into_active_model().insert(&db).await;
    let first = first.unwrap();
    let mut change = first.clone().into_active_model();
    change.portions = Set(12);
    let second = change.update(&db).await.unwrap();
    let third = full(another_recipe(&a_recipe())).into_active_model();
    let mut third = third.reset_all();
    third.id = Set(first.id);
    let third = third.update(&db).await.unwrap();

    let history = full_recipe::Entity::history(first.id);
    let history = history.all(&db).await.unwrap();
    assert_eq!(history.len(), 3);
    let read = |entry: usize| {
        let old = history[entry].old::<full_recipe::Entity>().unwrap();
        let new = history[entry].new::<full_recipe::Entity>().unwrap();
        (old, new)
    };
    assert_eq!(read(2), (None, Some(first.clone())));
    assert_eq!(read(1), (Some(first), Some(second.clone())));
    assert_eq!(read(0), (Some(second), Some(third)));
    let changes = history[1].changes().unwrap();
    assert_eq!(changes.into_keys().collect::<Vec<_>>(), ["portions"]);
}

async fn nulls_read_back(test: Arc<TestDb>) {
    let db = open(&test).await;
    let first = a_recipe();
    let mut second = another_recipe(&first);
    second.notes = json!(null);
    second.extra = None;
    let id = first.id;
    is_found::<_, recipe::Entity, _>(&db, id, first, second).await;

    let history = recipe::Entity::history(id).all(&db).await.unwrap();
    let gone = history[0].old_values.as_ref().unwrap();
    // The JSON null of one column is told apart from the other's SQL null.
    assert_eq!(gone["notes"], json!({"$json": null}));
    assert_eq!(gone["extra"], json!(null));
}

async fn an_update_does_not_hold_the_whole_row(test: Arc<TestDb>) {
    let db = open(&test).await;
    let cake = a_cake(&db).await;
    let mut change = cake.clone().into_active_model();
    change.price = Set(Decimal::new(300, 2));
    change.update(&db).await.unwrap();

    let entry = cake::Entity::history(cake.id).one(&db).await.unwrap();
    let entry = entry.unwrap();
    let sides = [entry.old::<cake::Entity>(), entry.new::<cake::Entity>()];
    for side in sides {
        let Err(Error::PartialImage { id, columns, .. }) = side else {
            panic!("{side:?}");
        };
        assert_eq!(id, entry.id);
        assert_eq!(columns, ["id", "name", "gluten_free", "bakery_id"]);
    }
}

async fn a_row_with_hidden_columns_does_not_read_back(test: Arc<TestDb>) {
    let db = open(&test).await;
    let supplier = supplier::ActiveModel {
        name: Set("mill".to_owned()),
        api_key: Set("s3cret".to_owned()),
        ..Default::default()
    };
    let supplier = supplier.insert(&db).await.unwrap();
    let entry = supplier::Entity::history(supplier.id);
    let entry = entry.one(&db).await.unwrap().unwrap();

    let partial = entry.new::<supplier::Entity>();
    let Err(Error::PartialImage { columns, .. }) = partial else {
        panic!("{partial:?}");
    };
    assert_eq!(columns, ["seen", "api_key"]);
    assert_eq!(entry.old::<supplier::Entity>().unwrap(), None);
}

async fn an_entry_reads_back_as_its_own_entity_only(test: Arc<TestDb>) {
    let db = open(&test).await;
    let cake = a_cake(&db).await;
    let entry = cake::Entity::history(cake.id).one(&db).await.unwrap();
    let entry = entry.unwrap();

    let wrong = entry.new::<bakery::Entity>();
    let Err(Error::WrongEntity {
        id,
        expected,
        found,
        ..
    }) = wrong
    else {
        panic!("{wrong:?}");
    };
    assert_eq!((id, &*expected, &*found), (entry.id, "bakery", "cake"));
    assert_eq!(entry.new::<cake::Entity>().unwrap(), Some(cake));
}

async fn pages_stay_as_they_are_while_entries_are_written(test: Arc<TestDb>) {
    let db = open(&test).await;
    let (bakery, other) = (a_bakery(&db).await, a_bakery(&db).await);
    for margin in 1..=7 {
        for bakery in [&bakery, &other] {
            set_margin(&db, bakery, margin).await;
        }
    }
    let history = || bakery::Entity::history(bakery.id);
    let all = history().all(&db).await.unwrap();
    assert_eq!(all.len(), 8);

    let mut pages = vec![history().limit(3).all(&db).await.unwrap()];
    let mut margin = 100;
    while let Some(last) = pages.last().and_then(|page| page.last()) {
        // What is written between two pages is newer than either.
        margin += 1;
        set_margin(&db, &bakery, margin).await;
        let next = history().before(last.id).limit(3).all(&db).await.unwrap();
        pages.push(next);
    }
    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 3, 2, 0]);
    assert_eq!(pages.concat(), all);
    assert_eq!(history().all(&db).await.unwrap().len(), 11);

    let before = history().before(all[0].id).one(&db).await.unwrap();
    assert_eq!(before.as_ref(), Some(&all[1]));
    let create = &all[7];
    assert_eq!(
        (
            create.action.to_string(),
            create.entity.clone(),
            create.record_id.clone()
        ),
        created("bakery", bakery.id)
    );
}

async fn set_margin<C: Db>(db: &C, bakery: &bakery::Model, margin: i32) {
    let change = bakery::ActiveModel {
        id: Set(bakery.id),
        margin: Set(margin.into()),
        ..Default::default()
    };
    change.update(db).await.unwrap();
}
