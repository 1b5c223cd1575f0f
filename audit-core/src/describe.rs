//! An audited entity as data, for those who generate triggers from it.

use sea_orm::{
    ColumnTrait, DbBackend, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, StatementBuilder,
    sea_query::{Alias, ArrayType, ColumnType, Expr, Query},
};

use crate::{
    audited::{Audited, Capture, Values},
    change::image::names,
    table,
};

/// What stands for the column in [`ColumnDescription::read_as`].
const PLACEHOLDER: &str = "audit_column";

/// An audited table and the options of its entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDescription {
    /// The schema that the entity names.
    pub schema: Option<String>,
    /// The table's name.
    pub name: String,
    /// All columns, in the model's order.
    pub columns: Vec<ColumnDescription>,
    /// The columns of the key, in key order.
    pub key: Vec<String>,
    /// How its changes are captured.
    pub capture: Capture,
    /// The log, as `#[audited(log = "..")]` has it.
    pub log: String,
    /// What the entry of an update holds.
    pub values: Values,
    /// Whether a write without an actor is refused.
    pub require_actor: bool,
}

/// A column of an audited table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Its name.
    pub name: String,
    /// What it holds; `None` for a type that no feature of this crate covers.
    pub kind: Option<Kind>,
    /// How SeaORM reads it where it does not read it as it is: SQL in which the column is called `"audit_column"`, quoted in
    /// the database's way.
    pub read_as: Option<String>,
    /// Whether it is kept out of the log.
    pub hiding: Option<Hiding>,
}

/// What is kept out of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// The column is nowhere.
    Excluded,
    /// That it changed is recorded, its value is not.
    Redacted,
}

/// What a column holds, as the entity's Rust type has it.
///
/// It decides how a value is written in the log where the database's type alone does not: a `bool` in a `tinyint`, a
/// `Uuid` in a `binary(16)`, a moment in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `bool`.
    Bool,
    /// Integers of any size.
    Integer,
    /// `f32`.
    Float,
    /// `f64`.
    Double,
    /// `Decimal` and `BigDecimal`.
    Decimal,
    /// `String`, `char`, and enums that are kept as text.
    Text,
    /// `Vec<u8>`.
    Bytes,
    /// `Uuid`.
    Uuid,
    /// `Json`.
    Json,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time without zone.
    DateTime,
    /// A moment: a date and time with zone.
    Timestamp,
    /// `IpNetwork`.
    IpNetwork,
    /// `MacAddress`.
    MacAddress,
    /// `PgVector`.
    Vector,
    /// An array of these.
    Array(Box<Kind>),
}

impl Kind {
    fn of_column(column: &ColumnType, ty: impl FnOnce() -> ArrayType) -> Option<Self> {
        match column {
            // SeaQuery has no type for its elements, and panics when asked.
            ColumnType::Vector(_) => Some(Self::Vector),
            ColumnType::Array(_) => Some(Self::Array(Box::new(Self::of_value(&ty())?))),
            _ => Self::of_value(&ty()),
        }
    }

    fn of_value(ty: &ArrayType) -> Option<Self> {
        Some(match ty {
            ArrayType::Bool => Self::Bool,
            ArrayType::TinyInt
            | ArrayType::SmallInt
            | ArrayType::Int
            | ArrayType::BigInt
            | ArrayType::TinyUnsigned
            | ArrayType::SmallUnsigned
            | ArrayType::Unsigned
            | ArrayType::BigUnsigned => Self::Integer,
            ArrayType::Float => Self::Float,
            ArrayType::Double => Self::Double,
            ArrayType::String | ArrayType::Enum(_) | ArrayType::Char => Self::Text,
            ArrayType::Bytes => Self::Bytes,
            ArrayType::Json => Self::Json,
            ArrayType::ChronoDate => Self::Date,
            ArrayType::ChronoTime => Self::Time,
            ArrayType::ChronoDateTime => Self::DateTime,
            ArrayType::ChronoDateTimeUtc
            | ArrayType::ChronoDateTimeLocal
            | ArrayType::ChronoDateTimeWithTimeZone => Self::Timestamp,
            #[cfg(feature = "with-time")]
            ArrayType::TimeDate => Self::Date,
            #[cfg(feature = "with-time")]
            ArrayType::TimeTime => Self::Time,
            #[cfg(feature = "with-time")]
            ArrayType::TimeDateTime => Self::DateTime,
            #[cfg(feature = "with-time")]
            ArrayType::TimeDateTimeWithTimeZone => Self::Timestamp,
            #[cfg(feature = "with-uuid")]
            ArrayType::Uuid => Self::Uuid,
            #[cfg(feature = "with-rust_decimal")]
            ArrayType::Decimal => Self::Decimal,
            #[cfg(feature = "with-bigdecimal")]
            ArrayType::BigDecimal => Self::Decimal,
            #[cfg(feature = "with-ipnetwork")]
            ArrayType::IpNetwork => Self::IpNetwork,
            #[cfg(feature = "with-mac_address")]
            ArrayType::MacAddress => Self::MacAddress,
            // What the application's features add to SeaORM and ours do not.
            #[allow(unreachable_patterns)]
            _ => return None,
        })
    }
}

/// The entity `E` as data; `backend` decides how SQL in it is quoted.
#[must_use]
pub fn describe<E: Audited>(backend: DbBackend) -> TableDescription {
    let hiding = |name: &str| {
        let among = |columns| names::<E>(columns).any(|hidden| hidden == name);
        if among(E::EXCLUDED) {
            Some(Hiding::Excluded)
        } else {
            among(E::REDACTED).then_some(Hiding::Redacted)
        }
    };
    let columns = E::Column::iter().map(|column| {
        let definition = column.def();
        let column_type = definition.get_column_type();
        ColumnDescription {
            name: column.as_str().to_owned(),
            kind: Kind::of_column(column_type, || E::Model::get_value_type(column)),
            read_as: read_as(&column, column_type, backend),
            hiding: hiding(column.as_str()),
        }
    });
    let entity = E::default();
    TableDescription {
        schema: entity.schema_name().map(str::to_owned),
        name: entity.table_name().to_owned(),
        columns: columns.collect(),
        key: E::PrimaryKey::iter()
            .map(|key| key.into_column().as_str().to_owned())
            .collect(),
        capture: E::OPTIONS.capture,
        log: E::OPTIONS.log.to_owned(),
        values: E::OPTIONS.values,
        require_actor: E::OPTIONS.require_actor,
    }
}

/// What `select_as` makes of the column. SeaORM casts an enum to text, which is its form in the log anyway.
fn read_as<C: ColumnTrait>(
    column: &C,
    column_type: &ColumnType,
    backend: DbBackend,
) -> Option<String> {
    let text = |expr: Expr| {
        let select = Query::select().expr(expr).to_owned();
        let sql = StatementBuilder::build(&select, &backend).sql;
        sql.strip_prefix("SELECT ").map(str::to_owned)
    };
    let plain = Expr::col(Alias::new(PLACEHOLDER));
    let read = column.select_as(plain.clone());
    match column_type {
        ColumnType::Enum { .. } => None,
        ColumnType::Array(element) if matches!(**element, ColumnType::Enum { .. }) => None,
        _ => text(read).filter(|read| Some(read) != text(plain).as_ref()),
    }
}

/// All audited entities of the program as data.
#[must_use]
pub fn registered(backend: DbBackend) -> Vec<TableDescription> {
    let mut all: Vec<TableDescription> =
        table::all().map(|table| table.describe(backend)).collect();
    all.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    all
}
