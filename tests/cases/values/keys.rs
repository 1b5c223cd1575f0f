//! Keys of every form: each finds its own entries, and nobody else's.

use std::{collections::BTreeSet, fmt::Debug, sync::Arc};

use proptest::{collection::vec, prelude::*};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    ModelTrait, PrimaryKeyTrait, QueryOrder, Set, TransactionTrait, TryIntoModel,
    entity::prelude::{Decimal, Uuid},
};
use sea_orm_audit::{Audited, AuditedConnection, Error, audit_log};

use crate::{
    cases,
    support::{
        bakery::{Course, Db, Effort, Heat, by_course, by_date, by_effort, by_heat, by_uuid},
        case::Case,
        replay::replay,
        server::{Server, TestDb},
        shop::create_table,
        values::{
            by_decimal, by_long_text, by_many_bytes, by_pair, create_keyed, create_types, dates,
            for_any, text,
        },
    },
};

/// How many sets of keys each form is tried with.
const SETS: u32 = 25;

pub fn cases() -> Vec<Case> {
    cases![
        any_texts_are_keys,
        any_bytes_are_keys,
        any_decimals_are_keys,
        any_pairs_are_keys,
        any_uuids_and_dates_are_keys,
        all_enums_are_keys,
        a_key_of_512_characters_is_held_and_one_of_513_is_refused,
        bytes_are_as_long_as_their_text,
        a_pair_is_as_long_as_its_json,
    ]
}

/// Rows that come, change and, every second of them, go; each key finds what happened to its row.
async fn are_apart<C, E, K>(db: &C, keys: &[K], model: impl Fn(K, Option<String>) -> E::Model)
where
    C: Db,
    E: Audited,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + PartialEq + Debug + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
    K: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType> + Clone + Debug,
{
    for row in E::find().all(db).await.unwrap() {
        row.delete(db).await.unwrap();
    }
    let last = audit_log::Entity::find().order_by_desc(audit_log::Column::Id);
    let last = last.one(db).await.unwrap().map_or(0, |entry| entry.id);
    let written = |model: E::Model| model.into_active_model().reset_all();
    for key in keys {
        written(model(key.clone(), None)).insert(db).await.unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        let changed = model(key.clone(), Some(format!("number {number}")));
        written(changed).update(db).await.unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        if number % 2 == 0 {
            model(key.clone(), None).delete(db).await.unwrap();
        }
    }
    for (number, key) in keys.iter().enumerate() {
        let mut history = E::history(key.clone()).all(db).await.unwrap();
        history.retain(|entry| entry.id > last);
        let actions: Vec<_> = history.iter().map(|entry| entry.action.as_str()).collect();
        let note = Some(format!("number {number}"));
        if number % 2 == 0 {
            assert_eq!(actions, ["delete", "update", "create"], "{key:?}");
            let old = history[0].old::<E>().unwrap();
            assert_eq!(old, Some(model(key.clone(), note.clone())));
            history.remove(0);
        } else {
            assert_eq!(actions, ["update", "create"], "{key:?}");
        }
        let new = history[1].new::<E>().unwrap();
        assert_eq!(new, Some(model(key.clone(), None)));
        let changed = &history[0].new_values.as_ref().unwrap()["note"];
        assert_eq!(changed.as_str(), note.as_deref());
    }
}

/// The same for any of these sets of keys, on both kinds of connection.
async fn any_are_apart<E, K, S>(
    db: &DatabaseConnection,
    keys: S,
    model: impl Fn(K, Option<String>) -> E::Model,
) where
    E: Audited,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + PartialEq + Debug + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
    K: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType> + Clone + Debug,
    S: Strategy<Value = Vec<K>>,
{
    let model = &model;
    for_any(SETS, (keys, any::<bool>()), async |(keys, wrapped)| {
        if wrapped {
            let db = AuditedConnection::new(db.clone());
            are_apart::<_, E, K>(&db, &keys, model).await;
        } else {
            let inside = db.begin().await.unwrap();
            are_apart::<_, E, K>(&inside, &keys, model).await;
            inside.commit().await.unwrap();
        }
    });
    replay::<E>(db).await;
}

/// A text and what is close to it, each once.
fn close_texts(server: Server, most: usize) -> impl Strategy<Value = Vec<String>> {
    text(server, most).prop_map(move |text| {
        let close = [
            text.clone(),
            format!("{text} "),
            format!(" {text}"),
            text.to_lowercase(),
            text.to_uppercase(),
            format!("{text}\u{301}"),
            format!("\"{text}\""),
            "[1,2]".to_owned(),
        ];
        let cut = close.map(|text| text.chars().take(most).collect::<String>());
        BTreeSet::from(cut).into_iter().collect()
    })
}

async fn any_texts_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let model = |key, note| by_long_text::Model { key, note };
    any_are_apart::<by_long_text::Entity, _, _>(&db, close_texts(test.server, 512), model).await;
}

async fn any_bytes_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let keys = vec(any::<u8>(), 0..=255).prop_map(|bytes| {
        let with = |last: u8| [bytes.as_slice(), &[last]].concat();
        let close = [bytes.clone(), with(0), with(b' '), with(0xFF), Vec::new()];
        Vec::from_iter(BTreeSet::from(close))
    });
    let model = |key, note| by_many_bytes::Model { key, note };
    any_are_apart::<by_many_bytes::Entity, _, _>(&db, keys, model).await;
}

/// Equal decimals are one key, whatever their scale.
async fn any_decimals_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let keys = (-999_999_i64..=999_999, 0..=4_u32).prop_map(|(number, scale)| {
        let close = [
            Decimal::new(number, scale),
            Decimal::new(number * 10, scale + 1),
            Decimal::new(number * 10 + 1, scale + 1),
            Decimal::new(-number, scale),
            Decimal::new(number * 10, scale),
        ];
        Vec::from_iter(BTreeSet::from(close))
    });
    let model = |key, note| by_decimal::Model { key, note };
    any_are_apart::<by_decimal::Entity, _, _>(&db, keys, model).await;

    // Written with one scale and asked for with others.
    let db = AuditedConnection::new(db);
    let row = by_decimal::Model {
        key: Decimal::new(77_110, 4),
        note: None,
    };
    let row = row.into_active_model().insert(&db).await.unwrap();
    for same in [Decimal::new(7711, 3), Decimal::new(7_711_000, 6)] {
        let entry = by_decimal::Entity::history(same).one(&db).await.unwrap();
        let entry = entry.unwrap();
        assert_eq!(entry.record_id, "7.711");
        assert_eq!(
            entry.new::<by_decimal::Entity>().unwrap(),
            Some(row.clone())
        );
    }
}

async fn any_pairs_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let keys = (any::<i32>(), close_texts(test.server, 60)).prop_map(|(number, texts)| {
        let mut keys: Vec<(i32, String)> = Vec::new();
        for text in texts {
            keys.push((number, text.clone()));
            keys.push((number.wrapping_add(1), text));
        }
        let close = ["", "1", "\"", "\",1", "],[", "\\", "\\\""];
        keys.extend(close.map(|text| (number.wrapping_add(2), text.to_owned())));
        keys
    });
    let model = |(number, text), note| by_pair::Model { number, text, note };
    any_are_apart::<by_pair::Entity, _, _>(&db, keys, model).await;
}

async fn any_uuids_and_dates_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, by_uuid::Entity).await;
    create_table(&db, by_date::Entity).await;
    let uuids = any::<u128>().prop_map(|bits| {
        let close = [bits, bits ^ 1, bits.swap_bytes(), 0, u128::MAX];
        let close: Vec<_> = BTreeSet::from(close).into_iter().collect();
        close.into_iter().map(Uuid::from_u128).collect()
    });
    let model = |key, note| by_uuid::Model { key, note };
    any_are_apart::<by_uuid::Entity, _, _>(&db, uuids, model).await;

    let dates = vec(dates(test.server), 1..5).prop_map(|dates| {
        let dates: BTreeSet<_> = dates.into_iter().collect();
        dates.into_iter().collect()
    });
    let model = |key, note| by_date::Model { key, note };
    any_are_apart::<by_date::Entity, _, _>(&db, dates, model).await;
}

async fn all_enums_are_keys(test: Arc<TestDb>) {
    let db = test.connect().await;
    if test.server == Server::Postgres {
        create_types(&db).await;
    }
    create_table(&db, by_course::Entity).await;
    create_table(&db, by_effort::Entity).await;
    create_table(&db, by_heat::Entity).await;
    let wrapped = AuditedConnection::new(db.clone());
    let inside = db.begin().await.unwrap();
    let keys = [Course::Main, Course::Dessert];
    let model = |key, note| by_course::Model { key, note };
    are_apart::<_, by_course::Entity, _>(&inside, &keys, model).await;
    let keys = [Effort::Much, Effort::Little];
    let model = |key, note| by_effort::Model { key, note };
    are_apart::<_, by_effort::Entity, _>(&inside, &keys, model).await;
    inside.commit().await.unwrap();
    let keys = [Heat::VeryHigh, Heat::Low];
    let model = |key, note| by_heat::Model { key, note };
    are_apart::<_, by_heat::Entity, _>(&wrapped, &keys, model).await;
    replay::<by_course::Entity>(&db).await;
    replay::<by_effort::Entity>(&db).await;
    replay::<by_heat::Entity>(&db).await;
}

/// That a key has so many characters, which is too many.
fn assert_too_long<T: Debug>(result: Result<T, sea_orm::DbErr>, characters: usize) {
    let err = result.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::KeyTooLong { length, limit: 512, .. }) if *length == characters),
        "{err:?}"
    );
}

/// A key of the longest length is held, and one that is longer is refused with nothing written.
async fn ends_there<C, E, K>(db: &C, held: K, refused: K, model: impl Fn(K) -> E::Model)
where
    C: Db,
    E: Audited,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + PartialEq + Debug + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
    K: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType> + Clone + Debug,
{
    let written = |key: &K| model(key.clone()).into_active_model().reset_all();
    let row = written(&held).insert(db).await.unwrap();
    let entry = E::history(held.clone()).one(db).await.unwrap().unwrap();
    assert_eq!(entry.record_id.chars().count(), 512);
    assert_eq!(entry.new::<E>().unwrap(), Some(row.clone()));
    row.clone().delete(db).await.unwrap();
    let entry = E::history(held).one(db).await.unwrap().unwrap();
    assert_eq!(entry.old::<E>().unwrap(), Some(row));

    let entries = audit_log::Entity::find().all(db).await.unwrap();
    assert_too_long(written(&refused).insert(db).await, 513);
    assert_eq!(E::find().all(db).await.unwrap(), []);
    assert_eq!(audit_log::Entity::find().all(db).await.unwrap(), entries);
    assert_too_long(E::history(refused).all(db).await, 513);
}

async fn a_key_of_512_characters_is_held_and_one_of_513_is_refused(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let wrapped = AuditedConnection::new(db.clone());
    let model = |key| by_long_text::Model { key, note: None };
    for letter in ["k", "é", "🔑"] {
        let (held, refused) = (letter.repeat(512), letter.repeat(513));
        ends_there::<_, by_long_text::Entity, _>(&db, held.clone(), refused.clone(), model).await;
        ends_there::<_, by_long_text::Entity, _>(&wrapped, held, refused, model).await;
    }

    // A row that somebody else wrote can be neither changed nor deleted.
    let row = model("k".repeat(513));
    let insert = by_long_text::Entity::insert(row.clone().into_active_model());
    insert.exec_without_returning(&db).await.unwrap();
    let entries = audit_log::Entity::find().all(&db).await.unwrap();
    let mut changed = row.clone().into_active_model();
    changed.note = Set(Some("changed".to_owned()));
    assert_too_long(changed.clone().update(&db).await, 513);
    assert_too_long(changed.update(&wrapped).await, 513);
    assert_too_long(row.clone().delete(&db).await, 513);
    assert_too_long(row.clone().delete(&wrapped).await, 513);
    assert_eq!(by_long_text::Entity::find().all(&db).await.unwrap(), [row]);
    assert_eq!(audit_log::Entity::find().all(&db).await.unwrap(), entries);
}

async fn bytes_are_as_long_as_their_text(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let db = AuditedConnection::new(db);
    let row = by_many_bytes::Model {
        key: vec![7; 256],
        note: None,
    };
    row.into_active_model().insert(&db).await.unwrap();
    let entry = by_many_bytes::Entity::history(vec![7; 256]).one(&db).await;
    assert_eq!(entry.unwrap().unwrap().record_id, "07".repeat(256));
    let longer = by_many_bytes::Model {
        key: vec![7; 257],
        note: None,
    };
    assert_too_long(longer.into_active_model().insert(&db).await, 514);
    assert_eq!(
        by_many_bytes::Entity::find().all(&db).await.unwrap().len(),
        1
    );
}

async fn a_pair_is_as_long_as_its_json(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_keyed(&db).await;
    let db = AuditedConnection::new(db);
    // Each quote is two characters in JSON; the rest is `[1,"` and `"]`, or one more.
    let model = |text: String| by_pair::Model {
        number: 1,
        text,
        note: None,
    };
    let quotes = |more: &str| model(format!("{}{more}", "\"".repeat(170)));
    let held = quotes(&"\u{1}".repeat(27));
    let text = held.text.clone();
    held.into_active_model().insert(&db).await.unwrap();
    let entry = by_pair::Entity::history((1, text)).one(&db).await.unwrap();
    let length = entry.unwrap().record_id.chars().count();
    assert_eq!(length, 4 + 340 + 27 * 6 + 2);
    assert_too_long(
        quotes(&"\u{1}".repeat(28))
            .into_active_model()
            .insert(&db)
            .await,
        length + 6,
    );
}
