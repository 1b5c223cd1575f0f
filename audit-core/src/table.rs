//! An audited entity without its type, and the list of all of them.

use std::{any::TypeId, collections::HashMap, fmt, marker::PhantomData, sync::LazyLock};

use sea_orm::{
    ColumnTrait, DbBackend, DbErr, FromQueryResult, IdenStatic, Iterable, PrimaryKeyToColumn,
    PrimaryKeyTrait, QueryResult, QueryTrait, TryGetableMany, Value,
    sea_query::{Condition, IntoValueTuple, Order, SelectStatement, TableName, TableRef},
};

use crate::{
    audited::{Audited, Capture, Options},
    backend::Backend,
    change::{image::Image, key, values::Rules},
    describe::{self, TableDescription},
    error::Result,
};

/// A look at a row: which record it is, and its audited columns.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) record_id: String,
    pub(crate) image: Image,
}

/// An audited entity without its type, so that what records a change need not know it.
pub(crate) trait Table: fmt::Debug + Sync {
    fn id(&self) -> TypeId;

    /// The schema that the entity names.
    fn schema(&self) -> Option<String>;

    fn name(&self) -> &'static str;

    fn table_ref(&self) -> TableRef;

    fn options(&self) -> Options;

    /// What a generator of triggers needs to know.
    fn describe(&self, backend: DbBackend) -> TableDescription;

    fn rules(&self) -> Rules;

    /// A query for whole rows, as SeaORM reads them.
    fn select(&self) -> SelectStatement;

    /// All columns, in the model's order.
    fn columns(&self) -> Vec<&'static str>;

    /// The columns of the key, in key order.
    fn key_columns(&self) -> Vec<&'static str>;

    /// A condition that only the row with this key meets.
    fn key_is(&self, key: &[Value]) -> Condition;

    /// A condition that the rows with these keys meet.
    fn key_in(&self, keys: &[Vec<Value>]) -> Condition;

    /// A condition that the rows after this key meet, in the order of [`order_by_key`](Self::order_by_key).
    fn key_after(&self, key: &[Value]) -> Condition;

    /// Orders a query for rows by their key.
    fn order_by_key(&self, select: &mut SelectStatement);

    /// The key in a row that has at least its columns.
    fn key_of(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr>;

    /// The record and its columns in a row that has them all; `entity` is the table's name for errors.
    fn see(&self, entity: &str, row: &QueryResult) -> Result<Seen, DbErr>;
}

/// The table's name as the log writes it: with its schema unless that is the default one.
pub(crate) fn entity_name(table: &dyn Table, backend: &dyn Backend) -> String {
    match table.schema() {
        Some(schema) if Some(schema.as_str()) != backend.default_schema() => {
            format!("{schema}.{}", table.name())
        }
        _ => table.name().to_owned(),
    }
}

/// The entity `E` without its type.
pub(crate) const fn of<E: Audited>() -> &'static dyn Table {
    const { &TableOf::<E>(PhantomData) }
}

struct TableOf<E>(PhantomData<fn() -> E>);

impl<E: Audited> Table for TableOf<E> {
    fn id(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn schema(&self) -> Option<String> {
        E::default().schema_name().map(str::to_owned)
    }

    fn name(&self) -> &'static str {
        E::default().table_name()
    }

    fn table_ref(&self) -> TableRef {
        E::default().table_ref()
    }

    fn options(&self) -> Options {
        E::OPTIONS
    }

    fn describe(&self, backend: DbBackend) -> TableDescription {
        describe::describe::<E>(backend)
    }

    fn rules(&self) -> Rules {
        Rules::of::<E>()
    }

    fn select(&self) -> SelectStatement {
        E::find().into_query()
    }

    fn columns(&self) -> Vec<&'static str> {
        E::Column::iter().map(|column| column.as_str()).collect()
    }

    fn key_columns(&self) -> Vec<&'static str> {
        E::PrimaryKey::iter()
            .map(|key| key.into_column().as_str())
            .collect()
    }

    fn key_is(&self, key: &[Value]) -> Condition {
        E::PrimaryKey::iter()
            .zip(key)
            .fold(Condition::all(), |condition, (column, value)| {
                condition.add(column.into_column().eq(value.clone()))
            })
    }

    fn key_in(&self, keys: &[Vec<Value>]) -> Condition {
        let columns: Vec<E::Column> = E::PrimaryKey::iter().map(|key| key.into_column()).collect();
        match columns.as_slice() {
            [column] => Condition::all().add(column.is_in(keys.iter().flatten().cloned())),
            _ => keys
                .iter()
                .fold(Condition::any(), |any, key| any.add(self.key_is(key))),
        }
    }

    fn key_after(&self, key: &[Value]) -> Condition {
        // (a, b) > (x, y) is a > x OR (a = x AND b > y); not every database compares rows, or uses an index for it.
        let mut equal = Condition::all();
        let mut after = Condition::any();
        for (column, value) in E::PrimaryKey::iter().zip(key) {
            let column = column.into_column();
            after = after.add(equal.clone().add(column.gt(value.clone())));
            equal = equal.add(column.eq(value.clone()));
        }
        after
    }

    fn order_by_key(&self, select: &mut SelectStatement) {
        for key in E::PrimaryKey::iter() {
            select.order_by(key.into_column().as_column_ref(), Order::Asc);
        }
    }

    fn key_of(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let columns: Vec<String> = self.key_columns().into_iter().map(str::to_owned).collect();
        let key = <E::PrimaryKey as PrimaryKeyTrait>::ValueType::try_get_many(row, "", &columns)?;
        Ok(key.into_value_tuple().into_iter().collect())
    }

    fn see(&self, entity: &str, row: &QueryResult) -> Result<Seen, DbErr> {
        let model = E::Model::from_query_result(row, "")?;
        Ok(Seen {
            record_id: key::of_model::<E>(entity, &model)?,
            image: Image::of::<E>(&model),
        })
    }
}

impl<E: Audited> fmt::Debug for TableOf<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An audited entity as the derive registers it.
#[derive(Debug)]
pub struct RegisteredTable(&'static dyn Table);

impl RegisteredTable {
    /// The entity `E`.
    #[must_use]
    pub const fn of<E: Audited>() -> Self {
        Self(of::<E>())
    }
}

inventory::collect!(RegisteredTable);

/// All audited tables of the program by name; several schemas may have a table of one name.
static TABLES: LazyLock<HashMap<&'static str, Vec<&'static dyn Table>>> = LazyLock::new(|| {
    let mut tables = HashMap::<_, Vec<_>>::new();
    for RegisteredTable(table) in inventory::iter::<RegisteredTable> {
        tables.entry(table.name()).or_default().push(*table);
    }
    tables
});

/// Whether any table of the program is captured by triggers; nothing is done for the database's sake where none is.
pub(crate) fn any_by_trigger() -> bool {
    static ANY: LazyLock<bool> =
        LazyLock::new(|| all().any(|table| table.options().capture == Capture::Trigger));
    *ANY
}

/// The entity that has this table captured by triggers, where one does: the table's own, or another of the same table.
///
/// Triggers see every write to a table, whichever entity it goes through, so one word of one entity decides for all. Where
/// the default schema is not known, two entities have the same table if they name the same schema or neither names one.
pub(crate) fn by_trigger(
    table: &'static dyn Table,
    backend: &dyn Backend,
) -> Option<&'static dyn Table> {
    let says_so = |table: &dyn Table| table.options().capture == Capture::Trigger;
    if says_so(table) {
        return Some(table);
    }
    if !any_by_trigger() {
        return None;
    }
    let schema = |table: &dyn Table| {
        let own = table.schema();
        own.or_else(|| backend.default_schema().map(str::to_owned))
    };
    let mut of_this_name = TABLES.get(table.name()).into_iter().flatten().copied();
    of_this_name.find(|other| says_so(*other) && schema(*other) == schema(table))
}

/// All audited tables of the program.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Table> {
    TABLES.values().flatten().copied()
}

/// The audited tables that a statement may mean: several where entities share a table's name.
///
/// Where the default schema is not known, a name without a schema may mean any, and is taken to mean an audited one.
pub(crate) fn find(name: &TableName, backend: &dyn Backend) -> Vec<&'static dyn Table> {
    let TableName(schema, table) = name;
    let default = backend.default_schema();
    let schema = schema.as_ref().map(|schema| schema.1.to_string());
    let schema = schema.as_deref().or(default);
    let of_this_name = TABLES.get(table.to_string().as_str());
    let candidates = of_this_name.into_iter().flatten().copied();
    candidates
        .filter(|candidate| {
            let own = candidate.schema();
            let own = own.as_deref().or(default);
            own == schema || own.is_none() || schema.is_none()
        })
        .collect()
}
