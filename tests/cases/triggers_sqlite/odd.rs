//! SQLite keeps anything in any column: no write fails for it, and the entry says what it is.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::select};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait, Value};
use sea_orm_audit::{Values, audit_log::Action};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, run},
        server::{Server, TestDb},
        values::{for_any, text},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        anything_in_any_column_is_written_and_recorded,
        every_float_is_read_back_as_itself,
        values_have_their_canonical_form,
        what_is_equal_by_value_is_no_change,
        text_that_is_not_utf8_is_recorded_as_far_as_it_is,
        json_that_nobody_could_read_back_is_kept_as_text,
    ]
}

const KINDS: [(&str, Kind, &str); 17] = [
    ("yes", Kind::Bool, "boolean"),
    ("number", Kind::Integer, "integer"),
    ("single", Kind::Float, "float"),
    ("ratio", Kind::Double, "double"),
    ("price", Kind::Decimal, "real(12, 4)"),
    ("name", Kind::Text, "varchar(20)"),
    ("title", Kind::Text, "text COLLATE NOCASE"),
    ("bytes", Kind::Bytes, "blob"),
    ("uuid", Kind::Uuid, "uuid_text"),
    ("json", Kind::Json, "json_text"),
    ("json_number", Kind::Json, "json"),
    ("day", Kind::Date, "date_text"),
    ("hour", Kind::Time, "time_text"),
    ("local", Kind::DateTime, "datetime"),
    ("moment", Kind::Timestamp, "timestamp_with_timezone_text"),
    ("ip", Kind::IpNetwork, "text"),
    ("mac", Kind::MacAddress, "text"),
];

/// A table with a column of each kind, of its type or of none.
async fn table(db: &DatabaseConnection, name: &str, typed: bool) -> TriggerTable {
    let mut table = TriggerTable::named(name).key("id", Kind::Integer);
    let mut columns = String::new();
    for (column, kind, ty) in KINDS {
        table = table.column(column, kind);
        columns.push_str(&format!(", {column} {}", if typed { ty } else { "" }));
    }
    run(
        db,
        &format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY{columns})"),
    )
    .await;
    table
}

/// A value as SQLite keeps it.
#[derive(Clone, Debug)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    /// Bytes as text.
    Cast(Vec<u8>),
}

fn cell() -> impl Strategy<Value = Cell> {
    let looks_like = vec![
        "true",
        "0",
        "1.10",
        "-0",
        "1e400",
        "null",
        "{}",
        "[1,2",
        "{\"$json\":null}",
        "{\"$json\":{\"a\":1e999}}",
        "\"\\ud800\"",
        "[1e999]",
        "2026-02-29",
        "2026-02-28T10:00:00Z",
        "2026-02-28 10:00",
        "2026-02-28 10:00:60.5+05:30",
        "2026-02-30 10:00:00",
        "2026-02-28 10:00:00.1234567891",
        "2026-02-28 24:00",
        "23:59:60",
        "12:34:56.000000001",
        "12:34Z",
        "9999-12-31 23:59:59-23:59",
        "0000-01-01 00:00+23:59",
        "01905c5e-7b1a-7def-8abc-0123456789ab",
        "01905C5E7B1A7DEF8ABC0123456789AB",
        "10.0.0.1/8",
        "now",
        "inf",
        "nan",
        "2026-02-28 10:00\0:00",
    ];
    prop_oneof![
        1 => Just(Cell::Null),
        2 => prop_oneof![any::<i64>(), -3..3_i64, select(vec![i64::MIN, i64::MAX, 1_700_000_000])].prop_map(Cell::Integer),
        2 => any::<u64>().prop_map(|bits| Cell::Real(f64::from_bits(bits))),
        1 => select(vec![0.0, -0.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, 2_460_000.25, 1e-320]).prop_map(Cell::Real),
        2 => text(Server::Sqlite, 60).prop_map(Cell::Text),
        3 => select(looks_like).prop_map(|text| Cell::Text(text.to_owned())),
        1 => vec(any::<u8>(), 0..20).prop_map(Cell::Blob),
        1 => vec(any::<u8>(), 16).prop_map(Cell::Blob),
        2 => vec(prop_oneof![any::<u8>(), Just(0xE2), Just(0x82), Just(0xAC), Just(b'a')], 0..40).prop_map(Cell::Cast),
    ]
}

impl Cell {
    fn place(&self) -> &'static str {
        match self {
            Self::Cast(_) => "CAST(? AS TEXT)",
            _ => "?",
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Null => Value::BigInt(None),
            Self::Integer(number) => number.into(),
            Self::Real(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Blob(bytes) | Self::Cast(bytes) => bytes.into(),
        }
    }
}

async fn write(db: &impl ConnectionTrait, sql: String, cells: Vec<Cell>) {
    let values = cells.into_iter().map(Cell::value);
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, values);
    if let Err(err) = db.execute_raw(statement).await {
        panic!("{sql}: {err}");
    }
}

async fn anything_in_any_column_is_written_and_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    for (name, typed, values) in [
        ("typed", true, Values::Changed),
        ("untyped", false, Values::Changed),
        ("whole", false, Values::Full),
    ] {
        let table = table(&db, name, typed).await.values(values);
        install(&db, &table).await;
        let rows = (
            vec(cell(), KINDS.len()),
            vec((0..KINDS.len(), cell()), 1..4),
        );
        for_any(150, rows, async |(row, changes)| {
            let tx = db.begin().await.unwrap();
            let places: Vec<&str> = row.iter().map(Cell::place).collect();
            let insert = format!("INSERT INTO {name} VALUES (NULL, {})", places.join(", "));
            write(&tx, insert, row).await;
            for (at, cell) in changes {
                let (column, place) = (KINDS[at].0, cell.place());
                let update = format!(
                    "UPDATE {name} SET {column} = {place} WHERE id = (SELECT max(id) FROM {name})"
                );
                write(&tx, update, vec![cell]).await;
            }
            tx.commit().await.unwrap();
        });
        let rows = folded_by_kind(&db, name).await;
        compare_as_they_are(&db, name, &rows).await;
    }
}

/// The last value of each column; where a column has several texts of one value, an entry may begin with another one.
async fn folded_by_kind(db: &DatabaseConnection, table: &str) -> Vec<(String, Json)> {
    let mut rows = std::collections::BTreeMap::new();
    for entry in log(db)
        .await
        .into_iter()
        .filter(|entry| entry.entity == table)
    {
        let new = entry.new_values.unwrap();
        let row = rows.entry(entry.record_id).or_insert_with(|| json!({}));
        for (column, value) in new.as_object().unwrap() {
            row[column] = value.clone();
        }
    }
    rows.into_iter().collect()
}

/// Numbers, bytes and text in columns where each has one form only.
async fn compare_as_they_are(db: &DatabaseConnection, table: &str, rows: &[(String, Json)]) {
    for (id, row) in rows {
        for (column, _, _) in KINDS {
            let (json, name) = (&row[column], format!("{table} {id} {column}"));
            let sql =
                format!("SELECT typeof({column}) AS t, {column} AS v FROM {table} WHERE id = {id}");
            let statement = Statement::from_string(DbBackend::Sqlite, sql);
            let stored = db.query_one_raw(statement).await.unwrap().unwrap();
            let ty: String = stored.try_get("", "t").unwrap();
            let time = ["hour", "local", "moment"].contains(&column);
            match ty.as_str() {
                "null" => assert!(json.is_null(), "{name}: {json}"),
                "integer" if !time && !["yes", "price"].contains(&column) => {
                    let value: i64 = stored.try_get("", "v").unwrap();
                    assert!(
                        json.as_i64() == Some(value) || json.as_f64() == Some(value as f64),
                        "{name}: {json}"
                    );
                }
                "real" if !time && column != "price" => {
                    let value: f64 = stored.try_get("", "v").unwrap();
                    match json {
                        Json::String(text) => {
                            assert_eq!(text.parse::<f64>().unwrap(), value, "{name}")
                        }
                        json if column == "single" => {
                            assert_eq!(json.as_f64().unwrap() as f32, value as f32, "{name}");
                        }
                        // An integer that became this number is equal to it: no change, and its form stays.
                        Json::Bool(yes) if column == "yes" => {
                            assert_eq!(f64::from(*yes), value, "{name}");
                        }
                        json => assert_eq!(json.as_f64(), Some(value), "{name}: {json}"),
                    }
                }
                "blob" if column != "uuid" => {
                    let value: Vec<u8> = stored.try_get("", "v").unwrap();
                    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
                    assert_eq!(json, &json!(hex), "{name}");
                }
                "text" if ["name", "title", "number", "day", "ip"].contains(&column) => {
                    let bytes: Vec<u8> = stored.try_get("", "v").unwrap();
                    if let Ok(text) = String::from_utf8(bytes) {
                        assert_eq!(json, &json!(text), "{name}");
                    }
                }
                _ => {}
            }
        }
    }
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

async fn values_have_their_canonical_form(test: Arc<TestDb>) {
    let db = test.connect().await;
    let table = table(&db, "odd", false).await;
    install(&db, &table).await;
    let forms = [
        ("yes", "1", json!(true)),
        ("yes", "0", json!(false)),
        ("yes", "2", json!(2)),
        ("yes", "'true'", json!("true")),
        ("number", "9223372036854775807", json!(i64::MAX)),
        ("number", "x'00ff'", json!("00ff")),
        ("single", "0.10000000149011612", json!(0.1)),
        ("ratio", "0.1 + 0.2", json!(0.1 + 0.2)),
        ("ratio", "-0.0", json!(0.0)),
        ("ratio", "9e999", json!("Infinity")),
        ("ratio", "-9e999", json!("-Infinity")),
        ("ratio", "9e999 - 9e999", json!(null)),
        ("price", "1.10", json!("1.1")),
        ("price", "-12.0", json!("-12")),
        ("price", "1e-7", json!("0.0000001")),
        ("price", "-1.5e-9", json!("-0.0000000015")),
        ("price", "1.5e20", json!("150000000000000000000")),
        (
            "price",
            "1152921504606846976.0",
            json!("1152921504606846976"),
        ),
        ("price", "'1.10'", json!("1.10")),
        ("price", "7", json!("7")),
        (
            "name",
            "'a\"b\\c' || char(0, 1, 31, 127, 233, 128512)",
            json!("a\"b\\c\u{0}\u{1}\u{1f}\u{7f}\u{e9}\u{1f600}"),
        ),
        ("bytes", "x''", json!("")),
        ("bytes", "'AB'", json!("4142")),
        (
            "uuid",
            "x'01905c5e7b1a7def8abc0123456789ab'",
            json!("01905c5e-7b1a-7def-8abc-0123456789ab"),
        ),
        (
            "uuid",
            "'01905C5E-7B1A-7DEF-8ABC-0123456789AB'",
            json!("01905c5e-7b1a-7def-8abc-0123456789ab"),
        ),
        (
            "uuid",
            "'01905C5E7B1A7DEF8ABC0123456789AB'",
            json!("01905c5e-7b1a-7def-8abc-0123456789ab"),
        ),
        ("uuid", "x'01'", json!("01")),
        ("uuid", "'none'", json!("none")),
        ("json", "'{\"a\": [1, 2.50]}'", json!({"a": [1, 2.5]})),
        ("json", "'null'", json!({"$json": null})),
        ("json", "' {\"$json\" : 1}'", json!({"$json": {"$json": 1}})),
        (
            "json",
            "'{\"\\u0024json\":1,\"a\":2}'",
            json!({"$json": 1, "a": 2}),
        ),
        ("json", "'{broken'", json!("{broken")),
        ("json", "'{}' || char(0) || 'x'", json!("{}\u{0}x")),
        ("json", "12", json!(12)),
        ("day", "'2026-02-28'", json!("2026-02-28")),
        ("hour", "'12:34'", json!("12:34:00.000000")),
        ("hour", "'12:34:56.1'", json!("12:34:56.100000")),
        ("hour", "'12:34:56.000000001'", json!("12:34:56.000000001")),
        ("hour", "'23:59:60.5'", json!("23:59:60.500000")),
        ("hour", "'24:00:00'", json!("24:00:00")),
        (
            "local",
            "'2026-02-28 12:34:56'",
            json!("2026-02-28T12:34:56.000000"),
        ),
        (
            "local",
            "'2026-02-28T12:34:56.123+05:30'",
            json!("2026-02-28T12:34:56.123000"),
        ),
        ("local", "1700000000", json!("2023-11-14T22:13:20.000000")),
        (
            "moment",
            "'2026-02-28T12:34:56.123456789+00:00'",
            json!("2026-02-28T12:34:56.123456789Z"),
        ),
        (
            "moment",
            "'2026-03-01 01:34:56+05:30'",
            json!("2026-02-28T20:04:56.000000Z"),
        ),
        (
            "moment",
            "'2024-02-29T23:59:60.25-00:30'",
            json!("2024-03-01T00:29:60.250000Z"),
        ),
        (
            "moment",
            "'2026-02-28 12:34'",
            json!("2026-02-28T12:34:00.000000Z"),
        ),
        (
            "moment",
            "'2026-02-28 12:34Z'",
            json!("2026-02-28T12:34:00.000000Z"),
        ),
        (
            "moment",
            "'2026-02-30T12:34:56Z'",
            json!("2026-02-30T12:34:56Z"),
        ),
        (
            "moment",
            "'9999-12-31T23:59:59-01:00'",
            json!("9999-12-31T23:59:59-01:00"),
        ),
        ("moment", "1700000000", json!("2023-11-14T22:13:20.000000Z")),
        ("moment", "2440588.0", json!("1970-01-01T12:00:00.000000Z")),
        ("ip", "'10.0.0.1/8'", json!("10.0.0.1/8")),
    ];
    for (column, value, expected) in forms {
        run(&db, &format!("INSERT INTO odd ({column}) VALUES ({value})")).await;
        let entry = log(&db).await.pop().unwrap();
        assert_eq!(
            entry.new_values.unwrap()[column],
            expected,
            "{column} {value}"
        );
    }
}

async fn what_is_equal_by_value_is_no_change(test: Arc<TestDb>) {
    let db = test.connect().await;
    let table = table(&db, "odd", false).await;
    install(&db, &table).await;
    run(&db, "INSERT INTO odd (id) VALUES (1)").await;
    let long = "12345678901234567890";
    let pairs = [
        ("ratio", "0.0", "-0.0", false),
        ("ratio", "1", "1.0", false),
        ("number", "1", "'1'", true),
        ("price", "'1.10'", "'1.1'", false),
        ("price", "'100'", "'1'", true),
        ("price", "1.1", "1.10", false),
        ("price", "1.1", "1.11", true),
        ("name", "'a'", "'A'", true),
        ("name", "'a'", "'a '", true),
        (
            "name",
            "'a' || char(0) || 'b'",
            "'a' || char(0) || 'c'",
            true,
        ),
        ("name", "'e\u{301}'", "'\u{e9}'", true),
        ("title", "'a'", "'A'", true),
        ("bytes", "'AB'", "x'4142'", false),
        ("bytes", "x'00'", "x'0000'", true),
        (
            "uuid",
            "'01905C5E-7B1A-7DEF-8ABC-0123456789AB'",
            "x'01905c5e7b1a7def8abc0123456789ab'",
            false,
        ),
        (
            "json",
            "'{\"a\":1,\"b\":[1,{\"c\":null}]}'",
            "'{\"b\": [1.0, {\"c\": null}], \"a\": 1e0}'",
            false,
        ),
        ("json", "'[1,2]'", "'[2,1]'", true),
        ("json", "'[1]'", "'[1,1]'", true),
        ("json", "'{\"a\":null}'", "'{}'", true),
        ("json", "'{\"a\":null}'", "'{\"b\":null}'", true),
        ("json", "'{\"a\":[]}'", "'{\"a\":{}}'", true),
        ("json", "'{\"a\":1,\"a\":2}'", "'{\"a\":2,\"a\":1}'", true),
        ("json", "'{\"a.b\":1}'", "'{\"a\":{\"b\":1}}'", true),
        ("json", "'[\"\\u00e9\"]'", "'[\"\u{e9}\"]'", false),
        ("json", "'[1]'", "'[\"1\"]'", true),
        ("json", "'[1]'", "'[true]'", true),
        (
            "json",
            "'[9007199254740993]'",
            "'[9007199254740992.0]'",
            true,
        ),
        (
            "json",
            &format!("'[{long}]'"),
            &format!("'[{long}1]'"),
            true,
        ),
        (
            "json",
            "'[18446744073709551615]'",
            "'[18446744073709551614]'",
            true,
        ),
        ("json", "'[1e400]'", "'[1e500]'", true),
        ("json", "'null'", "NULL", true),
        ("json", "'{a'", "'{b'", true),
        ("hour", "'12:00'", "'12:00:00.000'", false),
        (
            "local",
            "'2026-01-01 00:00:00'",
            "'2026-01-01T00:00:00.0'",
            false,
        ),
        (
            "local",
            "'2026-01-01 00:00:00'",
            "'2026-01-01T00:00:00.000000001'",
            true,
        ),
        (
            "moment",
            "'2026-01-01 00:00:00+00:00'",
            "'2026-01-01T05:30:00.000+05:30'",
            false,
        ),
        (
            "moment",
            "'2026-01-01 00:00:00Z'",
            "'2026-01-01T05:30:00.000+05:29'",
            true,
        ),
        ("moment", "0", "'1970-01-01 00:00:00'", false),
        ("moment", "'tomorrow'", "'Tomorrow'", true),
    ];
    for (column, from, to, changes) in pairs {
        run(&db, &format!("UPDATE odd SET {column} = {from}")).await;
        let before = log(&db).await.len();
        run(&db, &format!("UPDATE odd SET {column} = {to}")).await;
        let entries = log(&db).await;
        assert_eq!(entries.len() > before, changes, "{column}: {from} -> {to}");
        assert!(
            entries[1..]
                .iter()
                .all(|entry| entry.action == Action::Update)
        );
        run(&db, &format!("UPDATE odd SET {column} = NULL")).await;
    }
}

async fn text_that_is_not_utf8_is_recorded_as_far_as_it_is(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE odd (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID",
    )
    .await;
    let table = TriggerTable::named("odd")
        .key("id", Kind::Text)
        .column("name", Kind::Text);
    install(&db, &table).await;
    let euro = "aé€😀".repeat(30);
    for bytes in [
        b"\xff".to_vec(),
        b"a\xe9".to_vec(),
        b"\xc3".to_vec(),
        b"\xe2\x82".to_vec(),
        b"\xe2\x82a".to_vec(),
        b"\xf0\x9f\x98".to_vec(),
        b"\xc0\x80".to_vec(),
        b"\xe0\x80\x80".to_vec(),
        b"\xed\xa0\x80".to_vec(),
        b"\xf4\x90\x80\x80".to_vec(),
        b"\xf8\x88\x80\x80\x80".to_vec(),
        b"\x80\x80".to_vec(),
        b"\xe3\xa9".to_vec(),
        b"caf\xe9 au lait and more than thirty-two characters".to_vec(),
        [euro.as_bytes(), b"\xff", euro.as_bytes()].concat(),
        [b"\xff\0\xff".as_slice(), euro.as_bytes()].concat(),
    ] {
        let sql = "INSERT INTO odd VALUES (CAST(? AS TEXT), CAST(? AS TEXT))";
        let values = [bytes.clone().into(), bytes.clone().into()];
        db.execute_raw(Statement::from_sql_and_values(
            DbBackend::Sqlite,
            sql,
            values,
        ))
        .await
        .unwrap();
        let entry = log(&db).await.pop().unwrap();
        let name = entry.new_values.unwrap()["name"]
            .as_str()
            .unwrap()
            .to_owned();
        let plain = |text: &str| text.replace('\u{fffd}', "");
        assert_eq!(
            plain(&name),
            plain(&String::from_utf8_lossy(&bytes)),
            "{bytes:x?}"
        );
        assert!(name.contains('\u{fffd}'), "{bytes:x?}");
        assert_eq!(entry.record_id, name);
    }
    let text =
        format!("{euro}\u{0}{euro}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\u{80}");
    let sql = "INSERT INTO odd VALUES (?, ?)";
    let values = [text.clone().into(), text.clone().into()];
    db.execute_raw(Statement::from_sql_and_values(
        DbBackend::Sqlite,
        sql,
        values,
    ))
    .await
    .unwrap();
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(entry.record_id, text);
    assert_eq!(entry.new_values, Some(json!({"id": text, "name": text})));
}

async fn json_that_nobody_could_read_back_is_kept_as_text(test: Arc<TestDb>) {
    let db = test.connect().await;
    let table = table(&db, "odd", true).await;
    install(&db, &table).await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let wide = format!("[{}]", ["{}"; 2000].join(","));
    for (text, kept) in [
        (r#"["\ud800"]"#.to_owned(), false),
        (r#"["\udc00\ud800"]"#.to_owned(), false),
        (r#"{"\uD800": 1}"#.to_owned(), false),
        (r#"["\ud83d\ude00", "\\ud800", "\u00e9"]"#.to_owned(), true),
        ("[1e400]".to_owned(), false),
        ("[-1E+400]".to_owned(), false),
        ("[1e300, 1e-400]".to_owned(), true),
        (format!("[{}]", "9".repeat(400)), false),
        (format!("[{}]", "9".repeat(300)), true),
        (nested(126), true),
        (nested(127), false),
        (nested(900), false),
        (wide, true),
        (format!("[{}]", i64::MIN), true),
    ] {
        let sql = "INSERT INTO odd (json) VALUES (?)";
        let statement =
            Statement::from_sql_and_values(DbBackend::Sqlite, sql, [text.clone().into()]);
        db.execute_raw(statement).await.unwrap();
        let entry = log(&db).await.pop().unwrap();
        let json = &entry.new_values.unwrap()["json"];
        if kept {
            assert_eq!(
                json,
                &serde_json::from_str::<Json>(&text).unwrap(),
                "{text}"
            );
        } else {
            assert_eq!(json, &json!(text));
        }
    }
}
