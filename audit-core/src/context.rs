//! Who acts, why, and for which request.

use std::{
    future::Future,
    sync::{Arc, RwLock},
};

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{capture::pending::Pending, error::Error};

/// The key of the context under which [`AuditContext::reason`] stands.
const REASON: &str = "reason";

/// The context of a task without a scope.
static PROCESS_DEFAULT: RwLock<Option<Arc<AuditContext>>> = RwLock::new(None);

tokio::task_local! {
    static SCOPE: Arc<Scope>;
}

/// Who acts, why, and for which request: what every entry written inside its [`scope`](Self::scope) says.
///
/// A context is a value. A write takes the one that is bound to its connection, see
/// [`AuditedConnection::with_context`](crate::AuditedConnection::with_context), else the one of the innermost scope of its task,
/// else the process default, else none: then the entry's actor is null. A task that is spawned inherits nothing unless
/// asked, see [`InCurrentAuditContext`].
///
/// ```
/// use sea_orm_audit::AuditContext;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// AuditContext::new()
///     .actor("alice")
///     .reason("price review")
///     .with("ticket", 4711)
///     .scope(async {
///         assert_eq!(AuditContext::current().actor_name(), Some("alice"));
///     })
///     .await;
///
/// assert_eq!(AuditContext::current().actor_name(), None);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditContext {
    actor: Option<String>,
    correlation_id: Option<String>,
    details: Map<String, Value>,
    suspended: Option<String>,
}

impl AuditContext {
    /// A context that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A context in which nothing is recorded, for the reason given.
    ///
    /// Every write to an audited table that would have been recorded inside its scope is reported through `tracing` at level
    /// `WARN` with the reason. A scope inside it that is not suspended records again, and so does a connection that a context
    /// is bound to.
    ///
    /// Triggers cannot be suspended: of an entity with `#[audited(capture = "trigger")]` every write is recorded, and the entry's
    /// context has the reason under the key `suspended`.
    ///
    /// ```
    /// use sea_orm_audit::AuditContext;
    ///
    /// let import = AuditContext::suspended("first import, the source keeps its own history");
    /// assert_eq!(
    ///     import.suspended_because(),
    ///     Some("first import, the source keeps its own history")
    /// );
    /// ```
    #[must_use]
    pub fn suspended(reason: impl Into<String>) -> Self {
        Self {
            suspended: Some(reason.into()),
            ..Self::default()
        }
    }

    /// The context of the innermost scope of this task, else the process default, else an empty one.
    ///
    /// Take it to add to what is there: `AuditContext::current().reason("refund").scope(..)` keeps the actor.
    #[must_use]
    pub fn current() -> Self {
        Self::ambient().unwrap_or_default()
    }

    /// Names who acts: a user id, a service name; at most 255 characters, else a write is refused.
    #[must_use]
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Names the request or job that all entries of this scope belong to; at most 255 characters.
    ///
    /// Without it each scope makes a UUIDv7 of its own.
    #[must_use]
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(id.into());
        self
    }

    /// Says why; kept under the key `reason`.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        self.with(REASON, reason.into())
    }

    /// Keeps one more thing, in the entry's `context` under this key; a key given twice keeps the last value.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.details.insert(key.into(), value.into());
        self
    }

    /// Keeps one more thing of any type that serde can write.
    ///
    /// # Errors
    ///
    /// [`Error::ContextNotJson`] if it has no JSON form, such as a map whose keys are not text.
    ///
    /// # Example
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use sea_orm_audit::{AuditContext, Error};
    ///
    /// let good = AuditContext::new().try_with("roles", &["clerk", "auditor"])?;
    ///
    /// let no_json = BTreeMap::from([([1, 2], "a key that is not text")]);
    /// let bad = AuditContext::new().try_with("map", &no_json);
    /// assert!(matches!(bad, Err(Error::ContextNotJson { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_with<T>(self, key: impl Into<String>, value: &T) -> Result<Self, Error>
    where
        T: Serialize + ?Sized,
    {
        let key = key.into();
        match serde_json::to_value(value) {
            Ok(value) => Ok(self.with(key, value)),
            Err(source) => Err(Error::ContextNotJson { key, source }),
        }
    }

    /// Who acts, where the context says so.
    #[must_use]
    pub fn actor_name(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// The request or job, where the context says so; inside a scope it always does.
    #[must_use]
    pub fn correlation(&self) -> Option<&str> {
        self.correlation_id.as_deref()
    }

    /// The reason and every further key.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.details
    }

    /// Why nothing is recorded, for a context made by [`suspended`](Self::suspended).
    #[must_use]
    pub fn suspended_because(&self) -> Option<&str> {
        self.suspended.as_deref()
    }

    /// Runs a future in which this is the context of every write.
    ///
    /// Scopes nest: the innermost counts, as a whole, and the outer one is back when it ends, however it ends.
    pub async fn scope<F>(self, future: F) -> F::Output
    where
        F: Future,
    {
        SCOPE.scope(Arc::new(Scope::new(self)), future).await
    }

    /// Runs a closure in which this is the context of every write; for code that blocks on futures itself.
    pub fn sync_scope<F, T>(self, f: F) -> T
    where
        F: FnOnce() -> T,
    {
        SCOPE.sync_scope(Arc::new(Scope::new(self)), f)
    }

    /// Makes this the context of every write outside of all scopes, such as a worker's own name.
    ///
    /// Never put a user there: it holds for the whole process.
    pub fn set_process_default(self) {
        store_process_default(Some(Arc::new(self)));
    }

    /// Takes the process default away again.
    pub fn clear_process_default() {
        store_process_default(None);
    }

    /// The context with a correlation id, its own or a new one.
    pub(crate) fn identified(mut self) -> Self {
        self.correlation_id
            .get_or_insert_with(|| Uuid::now_v7().to_string());
        self
    }

    /// The context a write takes, where there is one.
    pub(crate) fn ambient() -> Option<Self> {
        SCOPE
            .try_with(|scope| scope.context.clone())
            .ok()
            .or_else(process_default)
    }
}

fn store_process_default(context: Option<Arc<AuditContext>>) {
    // A poisoned lock is still a lock around a whole value.
    *PROCESS_DEFAULT
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = context;
}

fn process_default() -> Option<AuditContext> {
    PROCESS_DEFAULT
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .as_deref()
        .cloned()
}

/// A context in force, and the writes under way in it.
#[derive(Debug)]
pub(crate) struct Scope {
    context: AuditContext,
    pending: Pending,
}

impl Scope {
    fn new(context: AuditContext) -> Self {
        Self {
            context: context.identified(),
            pending: Pending::default(),
        }
    }

    /// What is under way in this task's innermost scope; outside of all scopes, what is under way in the process.
    pub(crate) fn with_pending<T>(f: impl FnOnce(&Pending) -> T) -> T {
        match SCOPE.try_with(Arc::clone) {
            Ok(scope) => f(&scope.pending),
            Err(_) => f(Pending::unscoped()),
        }
    }
}

/// Takes the current context along into a task of its own.
///
/// ```
/// use sea_orm_audit::{AuditContext, InCurrentAuditContext};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// AuditContext::new().actor("alice").scope(async {
///     let alone = tokio::spawn(async { AuditContext::current() });
///     assert_eq!(alone.await.unwrap().actor_name(), None);
///
///     let asked = tokio::spawn(async { AuditContext::current() }.in_current_audit_context());
///     assert_eq!(asked.await.unwrap().actor_name(), Some("alice"));
/// }).await;
/// # }
/// ```
pub trait InCurrentAuditContext: Future + Sized {
    /// Runs the future in a scope of its own with the context of the scope in which this is called.
    ///
    /// Outside of all scopes it changes nothing: the process default holds in every task. A context that is bound to a
    /// connection goes with the connection.
    fn in_current_audit_context(self) -> impl Future<Output = Self::Output> + Send
    where
        Self: Send,
        Self::Output: Send,
    {
        let context = SCOPE.try_with(|scope| scope.context.clone()).ok();
        async move {
            match context {
                Some(context) => context.scope(self).await,
                None => self.await,
            }
        }
    }
}

impl<F: Future> InCurrentAuditContext for F {}

#[cfg(test)]
mod tests {
    use std::{panic::AssertUnwindSafe, pin::pin, task::Poll};

    use super::*;

    fn actor() -> Option<String> {
        AuditContext::current().actor
    }

    fn as_(name: &str) -> AuditContext {
        AuditContext::new().actor(name)
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn the_innermost_scope_counts_and_the_outer_one_comes_back() {
        block_on(async {
            as_("outer")
                .scope(async {
                    assert_eq!(actor().as_deref(), Some("outer"));
                    as_("inner")
                        .scope(async { assert_eq!(actor().as_deref(), Some("inner")) })
                        .await;
                    assert_eq!(actor().as_deref(), Some("outer"));
                    AuditContext::new()
                        .scope(async { assert_eq!(actor(), None) })
                        .await;
                })
                .await;
            assert_eq!(actor(), None);
        });
    }

    #[test]
    fn the_outer_scope_comes_back_after_a_panic() {
        block_on(as_("outer").scope(async {
            let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| {
                as_("inner").sync_scope(|| panic!("inside"));
            }));
            assert!(panicked.is_err());
            assert_eq!(actor().as_deref(), Some("outer"));

            let panicking = tokio::spawn(as_("inner").scope(async { panic!("inside") }));
            assert!(panicking.await.unwrap_err().is_panic());
            assert_eq!(actor().as_deref(), Some("outer"));
        }));
    }

    #[test]
    fn the_outer_scope_comes_back_after_the_inner_future_is_dropped() {
        block_on(as_("outer").scope(async {
            {
                let mut inner = pin!(as_("inner").scope(async {
                    assert_eq!(actor().as_deref(), Some("inner"));
                    std::future::pending::<()>().await;
                }));
                std::future::poll_fn(|cx| {
                    assert!(inner.as_mut().poll(cx).is_pending());
                    Poll::Ready(())
                })
                .await;
                assert_eq!(actor().as_deref(), Some("outer"));
            }
            assert_eq!(actor().as_deref(), Some("outer"));
        }));
    }

    #[test]
    fn each_scope_has_a_correlation_id_of_its_own_unless_one_is_given() {
        let current = || AuditContext::current().correlation_id;
        block_on(async {
            let first = as_("a").scope(async { current() }).await.unwrap();
            let second = as_("a").scope(async { current() }).await.unwrap();
            assert_ne!(first, second);
            assert_eq!(Uuid::parse_str(&first).unwrap().get_version_num(), 7);

            let given = AuditContext::new().correlation_id("req-1");
            assert_eq!(
                given.scope(async { current() }).await.as_deref(),
                Some("req-1")
            );
        });
    }

    #[test]
    fn a_scope_made_from_the_current_context_keeps_its_correlation_id() {
        block_on(as_("a").scope(async {
            let outer = AuditContext::current();
            let inner = AuditContext::current()
                .reason("more")
                .scope(async { AuditContext::current() })
                .await;
            assert_eq!(inner.correlation_id, outer.correlation_id);
            assert_eq!(inner.actor, outer.actor);
        }));
    }

    #[test]
    fn two_tasks_that_take_turns_keep_their_own_actor() {
        block_on(async {
            let one = |name: &'static str| {
                tokio::spawn(as_(name).scope(async move {
                    for _ in 0..100 {
                        assert_eq!(actor().as_deref(), Some(name));
                        tokio::task::yield_now().await;
                    }
                }))
            };
            let (a, b) = (one("a"), one("b"));
            a.await.unwrap();
            b.await.unwrap();
        });
    }
}
