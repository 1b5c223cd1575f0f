//! What holds for every value of every type.

mod arbitrary;
mod keys;
mod printed;
mod round_trip;
mod sameness;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestRunner},
};
use sea_orm::{Value, sea_query::ArrayType};
use serde_json::Value as Json;

use super::decode;

/// Runs a property for each type in turn, so that a failure names the type.
fn for_each_type<S: Strategy>(
    strategy: impl Fn(&ArrayType) -> S,
    property: impl Fn(&ArrayType, S::Value) -> Result<(), TestCaseError>,
) {
    for ty in arbitrary::types() {
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::default()
        });
        if let Err(error) = runner.run(&strategy(&ty), |value| property(&ty, value)) {
            panic!("{ty:?}: {error}");
        }
    }
}

/// Through the text that a log keeps.
fn through_text(json: &Json) -> Json {
    serde_json::from_str(&serde_json::to_string(json).unwrap()).unwrap()
}

fn read(json: &Json, ty: &ArrayType) -> Result<Value, TestCaseError> {
    decode(json, ty, false).map_err(|error| TestCaseError::fail(format!("{json}: {error}")))
}

/// Equal in every bit that a value has, except the sign of a zero, the payload of a NaN and the zone of a moment.
fn identical(a: &Value, b: &Value) -> bool {
    let f32_bits = |v: f32| {
        if v.is_nan() {
            f32::NAN.to_bits()
        } else {
            (v + 0.0).to_bits()
        }
    };
    let f64_bits = |v: f64| {
        if v.is_nan() {
            f64::NAN.to_bits()
        } else {
            (v + 0.0).to_bits()
        }
    };
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.map(f32_bits) == b.map(f32_bits),
        (Value::Double(a), Value::Double(b)) => a.map(f64_bits) == b.map(f64_bits),
        (Value::ChronoDateTimeLocal(a), Value::ChronoDateTimeLocal(b)) => {
            a.map(|a| a.naive_utc()) == b.map(|b| b.naive_utc())
        }
        (Value::ChronoDateTimeWithTimeZone(a), Value::ChronoDateTimeWithTimeZone(b)) => {
            a.map(|a| a.naive_utc()) == b.map(|b| b.naive_utc())
        }
        #[cfg(feature = "with-rust_decimal")]
        (Value::Decimal(Some(a)), Value::Decimal(Some(b))) => {
            (a.mantissa(), a.scale()) == (b.mantissa(), b.scale())
        }
        #[cfg(feature = "with-bigdecimal")]
        (Value::BigDecimal(Some(a)), Value::BigDecimal(Some(b))) => {
            // A negative scale has no text but zeros.
            a.as_bigint_and_scale().1 < 0 || a.as_bigint_and_scale() == b.as_bigint_and_scale()
        }
        #[cfg(feature = "postgres-array")]
        (Value::Array(ty_a, Some(a)), Value::Array(ty_b, Some(b))) => {
            ty_a == ty_b
                && a.len() == b.len()
                && a.iter().zip(b.iter()).all(|(a, b)| identical(a, b))
        }
        _ => std::mem::discriminant(a) == std::mem::discriminant(b) && a == b,
    }
}
