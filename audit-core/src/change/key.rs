//! A record's key as the log writes it.

use sea_orm::{
    ActiveModelTrait, ActiveValue, EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, Value,
};

use crate::{
    audit_log::RECORD_ID_LENGTH,
    audited::Audited,
    change::value,
    error::{Error, Result},
};

/// The key of a model; `entity` is the table's name for errors.
///
/// # Errors
///
/// As [`record_id`].
pub(crate) fn of_model<E: Audited>(entity: &str, model: &E::Model) -> Result<String> {
    let values: Vec<Value> = E::PrimaryKey::iter()
        .map(|key| model.get(key.into_column()))
        .collect();
    record_id(entity, &values)
}

/// The key's values in an active model, or `None` if one of them is not set.
pub(crate) fn values_of_active<A>(active: &A) -> Option<Vec<Value>>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
{
    <A::Entity as EntityTrait>::PrimaryKey::iter()
        .map(|key| match active.get(key.into_column()) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
            ActiveValue::NotSet => None,
        })
        .collect()
}

/// One column gives its plain text, several a JSON array of their canonical values, in key order.
///
/// # Errors
///
/// [`Error::KeyTooLong`], [`Error::Unencodable`].
pub(crate) fn record_id(entity: &str, values: &[Value]) -> Result<String> {
    let text = match values {
        [value] => value::key_text(value).map(Option::unwrap_or_default),
        several => several
            .iter()
            .map(value::key_value)
            .collect::<Result<serde_json::Value, _>>()
            .map(|array| array.to_string()),
    };
    let text = text.map_err(|source| Error::Unencodable {
        entity: entity.to_owned(),
        column: "(primary key)",
        source,
    })?;
    let length = text.chars().count();
    if length > RECORD_ID_LENGTH {
        return Err(Error::KeyTooLong {
            entity: entity.to_owned(),
            length,
            limit: RECORD_ID_LENGTH,
        });
    }
    Ok(text)
}
