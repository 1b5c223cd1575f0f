//! From a form, canonical or a database's own, to a value.

use sea_orm::{
    Value,
    sea_query::{ArrayType, ColumnType, Enum, OptionEnum},
};
use serde_json::Value as Json;

#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
use super::decimal;
#[cfg(any(feature = "with-ipnetwork", feature = "with-mac_address"))]
use super::network;
#[cfg(feature = "with-time")]
use super::with_time;
use super::{Undecodable, bytes, float, json, number, stamp_text, with_chrono};

/// The value of a column: its definition says whether it is an array or a vector, `ty` the type of a value or element.
///
/// `ty` is asked only where it is needed, because SeaQuery's panics for a vector.
///
/// # Errors
///
/// See [`decode`].
pub(crate) fn decode_column(
    json: &Json,
    column: &ColumnType,
    ty: impl FnOnce() -> ArrayType,
) -> Result<Value, Undecodable> {
    match column {
        ColumnType::Vector(_) => decode_vector(json),
        ColumnType::Array(_) => decode(json, &ty(), true),
        _ => decode(json, &ty(), false),
    }
}

/// The value that a form stands for; `ty` is the type of the value or, if it is an array, of its elements.
///
/// # Errors
///
/// The form is none of the type's, or the enabled features do not cover the type.
pub(crate) fn decode(json: &Json, ty: &ArrayType, is_array: bool) -> Result<Value, Undecodable> {
    // A column may hold an array and not be declared as one; of all types, only JSON has arrays for single values.
    let array = is_array || (json.is_array() && *ty != ArrayType::Json);
    if array {
        decode_array(json, ty)
    } else {
        decode_one(json, ty)
    }
}

fn decode_one(json: &Json, ty: &ArrayType) -> Result<Value, Undecodable> {
    Ok(match ty {
        ArrayType::Bool => Value::Bool(read(json, "a boolean", number::boolean)?),
        ArrayType::TinyInt => Value::TinyInt(read(json, "an 8-bit integer", number::integer)?),
        ArrayType::SmallInt => Value::SmallInt(read(json, "a 16-bit integer", number::integer)?),
        ArrayType::Int => Value::Int(read(json, "a 32-bit integer", number::integer)?),
        ArrayType::BigInt => Value::BigInt(read(json, "a 64-bit integer", number::integer)?),
        ArrayType::TinyUnsigned => {
            Value::TinyUnsigned(read(json, "an unsigned 8-bit integer", number::integer)?)
        }
        ArrayType::SmallUnsigned => {
            Value::SmallUnsigned(read(json, "an unsigned 16-bit integer", number::integer)?)
        }
        ArrayType::Unsigned => {
            Value::Unsigned(read(json, "an unsigned 32-bit integer", number::integer)?)
        }
        ArrayType::BigUnsigned => {
            Value::BigUnsigned(read(json, "an unsigned 64-bit integer", number::integer)?)
        }
        ArrayType::Float => Value::Float(read(json, "a 32-bit float", float::decode_f32)?),
        ArrayType::Double => Value::Double(read(json, "a 64-bit float", float::decode_f64)?),
        ArrayType::String => Value::String(read(json, "text", string)?),
        ArrayType::Enum(name) => Value::Enum(match read(json, "the text of an enum", string)? {
            Some(value) => OptionEnum::Some(Box::new(Enum {
                type_name: name.as_ref().clone(),
                value: value.into(),
            })),
            None => OptionEnum::None(name.as_ref().clone()),
        }),
        ArrayType::Char => Value::Char(read(json, "one character", character)?),
        ArrayType::Bytes => Value::Bytes(read(json, "bytes in hex", bytes::decode)?),
        ArrayType::Json => Value::Json(json::unwrap(json).map(Box::new)),
        ArrayType::ChronoDate => Value::ChronoDate(date(json, with_chrono::to_date)?),
        ArrayType::ChronoTime => Value::ChronoTime(time(json, with_chrono::to_time)?),
        ArrayType::ChronoDateTime => Value::ChronoDateTime(local(json, with_chrono::to_date_time)?),
        ArrayType::ChronoDateTimeUtc => Value::ChronoDateTimeUtc(utc(json, with_chrono::to_utc)?),
        ArrayType::ChronoDateTimeLocal => {
            Value::ChronoDateTimeLocal(utc(json, with_chrono::to_local)?)
        }
        ArrayType::ChronoDateTimeWithTimeZone => {
            Value::ChronoDateTimeWithTimeZone(utc(json, with_chrono::to_fixed)?)
        }
        #[cfg(feature = "with-time")]
        ArrayType::TimeDate => Value::TimeDate(date(json, with_time::to_date)?),
        #[cfg(feature = "with-time")]
        ArrayType::TimeTime => Value::TimeTime(time(json, with_time::to_time)?),
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTime => Value::TimeDateTime(local(json, with_time::to_date_time)?),
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTimeWithTimeZone => {
            Value::TimeDateTimeWithTimeZone(utc(json, with_time::to_offset)?)
        }
        #[cfg(feature = "with-uuid")]
        ArrayType::Uuid => Value::Uuid(read(json, "a uuid", bytes::decode_uuid)?),
        #[cfg(feature = "with-rust_decimal")]
        ArrayType::Decimal => Value::Decimal(read(
            json,
            "a decimal of at most 28 places",
            decimal::decode_fixed,
        )?),
        #[cfg(feature = "with-bigdecimal")]
        ArrayType::BigDecimal => {
            Value::BigDecimal(read(json, "a decimal", decimal::decode_big)?.map(Box::new))
        }
        #[cfg(feature = "with-ipnetwork")]
        ArrayType::IpNetwork => Value::IpNetwork(read(json, "an IP network", network::decode_ip)?),
        #[cfg(feature = "with-mac_address")]
        ArrayType::MacAddress => {
            Value::MacAddress(read(json, "a MAC address", network::decode_mac)?)
        }
        // What the application's features add to SeaORM and ours do not.
        #[allow(unreachable_patterns)]
        other => return Err(Undecodable::variant(other)),
    })
}

#[cfg(feature = "postgres-array")]
fn decode_array(json: &Json, ty: &ArrayType) -> Result<Value, Undecodable> {
    let elements = match json {
        Json::Null => None,
        Json::Array(elements) => {
            let elements: Result<Vec<_>, _> = elements
                .iter()
                .map(|element| decode(element, ty, false))
                .collect();
            Some(Box::new(elements?))
        }
        _ => {
            return Err(Undecodable::Form {
                expected: "an array",
            });
        }
    };
    Ok(Value::Array(ty.clone(), elements))
}

#[cfg(not(feature = "postgres-array"))]
fn decode_array(_: &Json, _: &ArrayType) -> Result<Value, Undecodable> {
    Err(Undecodable::kind("Array".to_owned()))
}

#[cfg(feature = "postgres-vector")]
fn decode_vector(json: &Json) -> Result<Value, Undecodable> {
    Ok(Value::Vector(read(
        json,
        "a vector of 32-bit floats",
        float::decode_vector,
    )?))
}

#[cfg(not(feature = "postgres-vector"))]
fn decode_vector(_: &Json) -> Result<Value, Undecodable> {
    Err(Undecodable::kind("Vector".to_owned()))
}

/// None for null.
fn read<T>(
    json: &Json,
    expected: &'static str,
    read: impl FnOnce(&Json) -> Option<T>,
) -> Result<Option<T>, Undecodable> {
    if json.is_null() {
        return Ok(None);
    }
    read(json).map(Some).ok_or(Undecodable::Form { expected })
}

fn string(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn character(json: &Json) -> Option<char> {
    let mut chars = json.as_str()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn date<T>(json: &Json, to: impl FnOnce(i64) -> Option<T>) -> Result<Option<T>, Undecodable> {
    read(json, "a date", |json| {
        to(stamp_text::parse_date(json.as_str()?)?)
    })
}

fn time<T>(
    json: &Json,
    to: impl FnOnce(super::stamp::Clock) -> Option<T>,
) -> Result<Option<T>, Undecodable> {
    read(json, "a time of day", |json| {
        to(stamp_text::parse_clock(json.as_str()?)?)
    })
}

fn local<T>(
    json: &Json,
    to: impl FnOnce(super::stamp::Stamp) -> Option<T>,
) -> Result<Option<T>, Undecodable> {
    read(json, "a date and time", |json| {
        to(stamp_text::parse_local(json.as_str()?)?)
    })
}

fn utc<T>(
    json: &Json,
    to: impl FnOnce(super::stamp::Stamp) -> Option<T>,
) -> Result<Option<T>, Undecodable> {
    read(json, "a date and time with time zone", |json| {
        to(stamp_text::parse_utc(json.as_str()?)?)
    })
}
