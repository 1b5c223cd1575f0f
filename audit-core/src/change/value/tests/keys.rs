//! Values as keys, and the forms one by one.

use proptest::prelude::*;
use sea_orm::Value;
use serde_json::{Value as Json, json};

use super::{
    super::{encode, key_text, key_value, same},
    arbitrary, for_each_type,
    sameness::disguised,
};

fn text(value: impl Into<Value>) -> Option<String> {
    key_text(&value.into()).unwrap()
}

#[test]
fn equal_values_and_no_others_have_one_key() {
    for_each_type(
        |ty| (arbitrary::value(ty), arbitrary::value(ty), any::<bool>()),
        |_, (a, b, disguise)| {
            let b = if disguise { disguised(&a) } else { b };
            let texts = (key_text(&a).unwrap(), key_text(&b).unwrap());
            prop_assert_eq!(same(&a, &b), texts.0 == texts.1, "{:?} {:?}", a, b);
            prop_assert_eq!(texts.0.is_none(), a == a.as_null());
            Ok(())
        },
    );
}

#[test]
fn a_key_is_plain_text() {
    assert_eq!(text(7), Some("7".into()));
    assert_eq!(text(u64::MAX), Some("18446744073709551615".into()));
    assert_eq!(text("a \"b\""), Some("a \"b\"".into()));
    assert_eq!(text(""), Some(String::new()));
    assert_eq!(text(true), Some("true".into()));
    assert_eq!(text(vec![0xab_u8, 0]), Some("ab00".into()));
    assert_eq!(text(Value::Int(None)), None);
    assert_eq!(text(json!("1")), Some("\"1\"".into()));
    assert_eq!(text(json!(1.0)), Some("1".into()));
    assert_eq!(
        text(chrono::DateTime::from_timestamp(1_795_264_496, 0).unwrap()),
        Some("2026-11-21T12:34:56.000000Z".into())
    );
}

#[cfg(feature = "with-uuid")]
#[test]
fn a_uuid_key_is_hyphenated() {
    assert_eq!(
        text(uuid::Uuid::from_u128(0xab)),
        Some("00000000-0000-0000-0000-0000000000ab".into())
    );
}

#[cfg(feature = "with-rust_decimal")]
#[test]
fn a_decimal_key_has_no_scale() {
    let decimal = |text: &str| Value::from(text.parse::<sea_orm::prelude::Decimal>().unwrap());
    assert_eq!(text(decimal("1.10")), Some("1.1".into()));
    assert_eq!(key_value(&decimal("100.00")), Ok(json!("100")));
    assert_eq!(encode(&decimal("1.10")), Ok(json!("1.10")));
}

#[test]
fn a_part_of_a_key_is_the_canonical_form() {
    for_each_type(arbitrary::value, |ty, value| {
        let normalised = ["Decimal", "BigDecimal", "Json"].contains(&format!("{ty:?}").as_str());
        prop_assert!(normalised || key_value(&value) == encode(&value));
        Ok(())
    });
}

/// One value of each kind, as it stands in a log. A change here changes what is on disk.
#[test]
fn the_forms_are_these() {
    let form = |value: Value| encode(&value).unwrap();
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let time = chrono::NaiveTime::from_hms_micro_opt(12, 34, 56, 123_456).unwrap();
    let nano = chrono::NaiveTime::from_hms_nano_opt(12, 34, 56, 1).unwrap();
    let zone = chrono::FixedOffset::east_opt(3600).unwrap();
    for (value, expected) in [
        (Value::from(true), json!(true)),
        (Value::from(i64::MIN), json!(i64::MIN)),
        (Value::from(u64::MAX), json!(u64::MAX)),
        (Value::from(0.1_f32), json!(0.1)),
        (Value::from(1e300), json!(1e300)),
        (Value::from("text"), json!("text")),
        (Value::from('x'), json!("x")),
        (Value::from(vec![0xde_u8, 0xad]), json!("dead")),
        (
            Value::from(json!({"a": [1, null]})),
            json!({"a": [1, null]}),
        ),
        (Value::from(Json::Null), json!({"$json": null})),
        (Value::Json(None), Json::Null),
        (Value::from(date), json!("2026-11-21")),
        (Value::from(time), json!("12:34:56.123456")),
        (Value::from(nano), json!("12:34:56.000000001")),
        (
            Value::from(date.and_time(time)),
            json!("2026-11-21T12:34:56.123456"),
        ),
        (
            Value::from(date.and_time(time).and_utc()),
            json!("2026-11-21T12:34:56.123456Z"),
        ),
        (
            Value::from(date.and_time(time).and_local_timezone(zone).unwrap()),
            json!("2026-11-21T11:34:56.123456Z"),
        ),
    ] {
        assert_eq!(form(value), expected);
    }
    assert_eq!(form(Value::from(1.0)).to_string(), "1.0");
}
