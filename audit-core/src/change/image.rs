//! One state of a row.

use std::fmt;

use sea_orm::{IdenStatic, Iterable, ModelTrait, Value};

use crate::{audited::Audited, change::value};

/// The values of a row's audited columns, in the order of its columns.
///
/// It is made without the excluded columns, so that their values are nowhere from the start.
#[derive(Clone, PartialEq)]
pub(crate) struct Image(Vec<(&'static str, Value)>);

impl Image {
    pub(crate) fn of<E: Audited>(model: &E::Model) -> Self {
        Self(
            audited_columns::<E>()
                .map(|column| (column.as_str(), model.get(column)))
                .collect(),
        )
    }

    #[cfg(test)]
    pub(crate) fn from_values(values: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self(values.into_iter().collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(column, value)| (*column, value))
    }

    #[cfg(test)]
    pub(crate) fn get(&self, column: &str) -> Option<&Value> {
        self.iter()
            .find(|(name, _)| *name == column)
            .map(|(_, value)| value)
    }

    /// Whether all columns have the same values.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|((a, x), (b, y))| a == b && value::same(x, y))
    }
}

/// The columns of `E` that the log may hold.
pub(crate) fn audited_columns<E: Audited>() -> impl Iterator<Item = E::Column> {
    E::Column::iter().filter(|column| !names::<E>(E::EXCLUDED).any(|name| name == column.as_str()))
}

/// The names of columns: a `Column` need not be comparable itself.
pub(crate) fn names<E: Audited>(columns: &[E::Column]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(IdenStatic::as_str)
}

/// The values may be secret, the columns are not.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(column, _)| column))
            .finish()
    }
}
