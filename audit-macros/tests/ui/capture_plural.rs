use sea_orm::entity::prelude::*;
use sea_orm_audit::Audited;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "item")]
#[audited(capture = "triggers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub secret: String,
    pub notes: String,
}

fn main() {}
