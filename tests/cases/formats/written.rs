//! Create, update and delete of an entity in each format.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, IntoActiveModel, ModelTrait, Set};
use sea_orm_audit::{AuditContext, Audited};

use super::entities::{above, compact, dense, expanded, plain};
use crate::{
    cases,
    support::{
        bakery::{Mark, created, deleted, updated},
        case::Case,
        replay::replay,
        server::TestDb,
        shop::create_table,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        an_entity_by_the_attribute_is_recorded,
        an_entity_with_the_derive_above_the_attribute_is_recorded,
        an_entity_by_the_compact_attribute_is_recorded,
        an_entity_by_the_plain_derive_is_recorded,
        an_entity_that_is_written_out_is_recorded,
        relations_are_no_columns,
    ]
}

/// Writes a row of an entity in every way, reads its history and replays it.
macro_rules! is_recorded {
    ($test:ident, $entity:ident, $name:literal) => {{
        let table = stringify!($entity);
        let db = $test.connect().await;
        create_table(&db, $entity::Entity).await;
        let mark = Mark::now(&db).await;
        let new = |name: &str, parent: Option<i32>| $entity::ActiveModel {
            name: Set(name.to_owned()),
            parent_id: Set(parent),
            ..Default::default()
        };
        let (first, second, third) = AuditContext::new()
            .actor("alice")
            .scope(async {
                let first = new("first", None).insert(&db).await.unwrap();
                let second = new("second", Some(first.id)).insert(&db).await.unwrap();
                let mut change = second.clone().into_active_model();
                change.name = Set("third".to_owned());
                let third = change.update(&db).await.unwrap();
                replay::<$entity::Entity>(&db).await;
                third.clone().delete(&db).await.unwrap();
                (first, second, third)
            })
            .await;
        replay::<$entity::Entity>(&db).await;

        assert_eq!(
            mark.since(&db).await,
            [
                created(table, first.id),
                created(table, second.id),
                updated(table, second.id),
                deleted(table, second.id),
            ]
        );
        let history = $entity::Entity::history(second.id).all(&db).await.unwrap();
        let [delete, update, create] = history.as_slice() else {
            panic!("{history:?}");
        };
        assert!(
            history
                .iter()
                .all(|entry| entry.actor.as_deref() == Some("alice"))
        );
        assert_eq!(create.new::<$entity::Entity>().unwrap(), Some(second));
        assert_eq!(delete.old::<$entity::Entity>().unwrap(), Some(third));
        let changes = update.changes().unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[$name].old.unwrap(), "second");
        assert_eq!(changes[$name].new.unwrap(), "third");
    }};
}

async fn an_entity_by_the_attribute_is_recorded(test: Arc<TestDb>) {
    is_recorded!(test, dense, "name");
}

async fn an_entity_with_the_derive_above_the_attribute_is_recorded(test: Arc<TestDb>) {
    is_recorded!(test, above, "name");
}

async fn an_entity_by_the_compact_attribute_is_recorded(test: Arc<TestDb>) {
    is_recorded!(test, compact, "name");
}

async fn an_entity_by_the_plain_derive_is_recorded(test: Arc<TestDb>) {
    is_recorded!(test, plain, "name");
}

async fn an_entity_that_is_written_out_is_recorded(test: Arc<TestDb>) {
    is_recorded!(test, expanded, "title");
}

async fn relations_are_no_columns(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, dense::Entity).await;
    create_table(&db, above::Entity).await;
    let mark = Mark::now(&db).await;
    let parent = dense::ActiveModel::builder().set_name("parent");
    let child = dense::ActiveModel::builder().set_name("child");
    child.set_parent(parent).insert(&db).await.unwrap();
    let parent = above::ActiveModel::builder().set_name("parent");
    let child = above::ActiveModel::builder().set_name("child");
    child.set_parent(parent).insert(&db).await.unwrap();

    let entries = mark.entries(&db).await;
    assert_eq!(entries.len(), 4);
    for entry in entries {
        let columns: Vec<_> = entry.changes().unwrap().into_keys().collect();
        assert_eq!(columns, ["id", "name", "parent_id"]);
    }
    replay::<dense::Entity>(&db).await;
    replay::<above::Entity>(&db).await;
}
