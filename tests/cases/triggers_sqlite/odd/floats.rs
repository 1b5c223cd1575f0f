//! Floats of every size.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::Value as Json;

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![every_float_is_read_back_as_itself,]
}

async fn every_float_is_read_back_as_itself(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE f (id INTEGER PRIMARY KEY, x REAL, y FLOAT)",
    )
    .await;
    let table = TriggerTable::named("f")
        .key("id", Kind::Integer)
        .column("x", Kind::Double)
        .column("y", Kind::Float);
    install(&db, &table).await;
    let mut dice = crate::support::dice::Dice::random();
    let mut numbers = vec![
        0.1 + 0.2,
        1e308,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e22,
        1e23,
        9_007_199_254_740_993.0,
        1e-70,
        1e100,
        1.000_000_000_000_000_2e100,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    while numbers.len() < 6000 {
        let bits = dice.below(u64::MAX);
        let number = f64::from_bits(match dice.below(4) {
            0 => bits >> 12,
            _ => bits,
        });
        if !number.is_nan() {
            numbers.push(number);
        }
    }
    let tx = db.begin().await.unwrap();
    let insert = "INSERT INTO f (x, y) VALUES (?, ?)";
    for number in &numbers {
        let single = *number as f32;
        let values = [(*number).into(), f64::from(single).into()];
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Sqlite,
            insert,
            values,
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let entries = log(&db).await;
    assert_eq!(entries.len(), numbers.len());
    for (number, entry) in numbers.into_iter().zip(entries) {
        let new = entry.new_values.unwrap();
        let read = |json: &Json| match json {
            Json::String(text) => text.clone(),
            json => json.to_string(),
        };
        let double: f64 = read(&new["x"]).parse().unwrap();
        assert!(double == number, "{number:e}: {}", new["x"]);
        let single: f32 = read(&new["y"]).parse().unwrap();
        assert!(single == number as f32, "{:e}: {}", number as f32, new["y"]);
        // The shortest of an `f32`, as Rust has it.
        if (number as f32).is_normal() && single.to_string().len() < 12 {
            assert_eq!(
                new["y"].as_f64().unwrap(),
                single.to_string().parse::<f64>().unwrap()
            );
        }
    }
}
