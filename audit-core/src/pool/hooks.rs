//! What the hooks of both databases have in common.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use sea_orm::sqlx::{
    self, Database,
    pool::{PoolConnectionMetadata, PoolOptions},
};

use crate::{connection::SessionContext, context::AuditContext};

/// What a callback of a pool returns, as sqlx has it.
pub(super) type Answer<'c, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'c>>;

type Callback<DB, T> = Arc<
    dyn for<'c> Fn(&'c mut <DB as Database>::Connection, PoolConnectionMetadata) -> Answer<'c, T>
        + Send
        + Sync,
>;

type Prepare<DB> =
    Arc<dyn for<'c> Fn(&'c mut <DB as Database>::Connection) -> Answer<'c, ()> + Send + Sync>;

type PoolOptionsFn<DB> = Arc<dyn Fn(PoolOptions<DB>) -> PoolOptions<DB> + Send + Sync>;

/// A database whose sessions can be told a context: PostgreSQL and MySQL.
pub trait PoolDatabase: Database + sealed::Sealed {
    /// Makes this the session's context.
    #[doc(hidden)]
    fn set_session<'c>(
        connection: &'c mut Self::Connection,
        context: sealed::Told,
    ) -> Answer<'c, ()>;
}

pub(super) mod sealed {
    use super::SessionContext;

    pub trait Sealed {}

    /// What a session is told.
    #[derive(Debug)]
    pub struct Told(pub(in crate::pool) SessionContext);
}

/// Hooks with which a plain pool tells triggers who acts.
///
/// Without an [`AuditedConnection`](crate::AuditedConnection) nobody tells the database the context of a write, and entries that
/// triggers make have no actor. With these hooks each connection of the pool is told the context of the task that takes it out: the
/// innermost scope's, else the process default, else that there is none. No session ever keeps somebody else's.
///
/// * The context is that of the moment in which the connection is taken out: of each statement on the pool, and of a transaction at
///   its beginning. A scope that is entered inside a transaction comes too late.
/// * It takes one round trip each time, in place of the pool's ping, which these hooks turn off: a connection that cannot be
///   told the context is discarded, as one that does not answer a ping is.
/// * An [`AuditedConnection`](crate::AuditedConnection) around such a pool goes on telling each of its own transactions.
/// * A connection pooler between the pool and the server that gives each transaction another session (PgBouncer's transaction mode)
///   defeats them.
///
/// # The pool's other hooks
///
/// sqlx has one place for each hook and nobody can read what is there, so these hooks come to stand in the places of SeaORM's
/// `map_sqlx_.._pool_opts` and `map_sqlx_.._before_acquire`, and of the hook with which SeaORM sets a `schema_search_path`. **What an
/// application has in these places has to be handed over here**, and then all of it runs: see
/// [`before_acquire`](Self::before_acquire), [`after_connect`](Self::after_connect), [`pool_options`](Self::pool_options) and, on
/// PostgreSQL, `schema_search_path`. Everything else that is set on the options stays, before or after `install`.
///
/// ```
/// # #[cfg(feature = "sqlx-postgres")] {
/// use sea_orm::ConnectOptions;
/// use sea_orm_audit::PostgresHooks;
///
/// let mut options = ConnectOptions::new("postgres://localhost/shop");
/// options.max_connections(20);
/// let options = PostgresHooks::new()
///     .schema_search_path("tenant")
///     .pool_options(|pool| pool.acquire_slow_threshold(std::time::Duration::from_secs(1)))
///     .install(options);
/// # }
/// ```
#[must_use = "hooks do nothing until they are installed"]
pub struct PoolHooks<DB: PoolDatabase> {
    before_acquire: Option<Callback<DB, bool>>,
    after_connect: Option<Callback<DB, ()>>,
    /// What SeaORM would do to a new connection.
    prepare: Option<Prepare<DB>>,
    pool_options: Option<PoolOptionsFn<DB>>,
}

impl<DB: PoolDatabase> PoolHooks<DB> {
    /// Hooks that tell the context and do nothing else.
    pub fn new() -> Self {
        Self {
            before_acquire: None,
            after_connect: None,
            prepare: None,
            pool_options: None,
        }
    }

    /// Adds the application's own hook before an idle connection is taken out, which runs before ours; the last one counts.
    ///
    /// It is what would be given to SeaORM's `map_sqlx_.._before_acquire`.
    pub fn before_acquire<F>(mut self, hook: F) -> Self
    where
        F: for<'c> Fn(
                &'c mut DB::Connection,
                PoolConnectionMetadata,
            )
                -> Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>
            + Send
            + Sync
            + 'static,
    {
        self.before_acquire = Some(Arc::new(hook));
        self
    }

    /// Adds the application's own hook after a connection is made, which runs before ours; the last one counts.
    ///
    /// It is what would be given to sqlx's [`PoolOptions::after_connect`]; SeaORM's hook of this name is another one, runs once in the
    /// life of a pool, and stays.
    pub fn after_connect<F>(mut self, hook: F) -> Self
    where
        F: for<'c> Fn(
                &'c mut DB::Connection,
                PoolConnectionMetadata,
            )
                -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'c>>
            + Send
            + Sync
            + 'static,
    {
        self.after_connect = Some(Arc::new(hook));
        self
    }

    /// Adds the application's own changes to the pool's options; the last one counts.
    ///
    /// It is what would be given to SeaORM's `map_sqlx_.._pool_opts`. A `before_acquire` or `after_connect` that it sets is
    /// replaced: hand them over by the methods of these names.
    pub fn pool_options<F>(mut self, change: F) -> Self
    where
        F: Fn(PoolOptions<DB>) -> PoolOptions<DB> + Send + Sync + 'static,
    {
        self.pool_options = Some(Arc::new(change));
        self
    }

    /// Adds the hooks to the options of a pool of sqlx's own, such as one that SeaORM is to adopt.
    ///
    /// A `before_acquire` or `after_connect` that the options have is replaced: hand them over by the methods of these names.
    #[must_use]
    pub fn on_pool(&self, options: PoolOptions<DB>) -> PoolOptions<DB> {
        let options = match &self.pool_options {
            Some(change) => change(options),
            None => options,
        };
        let before_acquire = self.before_acquire.clone();
        let after_connect = self.after_connect.clone();
        let prepare = self.prepare.clone();
        options
            .test_before_acquire(false)
            .before_acquire(move |connection, metadata| {
                let own = before_acquire.clone();
                Box::pin(async move {
                    if let Some(own) = own
                        && !own(connection, metadata).await?
                    {
                        return Ok(false);
                    }
                    Self::tell(connection).await?;
                    Ok(true)
                })
            })
            .after_connect(move |connection, metadata| {
                let (prepare, own) = (prepare.clone(), after_connect.clone());
                Box::pin(async move {
                    if let Some(prepare) = prepare {
                        prepare(connection).await?;
                    }
                    if let Some(own) = own {
                        own(connection, metadata).await?;
                    }
                    Self::tell(connection).await
                })
            })
    }

    #[cfg(feature = "sqlx-postgres")]
    pub(super) fn prepare<F>(mut self, prepare: F) -> Self
    where
        F: for<'c> Fn(&'c mut DB::Connection) -> Answer<'c, ()> + Send + Sync + 'static,
    {
        self.prepare = Some(Arc::new(prepare));
        self
    }

    /// Makes the context of the current task that of a connection's session, as the hooks do; for an application with hooks of a kind
    /// that these do not cover.
    ///
    /// # Errors
    ///
    /// What the database says. The connection may then have somebody else's context and is not to be used.
    pub async fn tell(connection: &mut DB::Connection) -> Result<(), sqlx::Error> {
        let context = AuditContext::ambient().unwrap_or_default();
        let told = sealed::Told(SessionContext::from(&context));
        DB::set_session(connection, told).await
    }
}

impl<DB: PoolDatabase> Default for PoolHooks<DB> {
    fn default() -> Self {
        Self::new()
    }
}

impl<DB: PoolDatabase> Clone for PoolHooks<DB> {
    fn clone(&self) -> Self {
        Self {
            before_acquire: self.before_acquire.clone(),
            after_connect: self.after_connect.clone(),
            prepare: self.prepare.clone(),
            pool_options: self.pool_options.clone(),
        }
    }
}

impl<DB: PoolDatabase> fmt::Debug for PoolHooks<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolHooks")
            .field("before_acquire", &self.before_acquire.is_some())
            .field("after_connect", &self.after_connect.is_some())
            .field("pool_options", &self.pool_options.is_some())
            .finish()
    }
}
