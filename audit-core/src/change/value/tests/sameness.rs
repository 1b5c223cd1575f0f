//! Comparison by value.

use proptest::prelude::*;
use sea_orm::{Value, sea_query::ArrayType};
use serde_json::{Value as Json, json};

use super::{
    super::{key_value, same},
    arbitrary, for_each_type,
};
use crate::change::value::json as json_values;

/// The same value in another guise, where the type has one.
pub(super) fn disguised(value: &Value) -> Value {
    match value {
        Value::Float(Some(v)) if *v == 0.0 => Value::Float(Some(-v)),
        Value::Double(Some(v)) if *v == 0.0 => Value::Double(Some(-v)),
        Value::Float(Some(v)) if v.is_nan() => Value::Float(Some(-v)),
        Value::Double(Some(v)) if v.is_nan() => Value::Double(Some(-v)),
        Value::Json(Some(v)) => Value::Json(Some(Box::new(disguised_json(v)))),
        Value::ChronoDateTimeWithTimeZone(Some(v)) => {
            let zone = chrono::FixedOffset::east_opt(3_600).unwrap();
            Value::ChronoDateTimeWithTimeZone(Some(v.with_timezone(&zone)))
        }
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(Some(v)) => Value::Decimal(Some(v.normalize())),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(Some(v)) if v.as_bigint_and_scale().1.abs() < 1000 => {
            Value::BigDecimal(Some(Box::new(v.with_scale(1100))))
        }
        other => other.clone(),
    }
}

fn disguised_json(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(disguised_json).collect(),
        Json::Object(object) => {
            let entries = object.iter().rev();
            Json::Object(
                entries
                    .map(|(key, value)| (key.clone(), disguised_json(value)))
                    .collect(),
            )
        }
        Json::Number(number) => match number.as_i64() {
            Some(small) if small.abs() < 1 << 50 => json!(small as f64),
            _ => json.clone(),
        },
        _ => json.clone(),
    }
}

#[test]
fn a_value_is_itself_in_any_guise() {
    for_each_type(arbitrary::value, |_, value| {
        let other = disguised(&value);
        prop_assert!(same(&value, &value), "{:?}", value);
        prop_assert!(same(&value, &other), "{:?} {:?}", value, other);
        prop_assert!(same(&other, &value), "{:?} {:?}", other, value);
        Ok(())
    });
}

#[test]
fn values_are_the_same_where_their_forms_are() {
    for_each_type(
        |ty| (arbitrary::value(ty), arbitrary::value(ty), any::<bool>()),
        |_, (a, b, disguise)| {
            let b = if disguise { disguised(&a) } else { b };
            let forms = (key_value(&a).unwrap(), key_value(&b).unwrap());
            prop_assert_eq!(
                same(&a, &b),
                json_values::same(&forms.0, &forms.1),
                "{:?} {:?}",
                a,
                b
            );
            prop_assert_eq!(same(&a, &b), same(&b, &a));
            Ok(())
        },
    );
}

#[test]
fn null_is_null_of_any_type_and_nothing_else() {
    let null = Value::Int(None);
    assert!(same(&null, &Value::String(None)));
    assert!(!same(&null, &Value::Int(Some(0))));
    assert!(!same(
        &Value::Json(None),
        &Value::Json(Some(Box::new(Json::Null)))
    ));
    assert!(!same(
        &Value::String(Some(String::new())),
        &Value::String(None)
    ));
}

#[test]
fn an_integer_is_itself_in_any_width() {
    assert!(same(&Value::from(7_i8), &Value::from(7_u64)));
    assert!(!same(&Value::from(-1_i64), &Value::from(u64::MAX)));
    assert!(!same(&Value::from(1_i32), &Value::from("1")));
    assert!(same(&Value::from(0.1_f32), &Value::from(0.1_f64)));
    assert!(!same(&Value::from(0.1_f64), &Value::from(0.2_f32)));
    assert!(same(&Value::from("a"), &Value::from('a')));
}

#[test]
fn a_nanosecond_is_a_change() {
    let time = |nanos| Value::ChronoTime(chrono::NaiveTime::from_hms_nano_opt(23, 59, 59, nanos));
    assert!(!same(&time(0), &time(1)));
    assert!(!same(&time(0), &time(1_000_000_000)));
}

#[cfg(feature = "with-time")]
#[test]
fn a_moment_is_itself_in_either_crate() {
    let chrono = chrono::DateTime::from_timestamp(1_795_264_496, 123_456_000).unwrap();
    let time = time::OffsetDateTime::from_unix_timestamp_nanos(1_795_264_496_123_456_000).unwrap();
    let offset = time::UtcOffset::from_hms(5, 30, 0).unwrap();
    let (a, b) = (Value::from(chrono), Value::from(time.to_offset(offset)));
    assert!(same(&a, &b));
    assert_eq!(key_value(&a), key_value(&b));
    assert!(!same(&a, &Value::from(chrono.naive_utc())));
}

#[cfg(feature = "postgres-array")]
#[test]
fn an_array_is_compared_in_order() {
    let array = |elements: &[Option<i32>]| {
        let elements = elements.iter().copied().map(Value::from).collect();
        Value::Array(ArrayType::Int, Some(Box::new(elements)))
    };
    assert!(same(&array(&[Some(1), None]), &array(&[Some(1), None])));
    assert!(!same(
        &array(&[Some(1), Some(2)]),
        &array(&[Some(2), Some(1)])
    ));
    assert!(!same(&array(&[Some(1)]), &array(&[Some(1), Some(1)])));
    assert!(!same(&array(&[None]), &array(&[])));
    assert!(!same(&array(&[]), &Value::Array(ArrayType::Int, None)));
}
