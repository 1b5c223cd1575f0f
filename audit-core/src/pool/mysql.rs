//! MySQL and MariaDB: user variables.

use sea_orm::{
    ConnectOptions,
    sqlx::{self, MySql, MySqlConnection},
};

use super::hooks::{Answer, PoolDatabase, PoolHooks, sealed};

/// [`PoolHooks`] for a pool on `sqlx-mysql`.
pub type MySqlHooks = PoolHooks<MySql>;

impl PoolHooks<MySql> {
    /// Adds the hooks to the options from which SeaORM makes a pool.
    #[must_use]
    pub fn install(self, mut options: ConnectOptions) -> ConnectOptions {
        options.map_sqlx_mysql_pool_opts(move |pool| self.on_pool(pool));
        options
    }
}

impl sealed::Sealed for MySql {}

impl PoolDatabase for MySql {
    fn set_session<'c>(
        connection: &'c mut MySqlConnection,
        sealed::Told(context): sealed::Told,
    ) -> Answer<'c, ()> {
        Box::pin(async move {
            sqlx::query("SET @audit_actor = ?, @audit_correlation_id = ?, @audit_context = ?")
                .bind(context.actor)
                .bind(context.correlation_id)
                .bind(context.details)
                .execute(connection)
                .await
                .map(drop)
        })
    }
}
