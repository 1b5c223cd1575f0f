//! Triggers that write the log: made from an entity, installed, looked after and removed.
//!
//! An entity with `#[audited(capture = "trigger")]` needs them in the database. A migration installs them:
//!
//! ```
//! use sea_orm_audit::Audited;
//! use sea_orm_audit_migration::triggers;
//! use sea_orm_migration::{SchemaManager, sea_orm::DbErr};
//!
//! /// At the end of `up`, when the table is there: `install_triggers::<product::Entity>(manager).await`.
//! async fn install_triggers<E: Audited>(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
//!     triggers::install::<E>(manager).await
//! }
//!
//! /// At the beginning of `down`.
//! async fn drop_triggers<E: Audited>(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
//!     triggers::drop::<E>(manager).await
//! }
//! ```
//!
//! A migration that must not change when the entity does describes the table itself, see [`TriggerTable`].

mod error;
mod install;
mod mysql;
mod name;
mod postgres;
mod sqlite;
mod stamp;
mod status;
mod table;

pub use error::Error;
pub use install::{drop, install};
pub(crate) use status::tables;
pub use status::{State, Status, TableStatus, status};
pub use table::TriggerTable;

#[doc(inline)]
pub use sea_orm_audit::__private::Kind;
