use sea_orm::entity::prelude::*;
use sea_orm_audit::Audited;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "item")]
#[audited(require_actor, values = "full", require_actor)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub secret: String,
    pub notes: String,
}

fn main() {}
