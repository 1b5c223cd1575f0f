//! What triggers are made from.

use sea_orm_audit::{
    __private::{ColumnDescription, Hiding, Kind, TableDescription},
    Audited, Capture, Values,
};
use sea_orm_migration::sea_orm::DbBackend;

/// A table whose changes triggers record, described by its entity or written out.
///
/// [`TriggerTable::of`] takes everything from an entity. A migration that must not change when the entity does writes the
/// same out:
///
/// ```
/// use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
///
/// let product = TriggerTable::named("product")
///     .key("id", Kind::Integer)
///     .column("name", Kind::Text)
///     .column("price", Kind::Decimal)
///     .redacted("supplier_key", Kind::Text)
///     .excluded("updated_at");
/// ```
///
/// The kinds say how values are written in the log where a database's type alone does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TriggerTable(pub(crate) TableDescription);

impl TriggerTable {
    /// The table of an entity, with its options; `backend` is the database that the triggers are for.
    pub fn of<E: Audited>(backend: DbBackend) -> Self {
        Self(sea_orm_audit::__private::describe::<E>(backend))
    }

    /// A table without columns yet; `schema.table` where it is outside of the default schema.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let (schema, name) = match name.split_once('.') {
            Some((schema, table)) => (Some(schema.to_owned()), table.to_owned()),
            None => (None, name),
        };
        Self(TableDescription {
            schema,
            name,
            columns: Vec::new(),
            key: Vec::new(),
            capture: Capture::Trigger,
            log: sea_orm_audit::audit_log::TABLE.to_owned(),
            values: Values::Changed,
            require_actor: false,
        })
    }

    /// Adds a column of the key; several are in the order of the calls.
    pub fn key(mut self, name: impl Into<String>, kind: Kind) -> Self {
        let name = name.into();
        self.0.key.push(name.clone());
        self.column(name, kind)
    }

    /// Adds a column.
    pub fn column(self, name: impl Into<String>, kind: Kind) -> Self {
        self.add(name.into(), Some(kind), None)
    }

    /// Adds a column of which the log says that it changed, and not from what to what.
    pub fn redacted(self, name: impl Into<String>, kind: Kind) -> Self {
        self.add(name.into(), Some(kind), Some(Hiding::Redacted))
    }

    /// Adds a column that is nowhere in the log.
    pub fn excluded(self, name: impl Into<String>) -> Self {
        self.add(name.into(), None, Some(Hiding::Excluded))
    }

    fn add(mut self, name: String, kind: Option<Kind>, hiding: Option<Hiding>) -> Self {
        self.0.columns.push(ColumnDescription {
            name,
            kind,
            read_as: None,
            hiding,
        });
        self
    }

    /// Writes to another log than `audit_log`; `schema.table` is understood.
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.0.log = log.into();
        self
    }

    /// Keeps whole rows or changed columns on an update.
    pub fn values(mut self, values: Values) -> Self {
        self.0.values = values;
        self
    }

    /// Refuses writes without an actor.
    pub fn require_actor(mut self) -> Self {
        self.0.require_actor = true;
        self
    }

    /// The table's name as messages have it.
    pub(crate) fn display(&self) -> String {
        match &self.0.schema {
            Some(schema) => format!("{schema}.{}", self.0.name),
            None => self.0.name.clone(),
        }
    }

    /// The columns that the log may hold.
    pub(crate) fn audited(&self) -> impl Iterator<Item = &ColumnDescription> {
        self.0
            .columns
            .iter()
            .filter(|column| column.hiding != Some(Hiding::Excluded))
    }
}
