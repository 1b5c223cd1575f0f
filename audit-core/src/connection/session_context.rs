//! The context as triggers read it from the session.

use sea_orm::{
    DbBackend, Statement, StatementBuilder,
    sea_query::{Query, audit::QueryAccessAudit},
};
use serde_json::Value;

use crate::context::AuditContext;

/// The key under which the reason of a suspended context stands.
const SUSPENDED: &str = "suspended";

/// What the database is told of an [`AuditContext`]; an empty text says nothing, as a missing one does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionContext {
    pub(crate) actor: Option<String>,
    pub(crate) correlation_id: Option<String>,
    /// The text of a JSON object.
    pub(crate) details: Option<String>,
}

impl SessionContext {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What a statement that sets the context binds: actor, correlation id and details.
    pub(crate) fn to_texts(&self) -> [Option<String>; 3] {
        [&self.actor, &self.correlation_id, &self.details].map(Clone::clone)
    }

    /// The texts that come as they are given, by their names for errors.
    pub(crate) fn texts(&self) -> [(&'static str, Option<&str>); 2] {
        [
            ("actor", self.actor.as_deref()),
            ("correlation id", self.correlation_id.as_deref()),
        ]
    }
}

impl From<&AuditContext> for SessionContext {
    fn from(context: &AuditContext) -> Self {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        let mut details = context.details().clone();
        // Triggers cannot be suspended, but they can say that somebody wished it.
        if let Some(reason) = context.suspended_because() {
            details.insert(SUSPENDED.to_owned(), Value::from(reason));
        }
        Self {
            actor: text(context.actor_name()),
            correlation_id: text(context.correlation()),
            details: (!details.is_empty()).then(|| Value::Object(details).to_string()),
        }
    }
}

/// A statement that sets or clears the context. Whoever may write may say who they are.
pub(super) struct ContextStatement(pub(super) Statement);

impl StatementBuilder for ContextStatement {
    fn build(&self, _: &DbBackend) -> Statement {
        self.0.clone()
    }

    fn audit(&self) -> Result<QueryAccessAudit, sea_orm::AuditError> {
        StatementBuilder::audit(&Query::select())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_context_says_nothing() {
        assert!(SessionContext::from(&AuditContext::new()).is_empty());
        assert!(SessionContext::from(&AuditContext::new().actor("")).is_empty());
        assert!(!SessionContext::from(&AuditContext::new().actor("a")).is_empty());
    }

    #[test]
    fn a_suspended_context_says_why() {
        let context = SessionContext::from(&AuditContext::suspended("first import"));
        assert_eq!(
            context.details.as_deref(),
            Some(r#"{"suspended":"first import"}"#)
        );
        assert_eq!(context.actor, None);
    }
}
