//! Rows to begin with.

use sea_orm::{
    ActiveModelTrait, Set,
    entity::prelude::{DateTime, DateTimeUtc, Decimal, Uuid},
};
use serde_json::json;

use super::{Course, Db, Effort, Heat, Nutrition, baker, bakery, cake, label, recipe};

pub async fn a_bakery<C: Db>(db: &C) -> bakery::Model {
    let bakery = bakery::ActiveModel {
        name: Set("Crumbs".to_owned()),
        margin: Set(0.1),
        ..Default::default()
    };
    bakery.insert(db).await.unwrap()
}

/// A baker with a name that nobody else has.
pub async fn a_baker<C: Db>(db: &C) -> baker::Model {
    let baker = baker::ActiveModel {
        name: Set(unique("baker")),
        ..Default::default()
    };
    baker.insert(db).await.unwrap()
}

pub async fn a_cake<C: Db>(db: &C) -> cake::Model {
    let cake = cake::ActiveModel {
        name: Set("sponge".to_owned()),
        price: Set(Decimal::new(250, 2)),
        ..Default::default()
    };
    cake.insert(db).await.unwrap()
}

pub async fn a_label<C: Db>(db: &C, text: &str) -> label::Model {
    let label = label::ActiveModel {
        text: Set(text.to_owned()),
        ..Default::default()
    };
    label.insert(db).await.unwrap()
}

/// A recipe that is not written yet, with something in every column.
pub fn a_recipe() -> recipe::Model {
    recipe::Model {
        id: Uuid::now_v7(),
        name: "Käsekuchen \"à la\" 'Ömi' \\ 🍰".to_owned(),
        course: Course::Dessert,
        served_as: Some(Course::Main),
        effort: Effort::Much,
        clean_up: Some(Effort::Little),
        heat: Heat::VeryHigh,
        grill: Some(Heat::Low),
        notes: json!({"steps": ["mix", "bake"], "oven": {"top": true, "c": 180.5}, "by": null}),
        extra: Some(json!([1, "two", null])),
        nutrition: Nutrition {
            kcal: 4_000_000_000,
            sugar: 0.1 + 0.2,
            allergens: vec!["egg".to_owned(), "milk".to_owned()],
        },
        cost: Decimal::new(12_345_678, 4),
        fee: Some(Decimal::new(-11, 1)),
        weight: 1.0e-7,
        rating: Some(4.5),
        portions: i16::MIN,
        views: i64::MAX,
        invented_at: at("2024-02-29T23:59:58.123456Z"),
        tasted_at: Some(at("1999-12-31T00:00:00Z")),
        baked_at: at("2024-06-30T12:00:00.5Z").naive_utc(),
        day: Some(at("2024-02-29T00:00:00Z").date_naive()),
        hour: Some(at("2024-02-29T23:59:58Z").time()),
        photo: vec![0, 1, 0xFE, 0xFF, b'"', b'\''],
        thumbnail: Some(Vec::new()),
        public: true,
        verified: Some(false),
        minutes: 90,
        r#type: Some(String::new()),
        draft: 0,
    }
}

/// The same recipe with another value in every column but its key.
pub fn another_recipe(recipe: &recipe::Model) -> recipe::Model {
    recipe::Model {
        id: recipe.id,
        name: String::new(),
        course: Course::Main,
        served_as: None,
        effort: Effort::Little,
        clean_up: None,
        heat: Heat::Low,
        grill: None,
        notes: json!([]),
        extra: None,
        nutrition: Nutrition {
            kcal: 0,
            sugar: -1.5,
            allergens: Vec::new(),
        },
        cost: Decimal::ZERO,
        fee: None,
        weight: -2.5,
        rating: None,
        portions: 0,
        views: -1,
        invented_at: at("1980-01-01T00:00:01Z"),
        tasted_at: None,
        baked_at: DateTime::default() + std::time::Duration::from_secs(86_400),
        day: None,
        hour: None,
        photo: Vec::new(),
        thumbnail: None,
        public: false,
        verified: None,
        minutes: -1,
        r#type: None,
        draft: 0,
    }
}

pub fn at(time: &str) -> DateTimeUtc {
    time.parse().unwrap()
}

/// A text that no other call gives.
pub fn unique(text: &str) -> String {
    format!("{text} {}", Uuid::now_v7())
}
