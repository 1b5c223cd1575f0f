//! A value as (part of) a record's key: equal keys have equal text.

use sea_orm::Value;
use serde_json::Value as Json;

#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
use super::decimal;
use super::{Unencodable, encode, json};

/// The plain text of a key of one column, none for NULL.
///
/// # Errors
///
/// See [`encode`](super::encode()).
pub(crate) fn key_text(value: &Value) -> Result<Option<String>, Unencodable> {
    Ok(match key_value(value)? {
        Json::Null => None,
        // Of a JSON column, text and number must stay apart: `"1"` and `1` are two keys.
        Json::String(text) if !matches!(value, Value::Json(_)) => Some(text),
        form => Some(form.to_string()),
    })
}

/// One part of a composite key: the canonical form, and the same for equal values.
///
/// # Errors
///
/// See [`encode`](super::encode()).
pub(crate) fn key_value(value: &Value) -> Result<Json, Unencodable> {
    match value {
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(Some(v)) => Ok(Json::from(decimal::normal(decimal::fixed_number(v)))),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(Some(v)) => Ok(Json::from(decimal::normal(decimal::big_number(v)))),
        #[cfg(feature = "postgres-array")]
        Value::Array(_, Some(elements)) => elements.iter().map(key_value).collect(),
        Value::Json(_) => Ok(json::normal(&encode(value)?)),
        _ => encode(value),
    }
}
