//! `AuditedConnection`: a connection whose audited writes are atomic, complete or refused.

pub(crate) mod announce;
mod connection_trait;
mod plan;
mod record;
mod seal;
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
use seal::Seal;
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
    /// Of a transaction, that is also what can still be committed after an entry has failed: the wrapper alone refuses it.
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
