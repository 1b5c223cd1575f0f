//! stub until the real one is merged
use sea_orm::Value;
use sea_orm::sea_query::ArrayType;
#[derive(Debug, thiserror::Error)]
#[error("unencodable")]
pub struct Unencodable;
#[derive(Debug, thiserror::Error)]
#[error("undecodable")]
pub struct Undecodable;
pub(crate) fn encode(v: &Value) -> Result<serde_json::Value, Unencodable> {
    Ok(match v {
        Value::Int(Some(i)) => (*i).into(),
        Value::BigInt(Some(i)) => (*i).into(),
        Value::String(Some(s)) => s.clone().into(),
        _ => serde_json::Value::Null,
    })
}
pub(crate) fn decode(
    _j: &serde_json::Value,
    _t: &ArrayType,
    _a: bool,
) -> Result<Value, Undecodable> {
    Err(Undecodable)
}
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    a == b
}
pub(crate) fn key_text(v: &Value) -> Result<Option<String>, Unencodable> {
    Ok(match encode(v)? {
        serde_json::Value::String(s) => Some(s),
        o => Some(o.to_string()),
    })
}
pub(crate) fn key_value(v: &Value) -> Result<serde_json::Value, Unencodable> {
    encode(v)
}
