//! A column that triggers record: what it is in the entity and in the table.

use sea_orm_audit::__private::{Hiding, Kind};

use super::catalog;
use crate::triggers::{
    error::{Error, Result},
    table::TriggerTable,
};

/// What stands for the column in what SeaORM reads it as.
const PLACEHOLDER: &str = "`audit_column`";

/// What a value is in the database, as far as its form depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Integers, `BIT` and `YEAR`.
    Integer,
    Decimal,
    Float,
    Double,
    /// A text in a character set of which every text has a form in the log's.
    Text,
    /// A text in a character set that may hold what is none in the log's.
    OddText,
    /// Bytes.
    Binary,
    Date,
    Time,
    DateTime,
    Timestamp,
    /// MySQL's own JSON; MariaDB's is a text.
    Json,
    /// MariaDB's `UUID`, `INET4` and `INET6`, whose text says it all.
    Plain,
}

/// An audited column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its place among the audited columns, for the names of what belongs to it.
    pub(super) at: usize,
    pub(super) kind: Kind,
    pub(super) class: Class,
    pub(super) redacted: bool,
    /// Whether its text has zeros in front.
    pub(super) zerofill: bool,
    read_as: Option<String>,
}

/// One of the two rows that a trigger sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

impl Side {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

impl Column {
    /// The column's value in a row, as SeaORM reads it.
    pub(super) fn of(&self, side: Side) -> String {
        let row = match side {
            Side::Old => "OLD",
            Side::New => "NEW",
        };
        let column = format!("{row}.{}", super::quote::name(&self.name));
        match &self.read_as {
            Some(read_as) => format!("({})", read_as.replace(PLACEHOLDER, &column)),
            None => column,
        }
    }
}

/// The audited columns of a table, as it is in the database.
///
/// # Errors
///
/// [`Error::ColumnMissing`], [`Error::UnsupportedColumn`].
pub(super) fn columns(table: &TriggerTable, actual: &[catalog::Column]) -> Result<Vec<Column>> {
    table
        .audited()
        .enumerate()
        .map(|(at, described)| {
            let missing = || Error::ColumnMissing {
                table: table.display(),
                column: described.name.clone(),
            };
            // Names of columns never differ in case only.
            let lower = described.name.to_lowercase();
            let actual = actual
                .iter()
                .find(|column| column.name.to_lowercase() == lower)
                .ok_or_else(missing)?;
            let unsupported = |ty: String| Error::UnsupportedColumn {
                table: table.display(),
                column: described.name.clone(),
                ty,
            };
            let kind = described.kind.clone();
            let kind = kind.ok_or_else(|| unsupported(actual.full_type.clone()))?;
            if matches!(kind, Kind::Array(_) | Kind::Vector) {
                return Err(unsupported(actual.full_type.clone()));
            }
            let in_key = table.0.key.contains(&described.name);
            if in_key && kind == Kind::Json {
                return Err(unsupported("JSON as a key".to_owned()));
            }
            let class = match &described.read_as {
                Some(_) => Some(class_of_kind(&kind)),
                None => class(actual),
            };
            Ok(Column {
                name: described.name.clone(),
                at,
                kind,
                class: class.ok_or_else(|| unsupported(actual.full_type.clone()))?,
                redacted: described.hiding == Some(Hiding::Redacted),
                zerofill: actual.full_type.to_lowercase().contains("zerofill"),
                read_as: described.read_as.clone(),
            })
        })
        .collect()
}

fn class(column: &catalog::Column) -> Option<Class> {
    Some(match column.data_type.as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "bit" | "year" => {
            Class::Integer
        }
        "decimal" | "numeric" => Class::Decimal,
        "float" => Class::Float,
        "double" | "real" => Class::Double,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" => {
            match column.charset.as_deref() {
                Some("utf8mb4" | "utf8mb3" | "utf8" | "latin1" | "ascii") => Class::Text,
                _ => Class::OddText,
            }
        }
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Class::Binary,
        "date" => Class::Date,
        "time" => Class::Time,
        "datetime" => Class::DateTime,
        "timestamp" => Class::Timestamp,
        "json" => Class::Json,
        "uuid" | "inet4" | "inet6" => Class::Plain,
        _ => return None,
    })
}

/// What an expression of a kind is, of which the database does not say the type beforehand.
fn class_of_kind(kind: &Kind) -> Class {
    match kind {
        Kind::Bool | Kind::Integer => Class::Integer,
        Kind::Float | Kind::Double => Class::Double,
        Kind::Decimal => Class::Decimal,
        Kind::Bytes => Class::Binary,
        Kind::Date => Class::Date,
        Kind::Time => Class::Time,
        Kind::DateTime | Kind::Timestamp => Class::DateTime,
        _ => Class::OddText,
    }
}
