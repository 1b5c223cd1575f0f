//! When two values are equal, by other means than the library's.

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, Value};
use serde_json::Value as Json;

/// The same to the last bit, but for the sign of a zero and the kind of a NaN: decimals with their scale.
pub fn exactly(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(Some(a)), Value::Float(Some(b))) => {
            a.to_bits() == b.to_bits() || (*a == 0.0 && *b == 0.0) || (a.is_nan() && b.is_nan())
        }
        (Value::Double(Some(a)), Value::Double(Some(b))) => {
            a.to_bits() == b.to_bits() || (*a == 0.0 && *b == 0.0) || (a.is_nan() && b.is_nan())
        }
        (Value::Decimal(Some(a)), Value::Decimal(Some(b))) => a == b && a.scale() == b.scale(),
        (Value::BigDecimal(Some(a)), Value::BigDecimal(Some(b))) => {
            a.to_plain_string() == b.to_plain_string()
        }
        (Value::Array(x, Some(a)), Value::Array(y, Some(b))) => {
            x == y && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| exactly(a, b))
        }
        _ => a == b,
    }
}

/// The same value, whatever its representation.
pub fn by_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Decimal(Some(a)), Value::Decimal(Some(b))) => a == b,
        (Value::BigDecimal(Some(a)), Value::BigDecimal(Some(b))) => a == b,
        (Value::Json(Some(a)), Value::Json(Some(b))) => json_by_value(a, b),
        (Value::Array(x, Some(a)), Value::Array(y, Some(b))) => {
            x == y && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| by_value(a, b))
        }
        _ => exactly(a, b),
    }
}

/// The same JSON, whatever way its numbers are written.
pub fn json_by_value(a: &Json, b: &Json) -> bool {
    match (a, b) {
        // A number with a fraction of zero is the integer that it is written as without.
        (Json::Number(a), Json::Number(b)) => {
            a == b || a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64())
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| json_by_value(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| json_by_value(a, b)))
        }
        _ => a == b,
    }
}

/// Panics, with the first column that differs, unless both models are exactly equal.
pub fn assert_equal<E: EntityTrait>(what: &str, read: Option<&E::Model>, expected: &E::Model) {
    let read = read.unwrap_or_else(|| panic!("{what} is not there"));
    for column in E::Column::iter() {
        let (read, expected) = (read.get(column), expected.get(column));
        assert!(
            exactly(&read, &expected),
            "{what}, column {}:\n  read:  {read:?}\n  is:    {expected:?}",
            column.as_str()
        );
    }
}
