//! Whether two values are one.

use sea_orm::{
    Value,
    sea_query::{Enum, OptionEnum},
};

#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
use super::decimal;
#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
use super::number::Number;
use super::{float, json, stamp::Stamp, with_chrono};

/// Equal as values, whatever their representation: 1.10 is 1.1, NaN is NaN, a moment is itself in every zone, and a
/// JSON object is itself with its keys in any order. NULL equals NULL only.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    let nulls = (*a == a.as_null(), *b == b.as_null());
    if nulls.0 || nulls.1 {
        return nulls == (true, true);
    }
    match (a, b) {
        (Value::Json(Some(a)), Value::Json(Some(b))) => json::same(a, b),
        #[cfg(feature = "postgres-array")]
        (Value::Array(_, Some(a)), Value::Array(_, Some(b))) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        #[cfg(feature = "postgres-vector")]
        (Value::Vector(Some(a)), Value::Vector(Some(b))) => {
            let (a, b) = (a.as_slice(), b.as_slice());
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| float::same_f32(*a, *b))
        }
        (Value::Float(Some(a)), Value::Float(Some(b))) => float::same_f32(*a, *b),
        (Value::Double(Some(a)), Value::Double(Some(b))) => float::same_f64(*a, *b),
        (Value::Float(Some(a)), Value::Double(Some(b)))
        | (Value::Double(Some(b)), Value::Float(Some(a))) => float::same_mixed(*a, *b),
        _ => same_family(a, b),
    }
}

/// Values whose kinds differ, but not in what they say, and those that SeaQuery compares well.
fn same_family(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (text(a), text(b)) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (moment(a), moment(b)) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (local(a), local(b)) {
        return a == b;
    }
    #[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return decimal::same(a, b);
    }
    a == b
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::TinyInt(v) => v.map(Into::into),
        Value::SmallInt(v) => v.map(Into::into),
        Value::Int(v) => v.map(Into::into),
        Value::BigInt(v) => v.map(Into::into),
        Value::TinyUnsigned(v) => v.map(Into::into),
        Value::SmallUnsigned(v) => v.map(Into::into),
        Value::Unsigned(v) => v.map(Into::into),
        Value::BigUnsigned(v) => v.map(Into::into),
        _ => None,
    }
}

fn text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        Value::String(v) => v.as_deref().map(Into::into),
        Value::Char(v) => v.map(|c| c.to_string().into()),
        Value::Enum(OptionEnum::Some(v)) => {
            let Enum { value, .. } = v.as_ref();
            Some(value.as_ref().into())
        }
        _ => None,
    }
}

fn moment(value: &Value) -> Option<Stamp> {
    match value {
        Value::ChronoDateTimeUtc(v) => v.as_ref().map(with_chrono::moment),
        Value::ChronoDateTimeLocal(v) => v.as_ref().map(with_chrono::moment),
        Value::ChronoDateTimeWithTimeZone(v) => v.as_ref().map(with_chrono::moment),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(v) => v.map(super::with_time::moment),
        _ => None,
    }
}

/// Dates, times and date-times without zone. They never equal across these three, so each has its own shape.
fn local(value: &Value) -> Option<(Option<i64>, Option<super::stamp::Clock>)> {
    match value {
        Value::ChronoDate(v) => v.map(|v| (Some(with_chrono::days(v)), None)),
        Value::ChronoTime(v) => v.map(|v| (None, Some(with_chrono::clock(v)))),
        Value::ChronoDateTime(v) => v.map(|v| both(with_chrono::stamp(v))),
        #[cfg(feature = "with-time")]
        Value::TimeDate(v) => v.map(|v| (Some(super::with_time::days(v)), None)),
        #[cfg(feature = "with-time")]
        Value::TimeTime(v) => v.map(|v| (None, Some(super::with_time::clock(v)))),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(v) => v.map(|v| both(super::with_time::stamp(v))),
        _ => None,
    }
}

fn both(stamp: Stamp) -> (Option<i64>, Option<super::stamp::Clock>) {
    (Some(stamp.days()), Some(stamp.clock()))
}

#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
fn number(value: &Value) -> Option<Number> {
    match value {
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(v) => v.as_ref().map(decimal::fixed_number),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(v) => v.as_deref().map(decimal::big_number),
        _ => None,
    }
}
