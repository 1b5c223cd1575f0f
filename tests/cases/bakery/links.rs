//! Many-to-many links through `ActiveModelEx`: the rows of both kinds of junction.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, Set,
};
use sea_orm_audit::{Audited, audit_log};

use crate::{
    cases, on_every_connection,
    support::{
        bakery::{
            Db, Mark, a_baker, a_cake, a_label, baker, cake, cake_baker, cake_label, created,
            deleted, label, open, pair, replay_all_but_links, unique,
        },
        case::Case,
        replay::replay,
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = on_every_connection![
        new_links_are_recorded_after_what_they_join,
        a_link_that_is_there_already_leaves_no_entry,
        a_link_with_a_key_of_its_own_that_is_there_already_leaves_no_entry,
        only_the_new_one_of_old_and_new_links_is_recorded,
        links_that_are_left_out_are_deleted,
        links_with_a_key_of_their_own_that_are_left_out_are_deleted,
        all_links_are_deleted_when_nothing_is_left,
        a_link_written_as_a_row_is_recorded,
        links_from_either_side_are_the_same_records,
        a_loaded_cake_saved_again_leaves_no_entry,
        a_link_that_was_deleted_and_made_again_is_created_again,
    ];
    cases.extend(cases![
        links_that_a_deep_delete_removes_have_no_entry,
        a_deep_delete_from_the_other_side_has_no_entry_for_its_links_either,
    ]);
    cases
}

fn new_cake() -> cake::ActiveModelEx {
    cake::ActiveModel::builder()
        .set_name("sponge")
        .set_price(sea_orm::entity::prelude::Decimal::new(250, 2))
}

fn new_baker() -> baker::ActiveModelEx {
    baker::ActiveModel::builder().set_name(unique("baker"))
}

/// A cake with two bakers.
async fn baked<C: Db>(db: &C) -> cake::ModelEx {
    let cake = new_cake().add_baker(new_baker()).add_baker(new_baker());
    cake.insert(db).await.unwrap()
}

/// A cake with two labels.
async fn labelled<C: Db>(db: &C) -> cake::ModelEx {
    let (one, two) = (a_label(db, "vegan").await, a_label(db, "nuts").await);
    let cake = new_cake().add_label(one.into_ex()).add_label(two.into_ex());
    cake.insert(db).await.unwrap()
}

/// The links of a cake to its labels, in their order.
async fn label_links<C: Db>(db: &C, cake: i32) -> Vec<cake_label::Model> {
    let links = cake_label::Entity::find().filter(cake_label::Column::CakeId.eq(cake));
    let mut links = links.all(db).await.unwrap();
    links.sort_by_key(|link| link.id);
    links
}

async fn new_links_are_recorded_after_what_they_join<C: Db>(db: &C) {
    let known = a_baker(db).await;
    let mark = Mark::now(db).await;
    let cake = new_cake()
        .add_baker(new_baker())
        .add_baker(known.clone().into_ex())
        .add_baker(new_baker())
        .add_label(label::ActiveModel::builder().set_text("vegan"));
    let cake = cake.insert(db).await.unwrap();

    let (first, third) = (cake.bakers[0].id, cake.bakers[2].id);
    let label = &cake.labels[0];
    let links = label_links(db, cake.id).await;
    assert_eq!(
        mark.since(db).await,
        [
            created("cake", cake.id),
            created("baker", first),
            created("baker", third),
            created("cake_baker", pair(cake.id, first)),
            created("cake_baker", pair(cake.id, known.id)),
            created("cake_baker", pair(cake.id, third)),
            created("label", label.id),
            created("cake_label", links[0].id),
        ]
    );
}

/// Without `RETURNING`, SeaORM calls the hook after the insert for a row that it did not insert.
async fn a_link_that_is_there_already_leaves_no_entry<C: Db>(db: &C) {
    let cake = baked(db).await;
    let known = cake.bakers[0].id;
    let mark = Mark::now(db).await;
    let baker = baker::Entity::find_by_id(known).one(db).await.unwrap();
    let plain = cake::Entity::find_by_id(cake.id).one(db).await.unwrap();
    let again = plain.unwrap().into_ex().into_active_model();
    let again = again.add_baker(baker.unwrap().into_ex());
    again.save(db).await.unwrap();

    assert!(mark.since(db).await.is_empty());
}

async fn a_link_with_a_key_of_its_own_that_is_there_already_leaves_no_entry<C: Db>(db: &C) {
    let cake = labelled(db).await;
    let mark = Mark::now(db).await;
    let label = label::Entity::find_by_id(cake.labels[0].id);
    let label = label.one(db).await.unwrap().unwrap();
    let plain = cake::Entity::find_by_id(cake.id).one(db).await.unwrap();
    let again = plain.unwrap().into_ex().into_active_model();
    again.add_label(label.into_ex()).save(db).await.unwrap();

    assert!(mark.since(db).await.is_empty());
}

async fn only_the_new_one_of_old_and_new_links_is_recorded<C: Db>(db: &C) {
    let cake = baked(db).await;
    let other = a_baker(db).await;
    let mark = Mark::now(db).await;
    let mut again = cake.clone().into_active_model();
    again.bakers.convert_to_append();
    let again = again.add_baker(other.clone().into_ex());
    again.save(db).await.unwrap();

    assert_eq!(
        mark.since(db).await,
        [created("cake_baker", pair(cake.id, other.id))]
    );
}

async fn links_that_are_left_out_are_deleted<C: Db>(db: &C) {
    let cake = baked(db).await;
    let other = a_baker(db).await;
    let mark = Mark::now(db).await;
    let mut change = cake.clone().into_active_model();
    change
        .bakers
        .replace_all([other.clone().into_ex().into_active_model()]);
    change.save(db).await.unwrap();

    let happened = mark.since(db).await;
    let mut gone = happened[..2].to_vec();
    gone.sort();
    let mut expected = [
        deleted("cake_baker", pair(cake.id, cake.bakers[0].id)),
        deleted("cake_baker", pair(cake.id, cake.bakers[1].id)),
    ];
    expected.sort();
    assert_eq!(gone, expected);
    assert_eq!(
        happened[2..],
        [created("cake_baker", pair(cake.id, other.id))]
    );
}

async fn links_with_a_key_of_their_own_that_are_left_out_are_deleted<C: Db>(db: &C) {
    let cake = labelled(db).await;
    let links = label_links(db, cake.id).await;
    let mark = Mark::now(db).await;
    let mut change = cake.clone().into_active_model();
    let stays = change.labels[1].clone();
    let new = label::ActiveModel::builder().set_text("gluten");
    change.labels.replace_all([stays, new]);
    let saved = change.save(db).await.unwrap();

    let now = label_links(db, cake.id).await;
    assert_eq!(now.len(), 2);
    assert_eq!(now[0], links[1]);
    assert_eq!(
        mark.since(db).await,
        [
            created("label", saved.labels[1].id.clone().unwrap()),
            deleted("cake_label", links[0].id),
            created("cake_label", now[1].id),
        ]
    );
}

async fn all_links_are_deleted_when_nothing_is_left<C: Db>(db: &C) {
    let cake = baked(db).await;
    let mark = Mark::now(db).await;
    let mut change = cake.clone().into_active_model();
    change
        .bakers
        .replace_all(Vec::<baker::ActiveModelEx>::new());
    change.save(db).await.unwrap();

    let mut happened = mark.since(db).await;
    happened.sort();
    let mut expected = [
        deleted("cake_baker", pair(cake.id, cake.bakers[0].id)),
        deleted("cake_baker", pair(cake.id, cake.bakers[1].id)),
    ];
    expected.sort();
    assert_eq!(happened, expected);
}

async fn a_link_written_as_a_row_is_recorded<C: Db>(db: &C) {
    let (cake, baker) = (a_cake(db).await, a_baker(db).await);
    let mark = Mark::now(db).await;
    let link = cake_baker::ActiveModel {
        cake_id: Set(cake.id),
        baker_id: Set(baker.id),
    };
    let link = link.insert(db).await.unwrap();
    link.into_active_model().update(db).await.unwrap();
    let link = cake_baker::Entity::find_by_id((cake.id, baker.id));
    link.one(db)
        .await
        .unwrap()
        .unwrap()
        .delete(db)
        .await
        .unwrap();

    let record = pair(cake.id, baker.id);
    assert_eq!(
        mark.since(db).await,
        [
            created("cake_baker", &record),
            deleted("cake_baker", &record)
        ]
    );
}

async fn links_from_either_side_are_the_same_records<C: Db>(db: &C) {
    let cake = a_cake(db).await;
    let mark = Mark::now(db).await;
    let baker = new_baker().add_cake(cake.clone().into_ex());
    let baker = baker.insert(db).await.unwrap();
    let known = baker::Entity::find_by_id(baker.id).one(db).await.unwrap();
    let again = cake.clone().into_ex().into_active_model();
    let again = again.add_baker(known.unwrap().into_ex());
    again.save(db).await.unwrap();

    assert_eq!(
        mark.since(db).await,
        [
            created("baker", baker.id),
            created("cake_baker", pair(cake.id, baker.id))
        ]
    );
}

async fn a_loaded_cake_saved_again_leaves_no_entry<C: Db>(db: &C) {
    let cake = baked(db).await;
    let label = a_label(db, "vegan").await;
    let change = cake.clone().into_active_model();
    change.add_label(label.into_ex()).save(db).await.unwrap();
    let mark = Mark::now(db).await;
    let load = cake::Entity::load()
        .filter(cake::Column::Id.eq(cake.id))
        .with(baker::Entity)
        .with(label::Entity);
    let loaded = load.one(db).await.unwrap().unwrap();
    assert_eq!((loaded.bakers.len(), loaded.labels.len()), (2, 1));
    loaded.clone().into_active_model().save(db).await.unwrap();
    loaded.into_active_model().update(db).await.unwrap();

    assert!(mark.since(db).await.is_empty());
}

async fn a_link_that_was_deleted_and_made_again_is_created_again<C: Db>(db: &C) {
    let cake = baked(db).await;
    let mark = Mark::now(db).await;
    let mut change = cake.clone().into_active_model();
    let (stays, goes) = (change.bakers[0].clone(), change.bakers[1].clone());
    change.bakers.replace_all([stays.clone()]);
    let mut change = change.save(db).await.unwrap();
    change.bakers.replace_all([stays, goes]);
    change.save(db).await.unwrap();

    let record = pair(cake.id, cake.bakers[1].id);
    assert_eq!(
        mark.since(db).await,
        [
            deleted("cake_baker", &record),
            created("cake_baker", &record)
        ]
    );
}

/// A gap of hooks: SeaORM removes the links of a deleted row by one statement and calls no hook for them.
async fn links_that_a_deep_delete_removes_have_no_entry(test: Arc<TestDb>) {
    let db = open(&test).await;
    let (cake, stays) = (baked(&db).await, baked(&db).await);
    let label = a_label(&db, "vegan").await;
    let change = cake.clone().into_active_model();
    change.add_label(label.into_ex()).save(&db).await.unwrap();
    let links = label_links(&db, cake.id).await;
    let mark = Mark::now(&db).await;
    let result = cake.clone().delete(&db).await.unwrap();

    // Three links and the cake are gone, and only the cake is known to be.
    assert_eq!(result.rows_affected, 4);
    assert_eq!(mark.since(&db).await, [deleted("cake", cake.id)]);
    let key = (cake.id, cake.bakers[0].id);
    still_there_by_the_log(cake_baker::Entity::history(key).one(&db).await.unwrap());
    still_there_by_the_log(
        cake_label::Entity::history(links[0].id)
            .one(&db)
            .await
            .unwrap(),
    );
    let rows = cake_baker::Entity::find().all(&db).await.unwrap();
    assert!(rows.iter().all(|row| row.cake_id == stays.id) && rows.len() == 2);
    assert!(label_links(&db, cake.id).await.is_empty());
    replay_all_but_links(&db).await;
}

async fn a_deep_delete_from_the_other_side_has_no_entry_for_its_links_either(test: Arc<TestDb>) {
    let db = open(&test).await;
    let cake = labelled(&db).await;
    let links = label_links(&db, cake.id).await;
    let mark = Mark::now(&db).await;
    let label = label::Entity::find_by_id(links[0].label_id);
    let label = label.one(&db).await.unwrap().unwrap();
    label.clone().cascade_delete(&db).await.unwrap();

    assert_eq!(mark.since(&db).await, [deleted("label", label.id)]);
    still_there_by_the_log(
        cake_label::Entity::history(links[0].id)
            .one(&db)
            .await
            .unwrap(),
    );
    assert_eq!(label_links(&db, cake.id).await, links[1..]);
    replay_all_but_links(&db).await;
    replay::<cake_baker::Entity>(&db).await;
}

fn still_there_by_the_log(newest: Option<audit_log::Model>) {
    assert_eq!(newest.unwrap().action, audit_log::Action::Create);
}
