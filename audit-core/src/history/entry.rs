//! Reading one entry.

use std::{collections::BTreeMap, fmt};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IdenStatic, Iterable, ModelTrait, TryIntoModel,
};
use serde_json::{Map, Value};

use crate::{
    audit_log::{Action, Model, REDACTED},
    audited::Audited,
    change::value,
    error::{Error, Result},
};

/// One column of an entry, before and after.
///
/// A side is `None` where the entry does not hold it: before a create, after a delete. A null is `Some(Value::Null)`.
/// A redacted column says `"[redacted]"` on both sides.
/// It prints as `"4.50" -> "3.90"`, with `()` for a side that is not there.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FieldChange<'a> {
    /// The canonical value before.
    pub old: Option<&'a Value>,
    /// The canonical value after.
    pub new: Option<&'a Value>,
}

impl fmt::Display for FieldChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: Option<&Value>| value.map_or_else(|| "()".to_owned(), Value::to_string);
        write!(f, "{} -> {}", side(self.old), side(self.new))
    }
}

/// As it displays: the derived form takes ten lines a column.
impl fmt::Debug for FieldChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Model {
    /// The columns that changed, each with its canonical value before and after.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadableEntry`] if the entry holds what this version does not understand.
    ///
    /// # Example
    ///
    /// ```
    /// # use sea_orm::EntityTrait;
    /// # use sea_orm_audit::audit_log;
    /// fn print(entry: &audit_log::Model) -> Result<(), sea_orm_audit::Error> {
    ///     for (column, change) in entry.changes()? {
    ///         println!("{column}: {change}");
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn changes(&self) -> Result<BTreeMap<&str, FieldChange<'_>>> {
        let (old, new) = self.images()?;
        let columns = [old, new].into_iter().flatten().flat_map(Map::keys);
        let changes = columns.map(|column| {
            let change = FieldChange {
                old: old.and_then(|image| image.get(column)),
                new: new.and_then(|image| image.get(column)),
            };
            (column.as_str(), change)
        });
        Ok(changes
            .filter(|(_, change)| change.old != change.new || change.old.is_some_and(is_redacted))
            .collect())
    }

    /// The row before the change, or `None` where there was none.
    ///
    /// # Errors
    ///
    /// [`Error::WrongEntity`], [`Error::PartialImage`] where the entry does not hold the whole row (an update, unless the
    /// entity says `values = "full"`; any entry of an entity with excluded or redacted columns),
    /// [`Error::UnreadableEntry`], [`Error::UnreadableValue`].
    pub fn old<E>(&self) -> Result<Option<E::Model>>
    where
        E: Audited,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let (old, _) = self.images()?;
        old.map(|image| self.model::<E>(image)).transpose()
    }

    /// The row after the change, or `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`old`](Self::old).
    pub fn new<E>(&self) -> Result<Option<E::Model>>
    where
        E: Audited,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let (_, new) = self.images()?;
        new.map(|image| self.model::<E>(image)).transpose()
    }

    /// Both images, if they are what an entry of this action holds.
    fn images(&self) -> Result<(Option<&Map<String, Value>>, Option<&Map<String, Value>>)> {
        let old = self.image(
            self.old_values.as_ref(),
            "`old_values` is not a JSON object",
        )?;
        let new = self.image(
            self.new_values.as_ref(),
            "`new_values` is not a JSON object",
        )?;
        let reason = match (&self.action, old, new) {
            (Action::Create, None, Some(_))
            | (Action::Update, _, Some(_))
            | (Action::Delete, Some(_), None) => {
                return Ok((old, new));
            }
            (Action::Create, ..) => "a create holds `new_values` and no `old_values`",
            (Action::Update, ..) => "an update holds `new_values`",
            (Action::Delete, ..) => "a delete holds `old_values` and no `new_values`",
            (Action::Unknown(_), ..) => "its `action` is unknown",
        };
        Err(self.unreadable(reason))
    }

    fn image<'a>(
        &self,
        values: Option<&'a Value>,
        reason: &'static str,
    ) -> Result<Option<&'a Map<String, Value>>> {
        match values {
            None => Ok(None),
            Some(Value::Object(image)) => Ok(Some(image)),
            Some(_) => Err(self.unreadable(reason)),
        }
    }

    fn unreadable(&self, reason: &'static str) -> Error {
        Error::UnreadableEntry {
            id: self.id,
            reason,
        }
    }

    fn model<E>(&self, image: &Map<String, Value>) -> Result<E::Model>
    where
        E: Audited,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        self.check_entity::<E>()?;
        let mut active = <E::ActiveModel as ActiveModelTrait>::default();
        let mut missing = Vec::new();
        for column in E::Column::iter() {
            let name = column.as_str();
            match image.get(name) {
                Some(value) if !(is_redacted(value) && redacts::<E>(name)) => {
                    let unreadable = |source| Error::UnreadableValue {
                        id: self.id,
                        entity: self.entity.clone(),
                        column: name.to_owned(),
                        source,
                    };
                    let definition = column.def();
                    let ty = || E::Model::get_value_type(column);
                    let value = value::decode_column(value, definition.get_column_type(), ty)
                        .map_err(|err| unreadable(Some(err)))?;
                    active
                        .try_set(column, value)
                        .map_err(|_| unreadable(None))?;
                }
                _ => missing.push(name.to_owned()),
            }
        }
        let partial = |columns| Error::PartialImage {
            id: self.id,
            columns,
        };
        if !missing.is_empty() {
            return Err(partial(missing));
        }
        // Every column is set, so this cannot fail.
        active.try_into_model().map_err(|_| partial(missing))
    }

    /// The entry may name the schema, and which one is the default is not known here.
    fn check_entity<E: EntityTrait>(&self) -> Result<()> {
        let entity = E::default();
        let table = entity.table_name();
        let qualified = entity
            .schema_name()
            .map(|schema| format!("{schema}.{table}"));
        if self.entity == table || Some(&self.entity) == qualified.as_ref() {
            return Ok(());
        }
        Err(Error::WrongEntity {
            id: self.id,
            expected: qualified.unwrap_or_else(|| table.to_owned()),
            found: self.entity.clone(),
        })
    }
}

fn is_redacted(value: &Value) -> bool {
    value.as_str() == Some(REDACTED)
}

fn redacts<E: Audited>(column: &str) -> bool {
    E::REDACTED
        .iter()
        .any(|redacted| redacted.as_str() == column)
}
