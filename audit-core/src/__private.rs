//! What generated code calls; not public API.

pub use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait};

pub use crate::capture::hooks::{after_delete, after_save, before_delete, before_save};

/// The user's own hooks: the methods of SeaORM's `ActiveModelBehavior`, with its defaults.
///
/// `#[sea_orm_audit::behavior]` turns the user's `impl ActiveModelBehavior` into an impl of this trait
/// and writes the real one, which calls it.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`#[audited(custom_behavior)]` is set, but the `ActiveModelBehavior` of `{Self}` records nothing",
    label = "its `impl ActiveModelBehavior` has no `#[sea_orm_audit::behavior]`",
    note = "write `#[sea_orm_audit::behavior]` above `impl ActiveModelBehavior for ActiveModel`, or remove `custom_behavior` and the impl"
)]
pub trait CustomBehavior: ActiveModelTrait {
    /// `ActiveModelBehavior::new`.
    fn new() -> Self {
        <Self as ActiveModelTrait>::default()
    }

    /// `ActiveModelBehavior::before_save`.
    async fn before_save<C>(self, db: &C, insert: bool) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
    {
        let _ = (db, insert);
        Ok(self)
    }

    /// `ActiveModelBehavior::after_save`.
    async fn after_save<C>(
        model: <Self::Entity as EntityTrait>::Model,
        db: &C,
        insert: bool,
    ) -> Result<<Self::Entity as EntityTrait>::Model, DbErr>
    where
        C: ConnectionTrait,
    {
        let _ = (db, insert);
        Ok(model)
    }

    /// `ActiveModelBehavior::before_delete`.
    async fn before_delete<C>(self, db: &C) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
    {
        let _ = db;
        Ok(self)
    }

    /// `ActiveModelBehavior::after_delete`.
    async fn after_delete<C>(self, db: &C) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
    {
        let _ = db;
        Ok(self)
    }
}
