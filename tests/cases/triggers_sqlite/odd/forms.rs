//! The form that each value has in the log, and what is one value in two forms.

use std::sync::Arc;

use sea_orm_audit::audit_log::Action;
use serde_json::json;

use super::table;
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
    cases![
        values_have_their_canonical_form,
        what_is_equal_by_value_is_no_change,
    ]
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
