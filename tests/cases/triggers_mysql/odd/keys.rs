//! Keys of every kind.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use crate::{
    cases,
    cases::triggers_mysql::{items, said},
    support::{
        case::Case,
        plain::{install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![keys_of_every_kind,]
}

async fn keys_of_every_kind(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE pair (n INT ZEROFILL, t VARCHAR(60), d DECIMAL(9, 4), f DOUBLE, s FLOAT, b VARBINARY(9), \
         m DATETIME, y TINYINT(1), UNIQUE (n, t, d, f, s, b, m, y))",
    )
    .await;
    let pair = TriggerTable::named("pair")
        .key("n", Kind::Integer)
        .key("t", Kind::Text)
        .key("d", Kind::Decimal)
        .key("f", Kind::Double)
        .key("s", Kind::Float)
        .key("b", Kind::Bytes)
        .key("m", Kind::Timestamp)
        .key("y", Kind::Bool);
    install(&db, &pair).await;
    let controls: String = (0..0x20_u8).map(char::from).collect();
    let text = format!("{controls}\u{7f}\\u000B\"é🍰");
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    run(
        &db,
        &format!("INSERT INTO pair VALUES (7, 0x{hex}, 100.5000, 1, 0.1, 0xFF, '2024-02-29', 1)"),
    )
    .await;
    let key = json!([
        7,
        text,
        "100.5",
        1.0,
        0.1,
        "ff",
        "2024-02-29T00:00:00.000000Z",
        true
    ]);
    assert_eq!(said(&db).await[0].1, key.to_string());
    run(&db, "INSERT INTO pair (n) VALUES (1)").await;
    assert_eq!(
        said(&db).await[0].1,
        "[1,null,null,null,null,null,null,null]"
    );
    run(&db, "DELETE FROM pair").await;
    said(&db).await;
    // The text of a float is that of the library, digit for digit.
    run(&db, "CREATE TABLE ratio (f DOUBLE PRIMARY KEY)").await;
    install(&db, &TriggerTable::named("ratio").key("f", Kind::Double)).await;
    for value in [
        0.0,
        1.0,
        -1.5,
        100.0,
        1e5,
        123_456.789,
        1e14,
        1e15,
        9.007_199_254_740_993e15,
        1e16,
        1.5e16,
        1e17,
        1.234_567_890_123_456_8e17,
        1e21,
        1e300,
        f64::MAX,
        0.1,
        0.001,
        1e-4,
        1e-5,
        1.5e-5,
        9.99e-6,
        1e-6,
        1.5e-7,
        1e-10,
        1e-16,
        1.234e-20,
        5e-324,
        f64::MIN_POSITIVE,
        0.1 + 0.2,
        -2.5e-7,
    ] {
        run(&db, &format!("INSERT INTO ratio VALUES ({value:e})")).await;
        let record = said(&db).await.remove(0).1;
        assert_eq!(record, json!(value).to_string());
        run(&db, "DELETE FROM ratio").await;
        said(&db).await;
    }
    run(&db, "CREATE TABLE amount (d DECIMAL(12, 4) PRIMARY KEY)").await;
    install(&db, &TriggerTable::named("amount").key("d", Kind::Decimal)).await;
    for (value, record) in [
        ("100", "100"),
        ("-1.5", "-1.5"),
        ("0", "0"),
        ("0.0001", "0.0001"),
        ("1200.30", "1200.3"),
    ] {
        run(&db, &format!("INSERT INTO amount VALUES ({value})")).await;
        assert_eq!(said(&db).await[0].1, record);
    }
}
