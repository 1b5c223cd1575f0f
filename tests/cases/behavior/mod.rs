//! Hooks of the application's own beside ours: their order, their errors, and what they are given.

mod entities;

use std::sync::Arc;

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, Set, TransactionTrait,
};
use serde_json::json;

use self::entities::{Call, audited, bare, calls_in, unaudited};
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
        what_the_users_hook_before_changes_is_recorded,
        a_key_that_the_users_hook_sets_is_recorded,
        the_entry_is_there_when_the_users_hook_after_runs,
        what_the_users_hook_after_makes_of_the_model_is_returned_and_not_recorded,
        an_error_of_the_users_hook_before_leaves_no_entry,
        an_error_of_the_users_hook_after_leaves_what_the_statement_did,
        an_error_of_the_users_hook_after_is_rolled_back_with_the_entry,
        what_the_users_hooks_write_has_entries_in_that_order,
        our_look_at_the_row_comes_after_the_users_hook_before,
        an_error_of_the_users_hook_before_comes_before_ours,
        the_users_new_is_kept,
        the_users_hooks_get_what_they_get_without_us,
        where_we_refuse_the_users_hook_after_does_not_run,
        a_behavior_without_hooks_is_recorded,
    ]
}

async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create_table(&db, audited::Entity).await;
    create_table(&db, unaudited::Entity).await;
    create_table(&db, bare::Entity).await;
    db
}

fn named(name: &str) -> audited::ActiveModel {
    audited::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

fn asked_to_fail(hook: &str) -> DbErr {
    DbErr::Custom(format!("{hook} was asked to fail"))
}

async fn what_the_users_hook_before_changes_is_recorded(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let row = named("one two").insert(&db).await.unwrap();
    let mut change = row.clone().into_active_model();
    change.name = Set("three four".to_owned());
    change.update(&db).await.unwrap();

    let entries = mark.entries(&db).await;
    assert_eq!(
        entries[0].new_values,
        Some(json!({"id": row.id, "name": "one two", "slug": "one-two"}))
    );
    assert_eq!(
        entries[1].old_values,
        Some(json!({"name": "one two", "slug": "one-two"}))
    );
    assert_eq!(
        entries[1].new_values,
        Some(json!({"name": "three four", "slug": "three-four"}))
    );
    assert_eq!(entries.len(), 2);
    replay::<audited::Entity>(&db).await;
}

async fn a_key_that_the_users_hook_sets_is_recorded(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    named("gets its key").insert(&db).await.unwrap();

    assert_eq!(mark.since(&db).await, [created("audited", 4711)]);
    replay::<audited::Entity>(&db).await;
}

async fn the_entry_is_there_when_the_users_hook_after_runs(test: Arc<TestDb>) {
    let db = open(&test).await;
    let ((), calls) = calls_in(async {
        let row = named("one").insert(&db).await.unwrap();
        let mut change = row.into_active_model();
        change.name = Set("two".to_owned());
        let row = change.update(&db).await.unwrap();
        row.delete(&db).await.unwrap();
    })
    .await;

    let calls: Vec<_> = calls.iter().map(|call| (call.hook, call.entries)).collect();
    assert_eq!(
        calls,
        [
            ("before_save", 0),
            ("after_save", 1),
            ("before_save", 1),
            ("after_save", 2),
            ("before_delete", 2),
            ("after_delete", 3),
        ]
    );
    replay::<audited::Entity>(&db).await;
}

async fn what_the_users_hook_after_makes_of_the_model_is_returned_and_not_recorded(
    test: Arc<TestDb>,
) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let row = named("seen otherwise").insert(&db).await.unwrap();

    assert_eq!(row.name, "otherwise");
    let entries = mark.entries(&db).await;
    assert_eq!(entries.len(), 1);
    let new = entries[0].new_values.as_ref().unwrap();
    assert_eq!(new["name"], "seen otherwise");
    replay::<audited::Entity>(&db).await;
}

async fn an_error_of_the_users_hook_before_leaves_no_entry(test: Arc<TestDb>) {
    let db = open(&test).await;
    let row = named("one").insert(&db).await.unwrap();
    let mark = Mark::now(&db).await;
    let fail = named("fail before_save").insert(&db).await;
    assert_eq!(fail, Err(asked_to_fail("before_save")));
    let mut change = row.clone().into_active_model();
    change.name = Set("fail before_save".to_owned());
    let fail = change.clone().update(&db).await;
    assert_eq!(fail, Err(asked_to_fail("before_save")));
    change.name = Set("fail before_delete".to_owned());
    let fail = change.delete(&db).await;
    assert_eq!(fail, Err(asked_to_fail("before_delete")));

    assert!(mark.since(&db).await.is_empty());
    let rows = audited::Entity::find().all(&db).await.unwrap();
    assert_eq!(rows, vec![row]);
    replay::<audited::Entity>(&db).await;
}

/// Outside of a transaction SeaORM leaves the row, so the entry stays too.
async fn an_error_of_the_users_hook_after_leaves_what_the_statement_did(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let fail = named("fail after_save").insert(&db).await;
    assert_eq!(fail, Err(asked_to_fail("after_save")));
    let row = audited::Entity::find().one(&db).await.unwrap().unwrap();
    replay::<audited::Entity>(&db).await;
    let mut gone = row.clone().into_active_model();
    gone.name = Set("fail after_delete".to_owned());
    let fail = gone.delete(&db).await;
    assert_eq!(fail, Err(asked_to_fail("after_delete")));

    assert_eq!(
        mark.since(&db).await,
        [created("audited", row.id), deleted("audited", row.id)]
    );
    replay::<audited::Entity>(&db).await;
}

async fn an_error_of_the_users_hook_after_is_rolled_back_with_the_entry(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let txn = db.begin().await.unwrap();
    let fail = named("fail after_save").insert(&txn).await;
    assert_eq!(fail, Err(asked_to_fail("after_save")));
    assert_eq!(mark.since(&txn).await.len(), 1);
    txn.rollback().await.unwrap();

    let tree = audited::ActiveModel::builder().set_name("fail after_save");
    let fail = tree.insert(&db).await;
    assert_eq!(fail, Err(asked_to_fail("after_save")));
    assert!(mark.since(&db).await.is_empty());
    replay::<audited::Entity>(&db).await;
}

async fn what_the_users_hooks_write_has_entries_in_that_order(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let needs = named("needs another").insert(&db).await.unwrap();
    let makes = named("makes another").insert(&db).await.unwrap();

    assert_eq!(
        mark.since(&db).await,
        [
            created("audited", needs.id - 1),
            created("audited", needs.id),
            created("audited", makes.id),
            created("audited", makes.id + 1),
        ]
    );
    replay::<audited::Entity>(&db).await;
}

async fn our_look_at_the_row_comes_after_the_users_hook_before(test: Arc<TestDb>) {
    let db = open(&test).await;
    let row = named("says goodbye").insert(&db).await.unwrap();
    let mark = Mark::now(&db).await;
    let mut change = row.clone().into_active_model();
    change.name = Set("updates itself first".to_owned());
    change.update(&db).await.unwrap();
    replay::<audited::Entity>(&db).await;
    row.clone().delete(&db).await.unwrap();
    replay::<audited::Entity>(&db).await;

    let names: Vec<_> = mark
        .entries(&db)
        .await
        .iter()
        .map(|entry| [&entry.old_values, &entry.new_values])
        .map(|sides| sides.map(|side| side.as_ref().map(|row| row["name"].clone())))
        .collect();
    assert_eq!(
        names,
        [
            [Some(json!("says goodbye")), Some(json!("first"))],
            [Some(json!("first")), Some(json!("updates itself first"))],
            [Some(json!("updates itself first")), Some(json!("goodbye"))],
            [Some(json!("goodbye")), None],
        ]
    );
}

async fn an_error_of_the_users_hook_before_comes_before_ours(test: Arc<TestDb>) {
    // Without a log, both refuse.
    let db = test.pool(2).await;
    create_table(&db, audited::Entity).await;
    let fail = named("fail before_save").insert(&db).await;
    assert_eq!(fail, Err(asked_to_fail("before_save")));
}

async fn the_users_new_is_kept(test: Arc<TestDb>) {
    let db = open(&test).await;
    let new = <audited::ActiveModel as ActiveModelBehavior>::new();
    assert_eq!(new.slug, Set(Some("new".to_owned())));
    assert!(new.name.is_not_set());
    let built = audited::ActiveModel::builder();
    assert_eq!(built.slug, Set(Some("new".to_owned())));

    // Without a name the hook leaves what `new` gave.
    let row = named("one").insert(&db).await.unwrap();
    let mark = Mark::now(&db).await;
    let mut again = new;
    again.id = Set(row.id);
    again.update(&db).await.unwrap();
    let entries = mark.entries(&db).await;
    assert_eq!(entries[0].new_values, Some(json!({"slug": "new"})));
    assert_eq!(mark.since(&db).await, [updated("audited", row.id)]);
}

/// Does the same with either table: everything that calls a hook.
macro_rules! everything {
    ($db:expr, $module:ident) => {{
        let db = $db;
        let named = |name: &str| $module::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        calls_in(async {
            let row = named("one").insert(db).await.unwrap();
            let mut change = row.into_active_model();
            change.name = Set("two".to_owned());
            let row = change.update(db).await.unwrap();
            let row = row.into_active_model().update(db).await.unwrap();
            let mut change = row.into_active_model();
            change.slug = Set(None);
            let saved = change.save(db).await.unwrap();
            let mut unseen = saved.clone();
            unseen.name = Set("three".to_owned());
            unseen.update_without_returning(db).await.unwrap();
            saved.clone().delete(db).await.unwrap();
            saved.delete(db).await.unwrap();
            let missing = $module::ActiveModel {
                id: Set(100),
                ..named("missing")
            };
            missing.update(db).await.unwrap_err();
            named("fail after_save").insert(db).await.unwrap_err();
            let built = $module::ActiveModel::builder().set_name("built");
            let built = built.insert(db).await.unwrap();
            built.delete(db).await.unwrap();
        })
        .await
        .1
    }};
}

async fn the_users_hooks_get_what_they_get_without_us(test: Arc<TestDb>) {
    let arguments = |calls: Vec<Call>| -> Vec<_> {
        let calls = calls.into_iter();
        calls.map(|call| (call.hook, call.arguments)).collect()
    };
    let db = open(&test).await;
    let with = arguments(everything!(&db, audited));
    let without = arguments(everything!(&db, unaudited));
    assert_eq!(with, without);
    assert_eq!(with.len(), 20, "{with:#?}");

    let txn = db.begin().await.unwrap();
    let with = arguments(everything!(&txn, audited));
    let without = arguments(everything!(&txn, unaudited));
    txn.commit().await.unwrap();
    assert_eq!(with, without);
    assert!(with[0].1.contains("DatabaseTransaction"), "{}", with[0].1);
}

async fn where_we_refuse_the_users_hook_after_does_not_run(test: Arc<TestDb>) {
    // The log is missing here.
    let db = test.pool(2).await;
    create_table(&db, audited::Entity).await;
    let (refused, calls) = calls_in(named("one").insert(&db)).await;

    let refused = refused.unwrap_err();
    assert!(
        matches!(
            sea_orm_audit::Error::of(&refused),
            Some(sea_orm_audit::Error::LogMissing { .. })
        ),
        "{refused:?}"
    );
    let hooks: Vec<_> = calls.iter().map(|call| call.hook).collect();
    assert_eq!(hooks, ["before_save"]);
    assert!(audited::Entity::find().one(&db).await.unwrap().is_none());
}

async fn a_behavior_without_hooks_is_recorded(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mark = Mark::now(&db).await;
    let row = bare::ActiveModel {
        name: Set("one".to_owned()),
        ..Default::default()
    };
    let row = row.insert(&db).await.unwrap();
    let mut change = row.into_active_model();
    change.name = Set("two".to_owned());
    let row = change.update(&db).await.unwrap();
    let id = row.id;
    replay::<bare::Entity>(&db).await;
    row.delete(&db).await.unwrap();

    assert_eq!(
        mark.since(&db).await,
        [
            created("bare", id),
            updated("bare", id),
            deleted("bare", id)
        ]
    );
    replay::<bare::Entity>(&db).await;
}
