//! `AuditedConnection`: a connection whose audited writes are atomic, complete or refused.

pub(crate) mod announce;
mod connection_trait;
mod in_context;
mod job;
mod plan;
mod raw;
mod record;
mod seal;
mod session;
mod session_context;
mod settings;
mod shape;
mod statement;
#[cfg(feature = "stream")]
mod stream_trait;
mod text;
mod transaction_trait;

use std::{fmt, sync::Arc};

use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::context::AuditContext;

use announce::Wrapper;
pub(crate) use connection_trait::immediate;
use seal::Seal;
pub(crate) use session_context::SessionContext;
pub use settings::OnFailure;
use settings::Settings;

/// A connection or transaction whose writes to audited tables are recorded in the statement's own transaction, or refused.
///
/// It has all the traits of what it wraps, so that it goes wherever SeaORM takes a connection. Cloning it is as cheap
/// as cloning the pool inside.
///
/// * A statement of its own is one transaction with its entry. Inside a transaction, a change whose entry could not be written
///   makes the transaction uncommittable.
/// * What SeaORM writes without hooks is recorded too where its rows can be told, and refused otherwise, with
///   [`Error::Unrecordable`](crate::Error::Unrecordable). See the table in the README.
/// * Raw SQL passes: nobody here reads it.
/// * Writes to tables that triggers capture pass, whatever they are: see below.
///
/// # Triggers
///
/// In a program of which an entity says `#[audited(capture = "trigger")]`, the context goes into the database, where triggers read
/// it: before typed statements that change rows of any table, because cascades reach further than their text, and before raw ones
/// unless their beginning shows that they only read (`SELECT`, `SHOW`, `EXPLAIN`, `PRAGMA`, `VALUES`), steer the session or are about
/// the schema. A `SELECT` that calls a function which writes says nothing.
///
/// * In a transaction the context is told once, and again where it is another: one round trip each time. Who acts is what
///   counts at the statement, whatever the session had before, also that it is nobody.
/// * Outside of one, a statement with a context is a transaction of its own, which takes three round trips more. What cannot be in a
///   transaction, such as `VACUUM`, runs without one and without the context. So does a stream that writes, and
///   a transaction that is begun and ended by raw SQL on a pool does not go with this: use [`begin`](TransactionTrait::begin).
/// * Nothing of it outlasts the transaction. PostgreSQL sees to that. On SQLite and MySQL it is taken away before the end, so
///   end a transaction through this wrapper and not by [`into_inner`](Self::into_inner). A transaction that is dropped on MySQL
///   leaves its context in the session of the pool, until the next write through a wrapper that has a context or is in a transaction, or
///   a checkout of a pool with `MySqlHooks`.
///
/// Where the database has triggers of ours that write to the same log although the entity says hooks, as while a new version of a
/// program is rolled out, the hooks stand back, and `tracing::warn!` says so once per entity. Hooks on a plain connection look
/// before each write; the wrapper looks again after three seconds, and may log a change twice until then. On
/// MySQL the application's user sees triggers only with the right `TRIGGER`. A statement that the wrapper would refuse is still refused.
///
/// ```
/// use sea_orm::{Database, DbErr};
/// use sea_orm_audit::AuditedConnection;
///
/// async fn connect() -> Result<(), DbErr> {
///     let db = AuditedConnection::new(Database::connect("sqlite::memory:").await?);
///     let alices = db.clone().acting_as("alice");
///     Ok(())
/// }
/// ```
pub struct AuditedConnection<C> {
    inner: C,
    wrapper: Wrapper,
    kind: Kind,
    /// Whether what is inside is a wrapper too, and is to let pass what this one records.
    nested: bool,
}

/// What is inside.
#[derive(Debug)]
enum Kind {
    /// Each statement is a transaction of its own.
    Pool,
    Transaction(Arc<Seal>),
    /// A mock answers from a queue that is not ours, so nothing is recorded.
    Mock,
}

impl<C> AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Wraps a pool, a connection or a transaction.
    ///
    /// One around another takes the other's settings over, and the two behave as one.
    #[must_use]
    pub fn new(inner: C) -> Self {
        let kind = if inner.is_mock_connection() {
            Kind::Mock
        } else if typeid::of::<C>() == typeid::of::<C::Transaction>() {
            // A transaction begins transactions of its own type.
            Kind::Transaction(Arc::default())
        } else {
            Kind::Pool
        };
        let around = announce::wrapper(&inner);
        Self {
            inner,
            kind,
            nested: around.is_some(),
            wrapper: around.unwrap_or_else(|| Wrapper {
                settings: Settings::default(),
                shared: Arc::default(),
            }),
        }
    }
}

impl<C> AuditedConnection<C> {
    /// Binds a context: it counts for every write through this connection, before that of any scope.
    ///
    /// If it names no correlation id, it gets one here, which all writes through this connection share.
    #[must_use]
    pub fn with_context(mut self, context: AuditContext) -> Self {
        self.wrapper.settings.context = Some(context.identified());
        self
    }

    /// Binds the current context with another actor: its reason, correlation id and further keys stay what they are now.
    #[must_use]
    pub fn acting_as(self, actor: impl Into<String>) -> Self {
        let context = self.wrapper.context().actor(actor);
        self.with_context(context)
    }

    /// Refuses every write to an audited table without an actor, as `#[audited(require_actor)]` does for one.
    #[must_use]
    pub fn require_actor(mut self) -> Self {
        self.wrapper.settings.require_actor = true;
        self
    }

    /// Says what becomes of a change whose entry cannot be written.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.wrapper.settings.on_failure = on_failure;
        self
    }

    /// Lets writes pass that would be refused because their rows cannot be told, for the reason given.
    ///
    /// Each is reported through `tracing` at level `WARN`. It holds for this value and the transactions begun from it:
    /// `db.clone().allow_bypass("..")` keeps `db` itself as it is.
    #[must_use]
    pub fn allow_bypass(mut self, reason: impl Into<Arc<str>>) -> Self {
        self.wrapper.settings.bypass = Some(reason.into());
        self
    }

    /// How many entries were lost under [`OnFailure::Report`], by this connection, its clones and its transactions.
    #[must_use]
    pub fn lost_entries(&self) -> u64 {
        self.wrapper.shared.lost()
    }

    /// What is inside. Nothing that is written through it directly is recorded, unless an active model's hooks do.
    pub fn inner(&self) -> &C {
        &self.inner
    }

    /// Takes out what is inside.
    ///
    /// Of a transaction, that is also what can still be committed after an entry has failed: the wrapper alone refuses it. After
    /// writes in a program with tables that triggers capture, end a transaction that was begun through a wrapper before: on
    /// SQLite and MySQL the context of its last write would stay for others.
    #[must_use]
    pub fn into_inner(self) -> C {
        self.inner
    }
}

/// A clone of a transaction does not exist, so a clone has a seal of its own.
impl<C: Clone> Clone for AuditedConnection<C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            wrapper: self.wrapper.clone(),
            kind: match self.kind {
                Kind::Pool => Kind::Pool,
                Kind::Transaction(_) => Kind::Transaction(Arc::default()),
                Kind::Mock => Kind::Mock,
            },
            nested: self.nested,
        }
    }
}

impl<C: fmt::Debug> fmt::Debug for AuditedConnection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditedConnection")
            .field("inner", &self.inner)
            .field("settings", &self.wrapper.settings)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
