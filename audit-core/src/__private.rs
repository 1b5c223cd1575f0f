//! What generated code calls; not public API.

pub use sea_orm::prelude::async_trait::async_trait;

pub use inventory;

pub use crate::capture::hooks::{after_delete, after_save, before_delete, before_save};
pub use crate::describe::{
    ColumnDescription, Hiding, Kind, TableDescription, describe, registered,
};
pub use crate::table::RegisteredTable;

/// Marks an active model whose own hooks go through `#[sea_orm_audit::behavior]`.
///
/// `#[audited(custom_behavior)]` asks for it, so that an impl without the attribute, which would record nothing, does not
/// compile.
#[diagnostic::on_unimplemented(
    message = "`#[audited(custom_behavior)]` is set, but the `ActiveModelBehavior` of `{Self}` records nothing",
    label = "its `impl ActiveModelBehavior` has no `#[sea_orm_audit::behavior]`",
    note = "write `#[sea_orm_audit::behavior]` above `impl ActiveModelBehavior for ActiveModel`, or remove `custom_behavior` and the impl"
)]
pub trait CustomBehavior: sea_orm::ActiveModelTrait {}
