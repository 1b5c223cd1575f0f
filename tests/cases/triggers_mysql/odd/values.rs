//! Numbers, texts and bytes of every type.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use super::inserted;
use crate::{
    cases,
    cases::triggers_mysql::{items, said},
    support::{
        case::Case,
        plain::{install, one, run, try_run},
        server::TestDb,
        values::json_by_value,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        numbers_of_every_type,
        texts_of_every_character_set,
        bytes_and_uuids_of_every_type,
    ]
}

async fn numbers_of_every_type(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE number (id INT(6) ZEROFILL PRIMARY KEY, big BIGINT UNSIGNED ZEROFILL, bits BIT(64), flag BIT(1), \
         yes TINYINT(1), price DECIMAL(10, 3) ZEROFILL, large DECIMAL(65, 30), small FLOAT, f72 FLOAT(7, 2), ratio DOUBLE, \
         d102 DOUBLE(10, 2), medium MEDIUMINT UNSIGNED)",
    )
    .await;
    let number = TriggerTable::named("number")
        .key("id", Kind::Integer)
        .column("big", Kind::Integer)
        .column("bits", Kind::Integer)
        .column("flag", Kind::Bool)
        .column("yes", Kind::Bool)
        .column("price", Kind::Decimal)
        .column("large", Kind::Decimal)
        .column("small", Kind::Float)
        .column("f72", Kind::Float)
        .column("ratio", Kind::Double)
        .column("d102", Kind::Double)
        .column("medium", Kind::Integer);
    install(&db, &number).await;
    assert_eq!(
        inserted(
            &db,
            "INSERT INTO number VALUES (42, 18446744073709551615, 18446744073709551615, b'1', 127, 1.5, \
             -12345678901234567890123456789012345.123456789012345678901234567890, 0.1, 99999.99, 0.1e0 + 0.2e0, 0.3, 16777215)"
        )
        .await,
        json!({
            "id": 42, "big": u64::MAX, "bits": u64::MAX, "flag": true, "yes": true, "price": "1.500",
            "large": "-12345678901234567890123456789012345.123456789012345678901234567890",
            "small": 0.1, "f72": 99999.99, "ratio": 0.1 + 0.2, "d102": 0.3, "medium": 16_777_215
        })
    );
    let row = inserted(
        &db,
        "INSERT INTO number VALUES (0, 0, b'0', b'0', 0, 0, -0.0, 16777217, -0.0, -1.7976931348623157e308, 1e7, 0)",
    )
    .await;
    let expected = json!({
        "id": 0, "big": 0, "bits": 0, "flag": false, "yes": false, "price": "0.000",
        "large": "0.000000000000000000000000000000", "small": 16_777_216.0, "f72": 0.0, "ratio": f64::MIN,
        "d102": 1e7, "medium": 0
    });
    assert!(json_by_value(&row, &expected), "{row}");
    run(&db, "UPDATE number SET yes = 5, flag = b'1' WHERE id = 42").await;
    assert!(said(&db).await.is_empty());
}

async fn texts_of_every_character_set(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE script (id INT PRIMARY KEY, w VARCHAR(20) CHARACTER SET latin1, a VARCHAR(20) CHARACTER SET ascii, \
         u VARCHAR(20) CHARACTER SET utf16, s VARCHAR(20) CHARACTER SET sjis, e ENUM('é', 'o\"') CHARACTER SET latin1, \
         m SET('a', 'b'), b BLOB, c CHAR(9) CHARACTER SET utf8mb3, k TEXT)",
    )
    .await;
    let script = "w a u s e m b c k".split(' ').fold(
        TriggerTable::named("script").key("id", Kind::Integer),
        |table, name| table.column(name, Kind::Text),
    );
    install(&db, &script).await;
    assert_eq!(
        inserted(
            &db,
            "INSERT INTO script VALUES (1, 'é€', 'plain', '🍰', 'テ', 'é', 'a,b', 'text é', 'ab  ', 'x')"
        )
        .await,
        json!({"id": 1, "w": "é€", "a": "plain", "u": "🍰", "s": "テ", "e": "é", "m": "a,b", "b": "text é", "c": "ab", "k": "x"})
    );
    // All that is special to JSON or SQL.
    let controls: String = (0..0x20_u8).map(char::from).collect();
    let odd = format!("{controls}\u{7f}\u{85}\"\\/'`\u{2028}🍰");
    let hex: String = odd.bytes().map(|byte| format!("{byte:02x}")).collect();
    let row = inserted(
        &db,
        &format!("INSERT INTO script (id, b, k) VALUES (2, 0x{hex}, 0x{hex})"),
    )
    .await;
    assert_eq!(row["k"], json!(odd));
    assert_eq!(row["b"], json!(odd));
    // Bytes that are no text are kept as their digits.
    let row = inserted(&db, "INSERT INTO script (id, b) VALUES (3, 0xFF00)").await;
    assert_eq!(row["b"], json!("ff00"));
    run(&db, "UPDATE script SET b = 0xFF01, w = 'É' WHERE id = 3").await;
    let all = said(&db).await;
    assert_eq!(all[0].3, json!({"b": "ff00", "w": null}));
    assert_eq!(all[0].4, json!({"b": "ff01", "w": "É"}));
    assert_eq!(one(&db, "SELECT @@warning_count").await, "0");
}

async fn bytes_and_uuids_of_every_type(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE raw (id BINARY(16) PRIMARY KEY, c CHAR(36), n CHAR(32), v VARBINARY(40), b BLOB, t TEXT)",
    )
    .await;
    let raw = TriggerTable::named("raw")
        .key("id", Kind::Uuid)
        .column("c", Kind::Uuid)
        .column("n", Kind::Uuid)
        .column("v", Kind::Uuid)
        .column("b", Kind::Bytes)
        .column("t", Kind::Bytes);
    install(&db, &raw).await;
    let uuid = "0193f2a0-0000-7abc-8def-00ff00ff00ff";
    assert_eq!(
        inserted(
            &db,
            "INSERT INTO raw VALUES (0x0193F2A000007ABC8DEF00FF00FF00FF, '0193F2A0-0000-7ABC-8DEF-00FF00FF00FF', \
             '0193F2A000007ABC8DEF00FF00FF00FF', 0x41FF, 0x00FF22, 'é')"
        )
        .await,
        json!({"id": uuid, "c": uuid, "n": uuid, "v": "41ff", "b": "00ff22", "t": "c3a9"})
    );
    run(&db, "UPDATE raw SET c = LOWER(c)").await;
    assert!(said(&db).await.is_empty());
    run(&db, "DELETE FROM raw").await;
    assert_eq!(said(&db).await[0].1, uuid);
    // A type of its own, where the server has it.
    if try_run(&db, "CREATE TABLE native (id UUID PRIMARY KEY, ip INET6)")
        .await
        .is_ok()
    {
        let native = TriggerTable::named("native")
            .key("id", Kind::Uuid)
            .column("ip", Kind::Text);
        install(&db, &native).await;
        assert_eq!(
            inserted(
                &db,
                "INSERT INTO native VALUES ('0193F2A0-0000-7ABC-8DEF-00FF00FF00FF', '2001:DB8::1')"
            )
            .await,
            json!({"id": uuid, "ip": "2001:db8::1"})
        );
    }
}
