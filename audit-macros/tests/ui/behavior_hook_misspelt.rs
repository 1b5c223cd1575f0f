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
#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_safe<C>(self, _db: &C, _insert: bool) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
    {
        Ok(self)
    }
}

fn main() {}
