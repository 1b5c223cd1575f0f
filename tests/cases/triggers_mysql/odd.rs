//! Values that no program of ours would write, and columns that no entity of ours would have.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use super::{items, said};
use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, one, run, try_run},
        server::TestDb,
        values::json_by_value,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        dates_and_times_that_are_none,
        numbers_of_every_type,
        texts_of_every_character_set,
        bytes_and_uuids_of_every_type,
        json_that_is_none,
        json_as_deep_as_it_goes,
        a_kind_and_a_type_that_do_not_match,
        generated_columns,
        keys_of_every_kind,
        names_of_every_kind,
        moments_are_the_same_in_every_zone,
    ]
}

/// The new values of the entry that an INSERT makes.
async fn inserted(db: &sea_orm::DatabaseConnection, sql: &str) -> Json {
    run(db, sql).await;
    let mut all = said(db).await;
    assert_eq!(all.len(), 1, "{sql}");
    all.remove(0).4
}

async fn dates_and_times_that_are_none(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE odd (id INT PRIMARY KEY, d DATE, t TIME(2), dt DATETIME(1), ts TIMESTAMP(3) NULL, y YEAR)",
    )
    .await;
    let odd = TriggerTable::named("odd")
        .key("id", Kind::Integer)
        .column("d", Kind::Date)
        .column("t", Kind::Time)
        .column("dt", Kind::DateTime)
        .column("ts", Kind::Timestamp)
        .column("y", Kind::Integer);
    install(&db, &odd).await;
    run(
        &db,
        "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'",
    )
    .await;
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (1, '0000-00-00', '838:59:59.99', '0000-00-00', '0000-00-00', 0)").await,
        json!({"id": 1, "d": "0000-00-00", "t": "838:59:59.990000", "dt": "0000-00-00T00:00:00.000000",
               "ts": "0000-00-00T00:00:00.000000Z", "y": 0})
    );
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (2, '2024-02-31', '-100:00:01', '2024-00-00 01:02:03.4', '1970-01-01 00:00:01', 2155)").await,
        json!({"id": 2, "d": "2024-02-31", "t": "-100:00:01.000000", "dt": "2024-00-00T01:02:03.400000",
               "ts": "1970-01-01T00:00:01.000000Z", "y": 2155})
    );
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (3, '9999-12-31', '00:00:00', '9999-12-31 23:59:59.9', '2038-01-19 03:14:07.999', 1901)").await,
        json!({"id": 3, "d": "9999-12-31", "t": "00:00:00.000000", "dt": "9999-12-31T23:59:59.900000",
               "ts": "2038-01-19T03:14:07.999000Z", "y": 1901})
    );
    run(&db, "SET sql_mode = 'TRADITIONAL'").await;
    run(&db, "UPDATE odd SET ts = NULL").await;
    run(&db, "UPDATE odd SET t = '00:00:01' WHERE id = 1").await;
    run(&db, "DELETE FROM odd").await;
    assert_eq!(said(&db).await.len(), 7);
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

async fn json_that_is_none(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE doc (id INT PRIMARY KEY, j LONGTEXT, b BLOB)",
    )
    .await;
    let doc = TriggerTable::named("doc")
        .key("id", Kind::Integer)
        .column("j", Kind::Json)
        .column("b", Kind::Json);
    install(&db, &doc).await;
    for (at, (text, form)) in [
        ("", json!("")),
        ("{bad", json!("{bad")),
        ("[1,]", json!("[1,]")),
        ("{'a': 1}", json!("{'a': 1}")),
        ("\\\"", json!("\"")),
        ("null", json!({"$json": null})),
        (" null\\n", json!({"$json": null})),
        ("\\\"null\\\"", json!("null")),
        (r#"{"$json": 1}"#, json!({"$json": {"$json": 1}})),
        (r#"{"$json": null}"#, json!({"$json": {"$json": null}})),
        (r#"{"$json": 1, "a": 2}"#, json!({"$json": 1, "a": 2})),
        (r#"{"$JSON": 1}"#, json!({"$JSON": 1})),
        (r#"{"a": {"$json": 1}}"#, json!({"a": {"$json": 1}})),
        ("[]", json!([])),
        ("{}", json!({})),
        ("18446744073709551615", json!(u64::MAX)),
        ("  1.50 ", json!(1.5)),
        ("true", json!(true)),
        (r#"["é🍰"]"#, json!(["é🍰"])),
    ]
    .into_iter()
    .enumerate()
    {
        let row = inserted(
            &db,
            &format!(
                "INSERT INTO doc VALUES ({at}, '{0}', '{0}')",
                text.replace('\'', "''")
            ),
        )
        .await;
        assert_eq!(row["j"], form, "{text}");
        assert_eq!(row["b"], form, "{text}");
    }
    let row = inserted(&db, "INSERT INTO doc VALUES (100, NULL, 0xFF)").await;
    assert_eq!((&row["j"], &row["b"]), (&json!(null), &json!("ff")));
    for to in ["'{worse'", "'{\"a\": 1}'", "NULL", "'null'"] {
        run(&db, &format!("UPDATE doc SET j = {to} WHERE id = 100")).await;
        assert_eq!(said(&db).await.len(), 1, "{to}");
    }
}

/// MariaDB reads 32 levels, and the entry is one of them: what its log cannot hold is refused in words.
async fn json_as_deep_as_it_goes(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE deep (id INT PRIMARY KEY, j JSON, t LONGTEXT)",
    )
    .await;
    let deep = TriggerTable::named("deep")
        .key("id", Kind::Integer)
        .column("j", Kind::Json)
        .column("t", Kind::Json);
    install(&db, &deep).await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let insert = |id: usize, column: &str, depth: usize| {
        format!(
            "INSERT INTO deep (id, {column}) VALUES ({id}, '{}')",
            nested(depth)
        )
    };
    run(&db, &insert(1, "j", 30)).await;
    for depth in [31, 32, 33] {
        if let Err(err) = try_run(&db, &insert(depth, "j", depth)).await {
            assert!(
                depth > 31 || err.contains("(audit) deep: "),
                "{depth}: {err}"
            );
        }
    }
    // A text that the server cannot read as JSON is kept as a text.
    run(&db, &insert(40, "t", 60)).await;
    let entries = log(&db).await;
    let last = entries.last().unwrap().new_values.clone().unwrap();
    assert_eq!(last["t"], json!(nested(60)));
    let rows = one(&db, "SELECT COUNT(*) FROM deep").await;
    assert_eq!(rows, entries.len().to_string());
}

/// What an entity says of its columns need not be true; no write fails of it, and no value is lost.
async fn a_kind_and_a_type_that_do_not_match(test: Arc<TestDb>) {
    let db = items(&test).await;
    let kinds = [
        Kind::Bool,
        Kind::Integer,
        Kind::Float,
        Kind::Double,
        Kind::Decimal,
        Kind::Text,
        Kind::Bytes,
        Kind::Uuid,
        Kind::Json,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Timestamp,
        Kind::IpNetwork,
        Kind::MacAddress,
    ];
    let types = [
        ("INT", "-7", "8"),
        ("BIT(3)", "b'101'", "b'1'"),
        ("YEAR", "2024", "1999"),
        ("DECIMAL(8, 3)", "1.5", "-2"),
        ("FLOAT", "0.1", "1e-45"),
        ("DOUBLE", "0.1", "1e300"),
        ("VARCHAR(20)", "'é \"'", "'1e5'"),
        ("VARCHAR(20) CHARACTER SET latin1", "'é'", "''"),
        ("VARBINARY(20)", "0xFF00", "0x31"),
        ("BLOB", "0xFF", "'null'"),
        ("DATE", "'2024-02-29'", "'1000-01-01'"),
        ("TIME(3)", "'-1:02:03.004'", "'100:00:00'"),
        (
            "DATETIME(6)",
            "'2024-02-29 01:02:03.000004'",
            "'1000-01-01'",
        ),
        ("TIMESTAMP NULL", "'2024-02-29 01:02:03'", "'2000-01-01'"),
        ("ENUM('x', '\"')", "'x'", "'\"'"),
        ("JSON", "'{\"a\": 1}'", "'[]'"),
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let name = format!("t{number}");
        let columns: Vec<String> = types
            .iter()
            .enumerate()
            .map(|(at, (ty, ..))| format!("c{at} {ty}"))
            .collect();
        run(
            &db,
            &format!(
                "CREATE TABLE {name} (id INT PRIMARY KEY, {})",
                columns.join(", ")
            ),
        )
        .await;
        let table = (0..types.len()).fold(
            TriggerTable::named(&name).key("id", Kind::Integer),
            |table, at| table.column(format!("c{at}"), kind.clone()),
        );
        install(&db, &table).await;
        let first: Vec<&str> = types.iter().map(|(_, first, _)| *first).collect();
        run(
            &db,
            &format!("INSERT INTO {name} VALUES (1, {})", first.join(", ")),
        )
        .await;
        for (at, (ty, _, second)) in types.iter().enumerate() {
            run(&db, &format!("UPDATE {name} SET c{at} = {second}")).await;
            run(&db, &format!("UPDATE {name} SET c{at} = NULL")).await;
            let all = said(&db).await;
            let update = all.last().unwrap();
            let column = format!("c{at}");
            assert!(!update.3[&column].is_null(), "{kind:?} {ty}: {update:?}");
            assert!(update.4[&column].is_null(), "{kind:?} {ty}: {update:?}");
            // Both numbers are true.
            let changes = if kind == Kind::Bool && at < 6 { 1 } else { 2 };
            let created = usize::from(at == 0);
            assert_eq!(all.len(), changes + created, "{kind:?} {ty}: {all:?}");
        }
        run(&db, &format!("DELETE FROM {name}")).await;
        said(&db).await;
    }
}

async fn generated_columns(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE gen (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, s INT AS (a * 3) STORED)",
    )
    .await;
    let gen_table = ["a", "v", "s"].iter().fold(
        TriggerTable::named("gen").key("id", Kind::Integer),
        |table, name| table.column(*name, Kind::Integer),
    );
    install(&db, &gen_table).await;
    run(&db, "INSERT INTO gen (id, a) VALUES (1, 5)").await;
    run(&db, "UPDATE gen SET a = 6").await;
    run(&db, "DELETE FROM gen").await;
    let all = said(&db).await;
    assert_eq!(all[0].4, json!({"id": 1, "a": 5, "v": 10, "s": 15}));
    assert_eq!(all[1].3, json!({"a": 5, "v": 10, "s": 15}));
    assert_eq!(all[1].4, json!({"a": 6, "v": 12, "s": 18}));
    assert_eq!(all[2].3, json!({"id": 1, "a": 6, "v": 12, "s": 18}));
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

async fn names_of_every_kind(test: Arc<TestDb>) {
    let db = items(&test).await;
    for name in [
        "select",
        "with space",
        "quote's",
        "back`tick",
        "double\"quote",
        "back\\slash",
        "percent%_",
        "käse",
        "テーブル",
        "-- comment",
        "a;b",
        "{json}",
        &"x".repeat(64),
        &"ä".repeat(64),
    ] {
        let quoted = format!("`{}`", name.replace('`', "``"));
        run(
            &db,
            &format!("CREATE TABLE {quoted} (`group` INT PRIMARY KEY, {quoted} TEXT)"),
        )
        .await;
        let table = TriggerTable::named(name)
            .key("group", Kind::Integer)
            .column(name, Kind::Text);
        install(&db, &table).await;
        run(&db, &format!("INSERT INTO {quoted} VALUES (1, 'a')")).await;
        run(&db, &format!("UPDATE {quoted} SET {quoted} = 'b'")).await;
        run(&db, &format!("DELETE FROM {quoted}")).await;
        let entries = log(&db).await;
        assert!(entries.iter().all(|entry| entry.entity == name), "{name}");
        let all = said(&db).await;
        assert_eq!(all[1].3, json!({ name: "a" }), "{name}");
        assert_eq!(all[2].3, json!({ "group": 1, name: "b" }), "{name}");
        install(&db, &table).await;
    }
}

/// In an hour that a zone has twice, local time does not tell moments apart. The server's own zone may be such a one.
async fn moments_are_the_same_in_every_zone(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE moment (id INT PRIMARY KEY, ts TIMESTAMP(6) NULL)",
    )
    .await;
    let moment = TriggerTable::named("moment")
        .key("id", Kind::Integer)
        .column("ts", Kind::Timestamp);
    install(&db, &moment).await;
    run(&db, "CREATE TABLE source LIKE moment").await;
    run(&db, "SET time_zone = '+00:00'").await;
    run(
        &db,
        "INSERT INTO source VALUES (1, '2024-10-27 00:30:00.5'), (2, '2024-10-27 01:30:00.5'), (3, '2024-06-01')",
    )
    .await;
    for zone in ["SYSTEM", "+05:30", "Europe/Berlin", "America/St_Johns"] {
        if try_run(&db, &format!("SET time_zone = '{zone}'"))
            .await
            .is_err()
        {
            continue;
        }
        run(&db, "INSERT INTO moment SELECT * FROM source ORDER BY id").await;
        run(
            &db,
            "UPDATE moment SET ts = (SELECT ts FROM source WHERE id = 2) WHERE id = 1",
        )
        .await;
        run(&db, "DELETE FROM moment").await;
        let all = said(&db).await;
        assert_eq!(
            all[0].4["ts"],
            json!("2024-10-27T00:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[1].4["ts"],
            json!("2024-10-27T01:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[2].4["ts"],
            json!("2024-06-01T00:00:00.000000Z"),
            "{zone}"
        );
        assert_eq!(
            all[3].3["ts"],
            json!("2024-10-27T00:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[3].4["ts"],
            json!("2024-10-27T01:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(all.len(), 7, "{zone}");
    }
}
