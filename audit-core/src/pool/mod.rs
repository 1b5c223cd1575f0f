//! Hooks of a pool that tell the database who acts, for triggers behind a plain connection.

mod hooks;
#[cfg(feature = "sqlx-mysql")]
mod mysql;
#[cfg(feature = "sqlx-postgres")]
mod postgres;

pub use hooks::{PoolDatabase, PoolHooks};
#[cfg(feature = "sqlx-mysql")]
pub use mysql::MySqlHooks;
#[cfg(feature = "sqlx-postgres")]
pub use postgres::PostgresHooks;
