//! Trees of rows through `ActiveModelEx`: parents, children and what becomes of those that are left out.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter,
};
use serde_json::json;

use crate::{
    on_every_connection,
    support::{
        bakery::{
            Db, Mark, a_baker, a_bakery, badge, baker, bakery, created, deleted, employee,
            inspection, locker, oven, unique, updated,
        },
        case::Case,
    },
};

pub fn cases() -> Vec<Case> {
    on_every_connection![
        a_new_tree_is_recorded_from_the_root,
        a_new_parent_is_recorded_before_its_child,
        a_saved_tree_is_recorded_from_the_root,
        an_unchanged_parent_of_a_new_child_leaves_no_entry,
        a_saved_tree_without_a_change_leaves_no_entry,
        a_child_that_is_left_out_and_may_be_alone_is_unlinked,
        a_child_that_is_left_out_and_cannot_be_alone_is_deleted_with_its_own,
        the_only_one_is_replaced_by_another,
        the_only_one_that_may_be_alone_is_unlinked,
        a_child_that_moves_is_an_update,
        a_parent_that_is_cleared_is_an_update,
        a_deep_delete_is_recorded_from_the_leaves,
        a_manager_and_reports_are_recorded,
        reports_of_a_deleted_manager_are_updated,
        a_loaded_tree_saved_again_leaves_no_entry,
        a_loaded_tree_with_one_change_leaves_one_entry,
    ]
}

fn new_baker() -> baker::ActiveModelEx {
    baker::ActiveModel::builder().set_name(unique("baker"))
}

fn new_oven(label: &str) -> oven::ActiveModelEx {
    oven::ActiveModel::builder().set_label(label)
}

fn new_inspection(passed: bool) -> inspection::ActiveModelEx {
    inspection::ActiveModel::builder().set_passed(passed)
}

/// A bakery with two bakers, and with two ovens of which the first has two inspections.
fn new_bakery() -> bakery::ActiveModelEx {
    let stone = new_oven("stone")
        .add_inspection(new_inspection(true))
        .add_inspection(new_inspection(false));
    bakery::ActiveModel::builder()
        .set_name("Crumbs")
        .set_margin(0.1)
        .add_baker(new_baker())
        .add_baker(new_baker())
        .add_oven(stone)
        .add_oven(new_oven("gas"))
}

/// The entries of that bakery.
fn creates(bakery: &bakery::ModelEx) -> Vec<(String, String, String)> {
    let stone = &bakery.ovens[0];
    vec![
        created("bakery", bakery.id),
        created("baker", bakery.bakers[0].id),
        created("baker", bakery.bakers[1].id),
        created("oven", stone.id),
        created("inspection", stone.inspections[0].id),
        created("inspection", stone.inspections[1].id),
        created("oven", bakery.ovens[1].id),
    ]
}

async fn a_new_tree_is_recorded_from_the_root<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let bakery = new_bakery().insert(db).await.unwrap();
    assert_eq!(mark.since(db).await, creates(&bakery));
}

async fn a_new_parent_is_recorded_before_its_child<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let parent = bakery::ActiveModel::builder()
        .set_name("Crumbs")
        .set_margin(0.1);
    let baker = new_baker().set_bakery(parent).insert(db).await.unwrap();

    let bakery = baker.bakery_id.unwrap();
    assert_eq!(
        mark.since(db).await,
        [created("bakery", bakery), created("baker", baker.id)]
    );
    let entries = mark.entries(db).await;
    let new = entries[1].new_values.as_ref().unwrap();
    assert_eq!(new["bakery_id"], json!(bakery));
}

async fn a_saved_tree_is_recorded_from_the_root<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let saved = new_bakery().save(db).await.unwrap();
    let mut bakery = saved.clone();
    bakery.margin = Set(0.2);
    bakery.bakers[1].contact = Set(Some(json!({"phone": "1"})));
    bakery.ovens[0].inspections[1].passed = Set(true);
    let bakery = bakery::ModelEx::try_from(bakery.save(db).await.unwrap()).unwrap();

    let mut expected = creates(&bakery);
    expected.extend([
        updated("bakery", bakery.id),
        updated("baker", bakery.bakers[1].id),
        updated("inspection", bakery.ovens[0].inspections[1].id),
    ]);
    assert_eq!(mark.since(db).await, expected);
}

async fn an_unchanged_parent_of_a_new_child_leaves_no_entry<C: Db>(db: &C) {
    let bakery = a_bakery(db).await;
    let mark = Mark::now(db).await;
    let bakery = bakery
        .into_ex()
        .into_active_model()
        .add_oven(new_oven("gas"));
    let bakery = bakery.update(db).await;
    // SeaORM inserts what has no key only where it was told to save.
    assert!(bakery.is_err() || !mark.since(db).await.is_empty());

    let bakery = a_bakery(db).await;
    let mark = Mark::now(db).await;
    let bakery = bakery
        .into_ex()
        .into_active_model()
        .add_oven(new_oven("gas"));
    let bakery = bakery.save(db).await.unwrap();
    let oven = bakery.ovens[0].id.clone().unwrap();
    assert_eq!(mark.since(db).await, [created("oven", oven)]);
}

async fn a_saved_tree_without_a_change_leaves_no_entry<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    bakery.clone().into_active_model().save(db).await.unwrap();
    bakery.into_active_model().update(db).await.unwrap();
    assert!(mark.since(db).await.is_empty());
}

async fn a_child_that_is_left_out_and_may_be_alone_is_unlinked<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let mut change = bakery.clone().into_active_model();
    let stays = change.bakers[0].clone();
    change.bakers.replace_all([stays]);
    change.save(db).await.unwrap();

    let left = bakery.bakers[1].id;
    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("baker", left)]);
    assert_eq!(entries[0].old_values, Some(json!({"bakery_id": bakery.id})));
    assert_eq!(entries[0].new_values, Some(json!({"bakery_id": null})));
}

async fn a_child_that_is_left_out_and_cannot_be_alone_is_deleted_with_its_own<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let mut change = bakery.clone().into_active_model();
    let stays = change.ovens[1].clone();
    change.ovens.replace_all([stays, new_oven("electric")]);
    let saved = change.save(db).await.unwrap();

    let stone = &bakery.ovens[0];
    assert_eq!(
        mark.since(db).await,
        [
            deleted("inspection", stone.inspections[0].id),
            deleted("inspection", stone.inspections[1].id),
            deleted("oven", stone.id),
            created("oven", saved.ovens[1].id.clone().unwrap()),
        ]
    );
}

async fn the_only_one_is_replaced_by_another<C: Db>(db: &C) {
    let mark = Mark::now(db).await;
    let new_badge = |title: &str| badge::ActiveModel::builder().set_title(title);
    let baker = new_baker().set_badge(new_badge("trainee"));
    let baker = baker.insert(db).await.unwrap();
    let first = baker.badge.as_ref().unwrap().id;
    let change = baker.into_active_model().set_badge(new_badge("master"));
    let baker = change.save(db).await.unwrap();
    let second = baker.badge.as_ref().unwrap().id.clone().unwrap();
    let baker = baker.clear_badge().save(db).await.unwrap();

    let id = baker.id.clone().unwrap();
    assert_eq!(
        mark.since(db).await,
        [
            created("baker", id),
            created("badge", first),
            deleted("badge", first),
            created("badge", second),
            deleted("badge", second),
        ]
    );
}

async fn the_only_one_that_may_be_alone_is_unlinked<C: Db>(db: &C) {
    let new_locker = |place: &str| locker::ActiveModel::builder().set_place(place);
    let baker = new_baker().set_locker(new_locker("left"));
    let baker = baker.insert(db).await.unwrap();
    let left = baker.locker.as_ref().unwrap().id;
    let mark = Mark::now(db).await;
    let change = baker.clone().into_active_model();
    let saved = change
        .set_locker(new_locker("right"))
        .save(db)
        .await
        .unwrap();
    let right = saved.locker.as_ref().unwrap().id.clone().unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(
        mark.since(db).await,
        [updated("locker", left), created("locker", right)]
    );
    assert_eq!(entries[0].old_values, Some(json!({"baker_id": baker.id})));
    assert_eq!(entries[0].new_values, Some(json!({"baker_id": null})));
}

async fn a_child_that_moves_is_an_update<C: Db>(db: &C) {
    let (from, to) = (a_bakery(db).await, a_bakery(db).await);
    let baker = new_baker().set_bakery(from.clone().into_ex());
    let baker = baker.insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let change = baker.clone().into_active_model();
    change
        .set_bakery(to.clone().into_ex())
        .update(db)
        .await
        .unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("baker", baker.id)]);
    assert_eq!(entries[0].old_values, Some(json!({"bakery_id": from.id})));
    assert_eq!(entries[0].new_values, Some(json!({"bakery_id": to.id})));
}

async fn a_parent_that_is_cleared_is_an_update<C: Db>(db: &C) {
    let bakery = a_bakery(db).await;
    let baker = new_baker().set_bakery(bakery.clone().into_ex());
    let baker = baker.insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let change = baker.clone().into_active_model();
    change.clear_bakery().update(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(mark.since(db).await, [updated("baker", baker.id)]);
    assert_eq!(entries[0].old_values, Some(json!({"bakery_id": bakery.id})));
    assert_eq!(entries[0].new_values, Some(json!({"bakery_id": null})));
}

async fn a_deep_delete_is_recorded_from_the_leaves<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let result = bakery.clone().delete(db).await.unwrap();

    assert_eq!(result.rows_affected, 5);
    let (stone, gas) = (&bakery.ovens[0], &bakery.ovens[1]);
    assert_eq!(
        mark.since(db).await,
        [
            updated("baker", bakery.bakers[0].id),
            updated("baker", bakery.bakers[1].id),
            deleted("inspection", stone.inspections[0].id),
            deleted("inspection", stone.inspections[1].id),
            deleted("oven", stone.id),
            deleted("oven", gas.id),
            deleted("bakery", bakery.id),
        ]
    );

    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let plain = bakery::Entity::find_by_id(bakery.id).one(db).await.unwrap();
    plain.unwrap().cascade_delete(db).await.unwrap();
    assert_eq!(mark.since(db).await.len(), 7);
}

async fn a_manager_and_reports_are_recorded<C: Db>(db: &C) {
    let new_employee = |name: &str| employee::ActiveModel::builder().set_name(name);
    let mark = Mark::now(db).await;
    let boss = new_employee("boss")
        .add_report(new_employee("one"))
        .add_report(new_employee("two"))
        .insert(db)
        .await
        .unwrap();
    let (one, two) = (boss.reports[0].id, boss.reports[1].id);
    let mut change = boss.clone().into_active_model();
    let stays = change.reports[0].clone();
    change.reports.replace_all([stays]);
    change.save(db).await.unwrap();

    let entries = mark.entries(db).await;
    assert_eq!(
        mark.since(db).await,
        [
            created("employee", boss.id),
            created("employee", one),
            created("employee", two),
            updated("employee", two),
        ]
    );
    assert_eq!(entries[3].old_values, Some(json!({"manager_id": boss.id})));
    assert_eq!(entries[3].new_values, Some(json!({"manager_id": null})));
}

async fn reports_of_a_deleted_manager_are_updated<C: Db>(db: &C) {
    let boss = employee::ActiveModel::builder().set_name("boss");
    let boss = boss.insert(db).await.unwrap();
    let report = employee::ActiveModel {
        name: Set("one".to_owned()),
        manager_id: Set(Some(boss.id)),
        ..Default::default()
    };
    let report = report.insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    boss.clone().delete(db).await.unwrap();

    assert_eq!(
        mark.since(db).await,
        [updated("employee", report.id), deleted("employee", boss.id)]
    );
    // Nobody is anybody's manager any more, so this one just goes.
    report.delete(db).await.unwrap();
    assert_eq!(mark.since(db).await.len(), 3);
}

async fn loaded<C: Db>(db: &C, id: i32) -> bakery::ModelEx {
    let load = bakery::Entity::load()
        .filter(bakery::Column::Id.eq(id))
        .with(baker::Entity)
        .with((oven::Entity, inspection::Entity));
    load.one(db).await.unwrap().unwrap()
}

async fn a_loaded_tree_saved_again_leaves_no_entry<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    let mark = Mark::now(db).await;
    let loaded = loaded(db, bakery.id).await;
    assert_eq!(loaded.ovens[0].inspections.len(), 2);
    loaded.into_active_model().save(db).await.unwrap();
    assert!(mark.since(db).await.is_empty());
}

async fn a_loaded_tree_with_one_change_leaves_one_entry<C: Db>(db: &C) {
    let bakery = new_bakery().insert(db).await.unwrap();
    // A baker of another bakery stays out of it.
    a_baker(db).await;
    let mark = Mark::now(db).await;
    let mut change = loaded(db, bakery.id).await.into_active_model();
    change.ovens[0].inspections[1].passed = Set(true);
    change.save(db).await.unwrap();

    let inspection = bakery.ovens[0].inspections[1].id;
    assert_eq!(mark.since(db).await, [updated("inspection", inspection)]);
}
