//! A column of every type that SeaORM can hold, a table for each kind; whole rows are kept on both sides of an update.
//!
//! Not `char`, which SeaORM can write and cannot read, and no `Option<TextUuid>`, of which it cannot read a NULL.

pub use sea_orm::sea_query::value::prelude::MacAddress;
use sea_orm::{DeriveValueType, FromJsonQueryResult};
use serde::{Deserialize, Serialize};

/// A number that is a type of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
pub struct Cents(pub i64);

/// A text that is a type of its own.
#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
pub struct Title(pub String);

/// A type that is a text in the database only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Colour(pub u32);

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:x}", self.0)
    }
}

impl std::str::FromStr for Colour {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u32::from_str_radix(text.trim_start_matches('#'), 16).map(Self)
    }
}

/// A struct that is a JSON column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Shape {
    pub name: String,
    pub sides: Vec<i64>,
    pub holes: Option<Box<Shape>>,
}

/// A table with these columns behind its key.
macro_rules! held {
    ($(#[$doc:meta])* $module:ident, $table:literal { $($columns:tt)* }) => {
        $(#[$doc])*
        #[allow(dead_code, reason = "the attribute writes more than a test needs")]
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;

            #[allow(unused_imports, reason = "not every table has them")]
            use super::{Cents, Colour, MacAddress, Shape, Title};
            #[allow(unused_imports, reason = "not every table has them")]
            use crate::support::bakery::{Course, Effort, Heat};

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = $table)]
            #[audited(values = "full")]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                $($columns)*
            }
        }
    };
}

held!(whole, "whole" {
    pub yes: bool,
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub u32: u32,
    pub cents: Cents,
    pub unix: ChronoUnixTimestamp,
    pub maybe_yes: Option<bool>,
    pub maybe_i8: Option<i8>,
    pub maybe_i16: Option<i16>,
    pub maybe_i32: Option<i32>,
    pub maybe_i64: Option<i64>,
    pub maybe_u32: Option<u32>,
    pub maybe_cents: Option<Cents>,
});

held!(small_unsigned, "small_unsigned" {
    pub u8: u8,
    pub u16: u16,
    pub maybe_u8: Option<u8>,
    pub maybe_u16: Option<u16>,
});

held!(big_unsigned, "big_unsigned" {
    pub u64: u64,
    pub maybe_u64: Option<u64>,
});

held!(float, "float_value" {
    pub f32: f32,
    pub f64: f64,
    pub maybe_f32: Option<f32>,
    pub maybe_f64: Option<f64>,
});

held!(decimal, "decimal_value" {
    #[sea_orm(column_type = "Decimal(None)")]
    pub plain: Decimal,
    #[sea_orm(column_type = "Decimal(Some((12, 4)))")]
    pub scaled: Decimal,
    #[sea_orm(column_type = "Decimal(None)")]
    pub big: BigDecimal,
    #[sea_orm(column_type = "Decimal(None)", nullable)]
    pub maybe_plain: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(None)", nullable)]
    pub maybe_big: Option<BigDecimal>,
});

held!(text, "text_value" {
    pub short: String,
    #[sea_orm(column_type = "Text")]
    pub long: String,
    pub title: Title,
    pub colour: Colour,
    pub text_uuid: TextUuid,
    pub maybe_short: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub maybe_long: Option<String>,
    pub maybe_title: Option<Title>,
    pub maybe_colour: Option<Colour>,
});

held!(raw, "raw_value" {
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
    #[sea_orm(column_type = "VarBinary(StringLen::N(64))")]
    pub few: Vec<u8>,
    pub uuid: Uuid,
    #[sea_orm(column_type = "Blob", nullable)]
    pub maybe_bytes: Option<Vec<u8>>,
    pub maybe_uuid: Option<Uuid>,
});

held!(json, "json_value" {
    pub json: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub binary: Json,
    #[sea_orm(column_type = "Json")]
    pub shape: Shape,
    pub maybe_json: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub maybe_binary: Option<Json>,
    #[sea_orm(column_type = "Json", nullable)]
    pub maybe_shape: Option<Shape>,
});

held!(chrono, "chrono_value" {
    pub date: ChronoDate,
    pub time: ChronoTime,
    pub date_time: ChronoDateTime,
    pub utc: ChronoDateTimeUtc,
    pub local: ChronoDateTimeLocal,
    pub zoned: ChronoDateTimeWithTimeZone,
    pub maybe_date: Option<ChronoDate>,
    pub maybe_time: Option<ChronoTime>,
    pub maybe_date_time: Option<ChronoDateTime>,
    pub maybe_utc: Option<ChronoDateTimeUtc>,
    pub maybe_local: Option<ChronoDateTimeLocal>,
    pub maybe_zoned: Option<ChronoDateTimeWithTimeZone>,
});

held!(time, "time_value" {
    pub date: TimeDate,
    pub time: TimeTime,
    pub date_time: TimeDateTime,
    pub zoned: TimeDateTimeWithTimeZone,
    pub maybe_date: Option<TimeDate>,
    pub maybe_time: Option<TimeTime>,
    pub maybe_date_time: Option<TimeDateTime>,
    pub maybe_zoned: Option<TimeDateTimeWithTimeZone>,
});

held!(choice, "choice_value" {
    pub course: Course,
    pub effort: Effort,
    pub heat: Heat,
    pub maybe_course: Option<Course>,
    pub maybe_effort: Option<Effort>,
    pub maybe_heat: Option<Heat>,
});

held!(network, "network_value" {
    #[sea_orm(column_type = "Inet")]
    pub ip: IpNetwork,
    #[sea_orm(column_type = "MacAddr")]
    pub mac: MacAddress,
    #[sea_orm(column_type = "Inet", nullable)]
    pub maybe_ip: Option<IpNetwork>,
    #[sea_orm(column_type = "MacAddr", nullable)]
    pub maybe_mac: Option<MacAddress>,
});

held!(array, "array_value" {
    pub bools: Vec<bool>,
    pub i16s: Vec<i16>,
    pub i32s: Vec<i32>,
    pub i64s: Vec<i64>,
    pub f32s: Vec<f32>,
    pub f64s: Vec<f64>,
    pub texts: Vec<String>,
    pub uuids: Vec<Uuid>,
    pub jsons: Vec<Json>,
    pub blobs: Vec<Vec<u8>>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Decimal(None)))")]
    pub decimals: Vec<Decimal>,
    pub dates: Vec<ChronoDate>,
    pub moments: Vec<ChronoDateTimeUtc>,
    pub naive: Vec<TimeDateTime>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Decimal(None)))")]
    pub big: Vec<BigDecimal>,
    #[sea_orm(column_type = "Array(RcOrArc::new(ColumnType::Inet))")]
    pub ips: Vec<IpNetwork>,
    pub heats: Vec<Heat>,
    pub maybe_i32s: Option<Vec<i32>>,
    pub maybe_texts: Option<Vec<String>>,
    pub maybe_uuids: Option<Vec<Uuid>>,
});

held!(
    /// A column of each kind of which a value may be written in more than one way.
    mixed, "mixed_value" {
    #[sea_orm(column_type = "Decimal(None)")]
    pub price: Decimal,
    pub document: Json,
    pub maybe: Option<Json>,
    pub moment: ChronoDateTimeUtc,
    #[sea_orm(column_type = "Char(Some(8))")]
    pub fixed: String,
    pub name: String,
    pub ratio: f64,
    pub small: f32,
});

held!(
    /// JSON to nest.
    nested, "nested_value" {
    pub document: Json,
});
