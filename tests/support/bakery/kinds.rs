//! Tables with columns and keys of every kind.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// An enum whose values are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
pub enum Course {
    #[sea_orm(string_value = "main")]
    Main,
    #[sea_orm(string_value = "dessert")]
    Dessert,
}

/// An enum whose values are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Effort {
    #[sea_orm(num_value = 1)]
    Little,
    #[sea_orm(num_value = -7)]
    Much,
}

/// An enum that is a type of the database where it has such types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "heat")]
pub enum Heat {
    #[sea_orm(string_value = "low")]
    Low,
    #[sea_orm(string_value = "very high")]
    VeryHigh,
}

/// A struct that is a JSON column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Nutrition {
    pub kcal: u32,
    pub sugar: f64,
    pub allergens: Vec<String>,
}

/// An entity with a column of every kind, for each way to keep an update's values.
macro_rules! recipe {
    ($module:ident, $table:literal, $values:literal) => {
        #[allow(dead_code, reason = "the attribute writes more than a test needs")]
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;
            use serde::{Deserialize, Serialize};

            use super::{Course, Effort, Heat, Nutrition};

            #[sea_orm::model]
            #[derive(
                Clone, Debug, PartialEq, DeriveEntityModel, Audited, Serialize, Deserialize,
            )]
            #[sea_orm(table_name = $table)]
            #[audited(values = $values)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: Uuid,
                pub name: String,
                pub course: Course,
                pub served_as: Option<Course>,
                pub effort: Effort,
                pub clean_up: Option<Effort>,
                pub heat: Heat,
                pub grill: Option<Heat>,
                pub notes: Json,
                pub extra: Option<Json>,
                #[sea_orm(column_type = "Json")]
                pub nutrition: Nutrition,
                #[sea_orm(column_type = "Decimal(Some((12, 4)))")]
                pub cost: Decimal,
                #[sea_orm(column_type = "Decimal(Some((12, 4)))", nullable)]
                pub fee: Option<Decimal>,
                pub weight: f64,
                pub rating: Option<f64>,
                pub portions: i16,
                pub views: i64,
                pub invented_at: DateTimeUtc,
                pub tasted_at: Option<DateTimeUtc>,
                pub baked_at: DateTime,
                pub day: Option<Date>,
                pub hour: Option<Time>,
                pub photo: Vec<u8>,
                pub thumbnail: Option<Vec<u8>>,
                pub public: bool,
                pub verified: Option<bool>,
                #[sea_orm(column_name = "prep_min", enum_name = "PrepTime")]
                pub minutes: i32,
                pub r#type: Option<String>,
                #[sea_orm(ignore)]
                pub draft: u8,
            }
        }
    };
}

recipe!(recipe, "recipe", "changed");
recipe!(full_recipe, "full_recipe", "full");

/// A table whose key is this column.
macro_rules! keyed {
    ($module:ident, $table:literal, $(#[$column:meta])* $key:ty) => {
        #[allow(dead_code, reason = "the attribute writes more than a test needs")]
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $(#[$column])*
                #[sea_orm(primary_key, auto_increment = false)]
                pub key: $key,
                pub note: Option<String>,
            }
        }
    };
}

keyed!(by_text, "by_text", String);
keyed!(by_uuid, "by_uuid", Uuid);
keyed!(by_date, "by_date", Date);
keyed!(by_big, "by_big", i64);
keyed!(by_course, "by_course", super::Course);
keyed!(by_effort, "by_effort", super::Effort);
keyed!(by_heat, "by_heat", super::Heat);
keyed!(
    by_bytes,
    "by_bytes",
    #[sea_orm(column_type = "VarBinary(StringLen::N(16))")]
    Vec<u8>
);

/// A table whose key has two columns.
pub mod shelf {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "shelf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub room: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: i32,
        pub content: Option<String>,
    }
}

/// A table of which not everything may be in the log.
pub mod supplier {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "supplier")]
    #[audited(exclude(seen))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub seen: Option<i32>,
        #[audited(redact)]
        pub api_key: String,
    }
}
