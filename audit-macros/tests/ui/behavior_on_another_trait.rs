use sea_orm::entity::prelude::*;
use sea_orm_audit::Audited;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "item")]
#[audited(custom_behavior)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub secret: String,
    pub notes: String,
}

#[sea_orm_audit::behavior]
impl ActiveModelBehavior for ActiveModel {}

#[sea_orm_audit::behavior]
impl std::fmt::Display for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("item")
    }
}

fn main() {}
