//! From two images to an entry's `old_values` and `new_values`.

use sea_orm::Value;
use serde_json::Map;

use crate::{
    audit_log::{Action, REDACTED},
    audited::{Audited, Values},
    change::{
        image::{Image, names},
        value::{self, Unencodable},
    },
};

type Object = Map<String, serde_json::Value>;

/// What happened to a row, as seen by two looks at it.
#[derive(Debug)]
pub(crate) enum Change {
    Create(Image),
    Update {
        /// `None` where nobody saw the row before.
        old: Option<Image>,
        new: Image,
    },
    Delete(Image),
}

/// The part of an entry that the change alone decides.
#[derive(Debug, PartialEq)]
pub(crate) struct EntryValues {
    pub(crate) action: Action,
    pub(crate) old: Option<Object>,
    pub(crate) new: Option<Object>,
}

/// How images become values; the part of an entity's options that is needed for it.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) values: Values,
    pub(crate) redacted: Vec<&'static str>,
}

impl Rules {
    pub(crate) fn of<E: Audited>() -> Self {
        Self {
            values: E::OPTIONS.values,
            redacted: names::<E>(E::REDACTED).collect(),
        }
    }

    /// The values of an entry, or `None` where no audited column changed.
    pub(crate) fn entry_values(
        &self,
        change: &Change,
    ) -> Result<Option<EntryValues>, UnencodableColumn> {
        Ok(Some(match change {
            Change::Create(new) => EntryValues {
                action: Action::Create,
                old: None,
                new: Some(self.whole(new)?),
            },
            Change::Delete(old) => EntryValues {
                action: Action::Delete,
                old: Some(self.whole(old)?),
                new: None,
            },
            Change::Update { old: None, new } => EntryValues {
                action: Action::Update,
                old: None,
                new: Some(self.whole(new)?),
            },
            Change::Update {
                old: Some(old),
                new,
            } => return self.update(old, new),
        }))
    }

    fn whole(&self, image: &Image) -> Result<Object, UnencodableColumn> {
        image
            .iter()
            .map(|(column, value)| Ok((column.to_owned(), self.value(column, value)?)))
            .collect()
    }

    fn update(&self, old: &Image, new: &Image) -> Result<Option<EntryValues>, UnencodableColumn> {
        let (mut before, mut after) = (Object::new(), Object::new());
        let mut changed = false;
        for ((column, was), (_, is)) in old.iter().zip(new.iter()) {
            let differs = !value::same(was, is);
            changed |= differs;
            if differs {
                before.insert(column.to_owned(), self.value(column, was)?);
                after.insert(column.to_owned(), self.value(column, is)?);
            } else if self.values == Values::Full && !self.redacted.contains(&column) {
                // Equal values may have several texts, 1.10 and 1.1; one text on both sides says: no change.
                // A redacted column has one text for all values, so it stands in an update only where it changed.
                let same = self.value(column, was)?;
                before.insert(column.to_owned(), same.clone());
                after.insert(column.to_owned(), same);
            }
        }
        Ok(changed.then_some(EntryValues {
            action: Action::Update,
            old: Some(before),
            new: Some(after),
        }))
    }

    /// The canonical value, or that it is redacted, whatever it is.
    pub(crate) fn value(
        &self,
        column: &'static str,
        value: &Value,
    ) -> Result<serde_json::Value, UnencodableColumn> {
        if self.redacted.contains(&column) {
            return Ok(REDACTED.into());
        }
        value::encode(value).map_err(|source| UnencodableColumn { column, source })
    }
}

/// A column whose value has no canonical form.
#[derive(Debug)]
pub(crate) struct UnencodableColumn {
    pub(crate) column: &'static str,
    pub(crate) source: Unencodable,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(name: &str, secret: &str) -> Image {
        Image::from_values([
            ("id", Value::from(1)),
            ("name", Value::from(name)),
            ("secret", Value::from(secret)),
        ])
    }

    fn rules(values: Values) -> Rules {
        Rules {
            values,
            redacted: vec!["secret"],
        }
    }

    fn of(
        values: Values,
        change: &Change,
    ) -> Option<(Action, serde_json::Value, serde_json::Value)> {
        let entry = rules(values).entry_values(change).unwrap()?;
        Some((entry.action, json!(entry.old), json!(entry.new)))
    }

    fn update(old: Image, new: Image) -> Change {
        Change::Update {
            old: Some(old),
            new,
        }
    }

    #[test]
    fn a_create_holds_the_whole_row_and_no_secret() {
        assert_eq!(
            of(Values::Changed, &Change::Create(row("a", "s"))),
            Some((
                Action::Create,
                json!(null),
                json!({"id": 1, "name": "a", "secret": "[redacted]"})
            ))
        );
    }

    #[test]
    fn a_delete_holds_the_whole_row_and_no_secret() {
        assert_eq!(
            of(Values::Changed, &Change::Delete(row("a", "s"))),
            Some((
                Action::Delete,
                json!({"id": 1, "name": "a", "secret": "[redacted]"}),
                json!(null)
            ))
        );
    }

    #[test]
    fn an_update_holds_the_changed_columns() {
        assert_eq!(
            of(Values::Changed, &update(row("a", "s"), row("b", "s"))),
            Some((Action::Update, json!({"name": "a"}), json!({"name": "b"})))
        );
    }

    #[test]
    fn a_changed_secret_is_seen_to_change_and_no_more() {
        for values in [Values::Changed, Values::Full] {
            let (_, old, new) = of(values, &update(row("a", "s"), row("a", "longer"))).unwrap();
            assert_eq!(old["secret"], json!("[redacted]"));
            assert_eq!(new["secret"], json!("[redacted]"));
            let (_, old, _) = of(values, &update(row("a", "s"), row("b", "s"))).unwrap();
            assert!(old.get("secret").is_none());
        }
    }

    #[test]
    fn full_values_hold_the_unchanged_columns_too() {
        assert_eq!(
            of(Values::Full, &update(row("a", "s"), row("b", "s"))),
            Some((
                Action::Update,
                json!({"id": 1, "name": "a"}),
                json!({"id": 1, "name": "b"})
            ))
        );
    }

    #[test]
    fn equal_rows_make_no_entry() {
        for values in [Values::Changed, Values::Full] {
            assert_eq!(of(values, &update(row("a", "s"), row("a", "s"))), None);
        }
    }

    #[test]
    fn an_update_whose_old_state_nobody_saw_holds_the_whole_new_row() {
        let unseen = Change::Update {
            old: None,
            new: row("b", "s"),
        };
        assert_eq!(
            of(Values::Changed, &unseen),
            Some((
                Action::Update,
                json!(null),
                json!({"id": 1, "name": "b", "secret": "[redacted]"})
            ))
        );
    }
}
