//! From a value to its canonical form.

use sea_orm::{Value, sea_query::OptionEnum};
use serde_json::Value as Json;

#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
use super::decimal;
#[cfg(feature = "with-mac_address")]
use super::network;
#[cfg(feature = "with-time")]
use super::with_time;
use super::{Unencodable, bytes, float, json, stamp_text, with_chrono};

/// The canonical form of a value.
///
/// # Errors
///
/// The value's kind is behind a feature of SeaORM that this crate has not been built with, or does not know, or it is
/// JSON that nobody could read back.
pub(crate) fn encode(value: &Value) -> Result<Json, Unencodable> {
    let form = encode_any(value)?;
    if json::is_too_deep(&form) {
        return Err(Unencodable::too_deep());
    }
    Ok(form)
}

fn encode_any(value: &Value) -> Result<Json, Unencodable> {
    Ok(match value {
        Value::Bool(v) => form(v, |v| Json::from(*v)),
        Value::TinyInt(v) => form(v, |v| Json::from(*v)),
        Value::SmallInt(v) => form(v, |v| Json::from(*v)),
        Value::Int(v) => form(v, |v| Json::from(*v)),
        Value::BigInt(v) => form(v, |v| Json::from(*v)),
        Value::TinyUnsigned(v) => form(v, |v| Json::from(*v)),
        Value::SmallUnsigned(v) => form(v, |v| Json::from(*v)),
        Value::Unsigned(v) => form(v, |v| Json::from(*v)),
        Value::BigUnsigned(v) => form(v, |v| Json::from(*v)),
        Value::Float(v) => form(v, |v| float::encode_f32(*v)),
        Value::Double(v) => form(v, |v| float::encode_f64(*v)),
        Value::String(v) => form(v, |v| Json::from(v.as_str())),
        Value::Char(v) => form(v, |v| Json::from(v.to_string())),
        Value::Enum(OptionEnum::Some(v)) => Json::from(v.value.as_ref()),
        Value::Enum(OptionEnum::None(_)) => Json::Null,
        Value::Bytes(v) => form(v, |v| Json::from(bytes::hex(v))),
        Value::Json(v) => form(v, |v| json::wrap(v)),
        Value::ChronoDate(v) => text(v, |v| stamp_text::date(with_chrono::days(*v))),
        Value::ChronoTime(v) => text(v, |v| stamp_text::clock(with_chrono::clock(*v))),
        Value::ChronoDateTime(v) => text(v, |v| stamp_text::local(with_chrono::stamp(*v))),
        Value::ChronoDateTimeUtc(v) => text(v, |v| stamp_text::utc(with_chrono::moment(v))),
        Value::ChronoDateTimeLocal(v) => text(v, |v| stamp_text::utc(with_chrono::moment(v))),
        Value::ChronoDateTimeWithTimeZone(v) => {
            text(v, |v| stamp_text::utc(with_chrono::moment(v)))
        }
        #[cfg(feature = "with-time")]
        Value::TimeDate(v) => text(v, |v| stamp_text::date(with_time::days(*v))),
        #[cfg(feature = "with-time")]
        Value::TimeTime(v) => text(v, |v| stamp_text::clock(with_time::clock(*v))),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(v) => text(v, |v| stamp_text::local(with_time::stamp(*v))),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(v) => text(v, |v| stamp_text::utc(with_time::moment(*v))),
        #[cfg(feature = "with-uuid")]
        Value::Uuid(v) => text(v, |v| v.hyphenated().to_string()),
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(v) => text(v, |v| decimal::fixed_number(v).plain()),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(v) => text(v, |v| decimal::big_number(v).plain()),
        Value::Array(_, None) => Json::Null,
        Value::Array(_, Some(elements)) => {
            Json::Array(elements.iter().map(encode_any).collect::<Result<_, _>>()?)
        }
        #[cfg(feature = "postgres-vector")]
        Value::Vector(v) => form(v, float::encode_vector),
        #[cfg(feature = "with-ipnetwork")]
        Value::IpNetwork(v) => text(v, ToString::to_string),
        #[cfg(feature = "with-mac_address")]
        Value::MacAddress(v) => text(v, |v| network::mac(*v)),
        // What the application's features add to SeaORM and ours do not.
        #[allow(unreachable_patterns)]
        other => return Err(Unencodable::variant(other)),
    })
}

fn form<T>(value: &Option<T>, encode: impl FnOnce(&T) -> Json) -> Json {
    value.as_ref().map_or(Json::Null, encode)
}

fn text<T>(value: &Option<T>, encode: impl FnOnce(&T) -> String) -> Json {
    form(value, |value| Json::from(encode(value)))
}
