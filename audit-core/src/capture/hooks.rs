//! stub
use crate::Audited;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait};
type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;
pub async fn before_save<A, C>(active: A, _db: &C, _insert: bool) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    Ok(active)
}
pub async fn after_save<A, C>(
    model: ModelOf<A>,
    _db: &C,
    _insert: bool,
) -> Result<ModelOf<A>, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    Ok(model)
}
pub async fn before_delete<A, C>(active: A, _db: &C) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    Ok(active)
}
pub async fn after_delete<A, C>(active: A, _db: &C) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    Ok(active)
}
