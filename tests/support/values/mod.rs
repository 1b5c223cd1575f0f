//! Values of every type: tables to hold them, any of them, and what is written compared with what the log says.

mod any;
mod documents;
mod equal;
mod keyed;
mod kinds;
mod moments;
mod nulls;
mod private;
mod round_trip;
mod texts;

pub use self::{
    any::*, documents::deep, equal::*, keyed::*, kinds::*, moments::date as dates, nulls::*,
    private::*, round_trip::*, texts::text,
};

use sea_orm::{ActiveEnum, ConnectionTrait, DatabaseConnection, Schema};

use super::bakery::Heat;

/// The types of their own that PostgreSQL's tables need.
pub async fn create_types(db: &DatabaseConnection) {
    let schema = Schema::new(db.get_database_backend());
    let create = schema.create_enum_from_active_enum::<Heat>().unwrap();
    db.execute(&create).await.unwrap();
    assert_eq!(Heat::name().to_string(), "heat");
}
