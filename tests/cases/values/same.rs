//! What is a change and what is none, where the database has its own way to keep a value.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, Set, TransactionTrait,
    entity::prelude::{ChronoDateTimeUtc, Decimal, Json},
};
use sea_orm_audit::{Audited, AuditedConnection};
use serde_json::json;

use crate::{
    cases,
    support::{
        bakery::{Db, at},
        case::Case,
        replay::replay,
        server::{Server, TestDb},
        values::{assert_equal, create, mixed},
    },
};

pub fn cases() -> Vec<Case> {
    let mut all = cases![
        a_decimal_with_another_scale_is_no_change,
        a_text_that_looks_like_the_same_number_is_a_change,
        a_json_object_in_another_order_is_no_change,
        a_json_array_in_another_order_is_a_change,
        a_json_number_with_another_spelling_is_no_change,
        a_json_null_is_not_a_null,
        nanoseconds_count_where_the_database_keeps_them,
        padding_counts_where_the_database_keeps_it,
        another_case_is_a_change,
        a_space_at_the_end_is_a_change,
        a_negative_zero_is_a_zero,
    ];
    let nan = Case::new("a_nan_is_a_nan", a_nan_is_a_nan);
    // MySQL has no NaN, and SQLite makes a NULL of one.
    all.push(nan.only_on(&[Server::Postgres]));
    all
}

fn moment() -> ChronoDateTimeUtc {
    at("2024-02-29T23:59:58.123456Z")
}

fn row() -> mixed::ActiveModel {
    mixed::ActiveModel {
        price: Set(Decimal::new(110, 2)),
        document: Set(json!({"a": [1, 2], "b": {"c": 1.5, "d": null}})),
        maybe: Set(None),
        moment: Set(moment()),
        fixed: Set("ab".to_owned()),
        name: Set("Key".to_owned()),
        ratio: Set(0.0),
        small: Set(0.0),
        ..Default::default()
    }
}

/// Whether a change of a row makes an entry, on a wrapped connection and on a plain one alike.
async fn is_recorded(
    db: &DatabaseConnection,
    row: mixed::ActiveModel,
    change: impl Fn(&mut mixed::ActiveModel),
) -> bool {
    let wrapped = AuditedConnection::new(db.clone());
    let by_wrapper = makes_an_entry(&wrapped, row.clone(), &change).await;
    let inside = db.begin().await.unwrap();
    let by_hooks = makes_an_entry(&inside, row, &change).await;
    inside.commit().await.unwrap();
    assert_eq!(by_wrapper, by_hooks, "wrapped and plain");
    replay::<mixed::Entity>(db).await;
    by_wrapper
}

async fn makes_an_entry<C: Db>(
    db: &C,
    row: mixed::ActiveModel,
    change: impl Fn(&mut mixed::ActiveModel),
) -> bool {
    let id = row.insert(db).await.unwrap().id;
    let before = mixed::Entity::find_by_id(id)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    let mut active = mixed::ActiveModel {
        id: Set(id),
        ..Default::default()
    };
    change(&mut active);
    active.update(db).await.unwrap();
    let after = mixed::Entity::find_by_id(id)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    let history = mixed::Entity::history(id).all(db).await.unwrap();
    let create = history.last().unwrap().new::<mixed::Entity>().unwrap();
    assert_equal::<mixed::Entity>("the create's row", create.as_ref(), &before);
    if history.len() == 2 {
        let old = history[0].old::<mixed::Entity>().unwrap();
        assert_equal::<mixed::Entity>("the update's old row", old.as_ref(), &before);
        let new = history[0].new::<mixed::Entity>().unwrap();
        assert_equal::<mixed::Entity>("the update's new row", new.as_ref(), &after);
        assert_eq!(history[0].changes().unwrap().len(), 1);
    }
    history.len() == 2
}

async fn open(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create(&db, mixed::Entity).await;
    db
}

async fn a_decimal_with_another_scale_is_no_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let price = |number, scale| {
        move |row: &mut mixed::ActiveModel| row.price = Set(Decimal::new(number, scale))
    };
    assert!(!is_recorded(&db, row(), price(11, 1)).await);
    assert!(!is_recorded(&db, row(), price(11_000, 4)).await);
    assert!(is_recorded(&db, row(), price(111, 2)).await);
}

async fn a_text_that_looks_like_the_same_number_is_a_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mut row = row();
    row.name = Set("1.10".to_owned());
    assert!(is_recorded(&db, row, |row| row.name = Set("1.1".to_owned())).await);
}

async fn a_json_object_in_another_order_is_no_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let wrapped = AuditedConnection::new(db.clone());
    let created = row().insert(&wrapped).await.unwrap();
    // The text itself is in another order, which no value of the program could be.
    let text = r#"{"b": {"d": null, "c": 1.50}, "a": [1, 2]}"#;
    db.execute_unprepared(&format!("UPDATE mixed_value SET document = '{text}'"))
        .await
        .unwrap();
    let reordered = mixed::ActiveModel {
        id: Set(created.id),
        document: Set(created.document),
        ..Default::default()
    };
    reordered.update(&wrapped).await.unwrap();
    let history = mixed::Entity::history(created.id).all(&db).await.unwrap();
    assert_eq!(history.len(), 1, "{history:?}");
    replay::<mixed::Entity>(&db).await;
}

fn document(document: Json) -> impl Fn(&mut mixed::ActiveModel) {
    move |row| row.document = Set(document.clone())
}

async fn a_json_array_in_another_order_is_a_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let reordered = json!({"a": [2, 1], "b": {"c": 1.5, "d": null}});
    assert!(is_recorded(&db, row(), document(reordered)).await);
    let without = json!({"a": [1, 2], "b": {"c": 1.5}});
    assert!(is_recorded(&db, row(), document(without)).await);
}

async fn a_json_number_with_another_spelling_is_no_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mut row = row();
    row.document = Set(json!({"n": 1, "big": 10_000_000_000_000_000_u64}));
    let spelt = json!({"n": 1.0, "big": 1e16});
    assert!(!is_recorded(&db, row.clone(), document(spelt)).await);
    let next = json!({"n": 1, "big": 10_000_000_000_000_001_u64});
    assert!(is_recorded(&db, row.clone(), document(next)).await);
    let text = json!({"n": "1", "big": 1e16});
    assert!(is_recorded(&db, row, document(text)).await);
}

async fn a_json_null_is_not_a_null(test: Arc<TestDb>) {
    let db = open(&test).await;
    let null = |row: &mut mixed::ActiveModel| row.maybe = Set(Some(Json::Null));
    assert!(is_recorded(&db, row(), null).await);
    assert!(!is_recorded(&db, row(), |row| row.maybe = Set(None)).await);
}

/// PostgreSQL and MySQL keep microseconds, SQLite keeps the text.
async fn nanoseconds_count_where_the_database_keeps_them(test: Arc<TestDb>) {
    let db = open(&test).await;
    let later = |nanos| {
        move |row: &mut mixed::ActiveModel| {
            row.moment = Set(moment() + std::time::Duration::from_nanos(nanos));
        }
    };
    let kept = test.server == Server::Sqlite;
    assert_eq!(is_recorded(&db, row(), later(400)).await, kept);
    assert!(is_recorded(&db, row(), later(1000)).await);
}

/// PostgreSQL fills a `CHAR(n)` up with spaces, MySQL takes them away, SQLite keeps the text.
async fn padding_counts_where_the_database_keeps_it(test: Arc<TestDb>) {
    let db = open(&test).await;
    let fixed =
        |text: &'static str| move |row: &mut mixed::ActiveModel| row.fixed = Set(text.to_owned());
    assert!(!is_recorded(&db, row(), fixed("ab")).await);
    let kept = test.server == Server::Sqlite;
    assert_eq!(is_recorded(&db, row(), fixed("ab  ")).await, kept);
    assert!(is_recorded(&db, row(), fixed(" ab")).await);
}

/// MySQL takes the two for equal when it compares them itself.
async fn another_case_is_a_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    assert!(is_recorded(&db, row(), |row| row.name = Set("KEY".to_owned())).await);
    assert!(is_recorded(&db, row(), |row| row.name = Set("Kéy".to_owned())).await);
    assert!(!is_recorded(&db, row(), |row| row.name = Set("Key".to_owned())).await);
}

async fn a_space_at_the_end_is_a_change(test: Arc<TestDb>) {
    let db = open(&test).await;
    assert!(is_recorded(&db, row(), |row| row.name = Set("Key ".to_owned())).await);
}

async fn a_negative_zero_is_a_zero(test: Arc<TestDb>) {
    let db = open(&test).await;
    assert!(!is_recorded(&db, row(), |row| row.ratio = Set(-0.0)).await);
    assert!(!is_recorded(&db, row(), |row| row.small = Set(-0.0)).await);
    assert!(is_recorded(&db, row(), |row| row.ratio = Set(f64::MIN_POSITIVE)).await);
    assert!(is_recorded(&db, row(), |row| row.small = Set(-1e-30)).await);
}

async fn a_nan_is_a_nan(test: Arc<TestDb>) {
    let db = open(&test).await;
    let mut row = row();
    row.ratio = Set(f64::NAN);
    row.small = Set(-f32::NAN);
    let again = |row: &mut mixed::ActiveModel| {
        row.ratio = Set(-f64::NAN);
        row.small = Set(f32::NAN);
    };
    assert!(!is_recorded(&db, row.clone(), again).await);
    assert!(is_recorded(&db, row.clone(), |row| row.ratio = Set(f64::INFINITY)).await);
    assert!(is_recorded(&db, row, |row| row.small = Set(0.0)).await);
}
