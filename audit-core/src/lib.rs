#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod audited;
mod backend;
mod bulk;
mod capture;
mod change;
mod connection;
mod context;
mod describe;
pub mod docs;
mod entity;
mod error;
mod history;
mod log_table;
#[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
mod pool;
pub mod prelude;
mod table;

#[doc(hidden)]
pub mod __private;

pub use audited::{Audited, Capture, Options, Values};
pub use bulk::{AuditedDeleteMany, AuditedInsertMany, AuditedUpdateMany, BulkResult};
pub use change::value::{Undecodable, Unencodable};
pub use connection::{AuditedConnection, OnFailure};
pub use context::{AuditContext, InCurrentAuditContext};
pub use entity::audit_log;
pub use error::{Error, Result};
pub use history::{FieldChange, History};
#[cfg(feature = "sqlx-mysql")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-mysql")))]
pub use pool::MySqlHooks;
#[cfg(feature = "sqlx-postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-postgres")))]
pub use pool::PostgresHooks;
#[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
#[cfg_attr(
    docsrs,
    doc(cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres")))
)]
pub use pool::{PoolDatabase, PoolHooks};
#[cfg(feature = "macros")]
#[cfg_attr(docsrs, doc(cfg(feature = "macros")))]
pub use sea_orm_audit_macros::{Audited, behavior};
