//! PostgreSQL: settings of the session.

use sea_orm::{
    ConnectOptions,
    sqlx::{self, PgConnection, Postgres},
};

use super::hooks::{Answer, PoolDatabase, PoolHooks, sealed};

/// [`PoolHooks`] for a pool on `sqlx-postgres`.
pub type PostgresHooks = PoolHooks<Postgres>;

/// How SeaORM gives a connection its search path, with the list bound.
const SEARCH_PATH: &str = "SELECT set_config('search_path', $1, false)";

impl PoolHooks<Postgres> {
    /// Sets the search path of every new connection; the hook with which SeaORM's
    /// [`set_schema_search_path`](ConnectOptions::set_schema_search_path) does this is replaced by ours.
    ///
    /// It takes the same text: names separated by commas, each quoted unless it is quoted already.
    pub fn schema_search_path(self, path: impl Into<String>) -> Self {
        let path = quoted(&path.into());
        self.prepare(move |connection| {
            let path = path.clone();
            Box::pin(async move {
                let set = sqlx::query(SEARCH_PATH).bind(path);
                set.execute(connection).await.map(drop)
            })
        })
    }

    /// Adds the hooks to the options from which SeaORM makes a pool.
    #[must_use]
    pub fn install(self, mut options: ConnectOptions) -> ConnectOptions {
        options.map_sqlx_postgres_pool_opts(move |pool| self.on_pool(pool));
        options
    }
}

/// As SeaORM reads its text.
fn quoted(path: &str) -> String {
    if path.starts_with('"') {
        return path.to_owned();
    }
    let quoted = path.split(',').map(|schema| {
        if schema.starts_with('"') {
            schema.to_owned()
        } else {
            format!("\"{schema}\"")
        }
    });
    quoted.collect::<Vec<_>>().join(",")
}

impl sealed::Sealed for Postgres {}

impl PoolDatabase for Postgres {
    fn set_session<'c>(
        connection: &'c mut PgConnection,
        sealed::Told(context): sealed::Told,
    ) -> Answer<'c, ()> {
        Box::pin(async move {
            sqlx::query(
                "SELECT set_config('audit.actor', $1, false), set_config('audit.correlation_id', $2, false), \
                 set_config('audit.context', $3, false)",
            )
            .bind(without_nul(context.actor))
            .bind(without_nul(context.correlation_id))
            .bind(context.details.unwrap_or_default())
            .execute(connection)
            .await
            .map(drop)
        })
    }
}

/// No text of PostgreSQL's holds the character NUL. An error here would have the pool open connection after connection.
fn without_nul(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    if !text.contains('\0') {
        return text;
    }
    tracing::warn!(
        "the audit context holds the character NUL, which PostgreSQL cannot keep: it is replaced by U+FFFD",
    );
    text.replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_path_is_quoted_as_seaorm_does() {
        assert_eq!(quoted("tenant"), "\"tenant\"");
        assert_eq!(quoted("a,\"b c\",d"), "\"a\",\"b c\",\"d\"");
        assert_eq!(quoted("\"a b\", public"), "\"a b\", public");
    }

    #[test]
    fn nul_is_replaced() {
        assert_eq!(without_nul(Some("a\0b".to_owned())), "a\u{FFFD}b");
        assert_eq!(without_nul(None), "");
    }
}
