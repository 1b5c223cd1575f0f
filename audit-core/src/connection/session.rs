//! What the database has as its context within one transaction, savepoints and all.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::MutexGuard as Turn;

use super::{
    in_context::context_table_missing,
    session_context::{ContextStatement, SessionContext},
};
use crate::{backend::Backend, error::Error};

/// The migration that creates SQLite's place for a context; tests compare it with the migration's own name.
pub(super) const MIGRATION: &str = "audit_m0002_create_trigger_support";

/// A transaction in which the context of its writes changes from one to the next.
///
/// A transaction and its savepoints have one: what the database has is one thing, whichever level told it.
#[derive(Debug)]
pub(super) struct Session {
    /// Whoever tells the database a context has the transaction until their statement is over.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// Whether the transaction was begun by somebody else, who may end it without us.
    adopted: bool,
}

#[derive(Debug, Default)]
struct State {
    /// What the database has, where that is known.
    has: Option<SessionContext>,
    /// How often the database was told something.
    told: u64,
    /// Whether there may be something to clear.
    left: bool,
    /// Whether there is no place for a context.
    missing: bool,
}

impl Session {
    /// That of a transaction that is ours from beginning to end.
    pub(super) fn begun() -> Self {
        Self {
            adopted: false,
            ..Self::adopted()
        }
    }

    /// That of a transaction that somebody else has begun.
    pub(super) fn adopted() -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            adopted: true,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often the database was told something so far.
    pub(super) fn told(&self) -> u64 {
        self.state().told
    }

    /// A savepoint is over that began when the database had been told something so often; what it was told since may be taken
    /// back.
    pub(super) fn savepoint_ended(&self, told: u64) {
        let mut state = self.state();
        if state.told != told {
            state.has = None;
        }
    }

    /// Something may have changed the context behind our back.
    pub(super) fn forget(&self) {
        let mut state = self.state();
        state.has = None;
        state.told += 1;
        state.left = true;
    }

    /// Waits until nobody else is writing in this transaction, and tells the database the context unless it knows.
    ///
    /// `entity` is the table whose triggers want to know, where the statement is known to be about one.
    pub(super) async fn enter<C: ConnectionTrait>(
        &self,
        db: &C,
        backend: &dyn Backend,
        context: &SessionContext,
        entity: Option<&str>,
    ) -> Result<Turn<'_, ()>, DbErr> {
        let turn = self.turn.lock().await;
        let missing = {
            let mut state = self.state();
            let nothing_yet = state.told == 0 && !backend.sessions_keep_context();
            if state.has.as_ref() == Some(context) || (nothing_yet && context.is_empty()) {
                return Ok(turn);
            }
            if !state.missing {
                // Until it is done, what the database has is unknown: this future may be dropped.
                state.has = None;
                state.told += 1;
                state.left = true;
            }
            state.missing
        };
        if missing || !tell(db, backend, context).await? {
            let mut state = self.state();
            state.missing = true;
            state.left = false;
            return match entity.filter(|_| !context.is_empty()) {
                Some(entity) => Err(context_table_missing(entity).into()),
                None => Ok(turn),
            };
        }
        let mut state = self.state();
        state.left = !context.is_empty();
        state.has = Some(context.clone());
        Ok(turn)
    }

    /// After each statement in a transaction that somebody else may commit without us: nothing is to be left in it.
    pub(super) async fn leave<C: ConnectionTrait>(
        &self,
        db: &C,
        backend: &dyn Backend,
    ) -> Result<(), DbErr> {
        if self.adopted && self.state().left {
            self.clear(db, backend).await?;
        }
        Ok(())
    }

    /// At the end of the whole transaction.
    pub(super) async fn close<C: ConnectionTrait>(
        &self,
        db: &C,
        backend: &dyn Backend,
    ) -> Result<(), DbErr> {
        let _turn = self.turn.lock().await;
        if self.state().left {
            self.clear(db, backend).await?;
        }
        Ok(())
    }

    async fn clear<C: ConnectionTrait>(&self, db: &C, backend: &dyn Backend) -> Result<(), DbErr> {
        if let Some(clear) = backend.clear_context() {
            db.execute(&ContextStatement(clear)).await?;
            let mut state = self.state();
            state.has = Some(SessionContext::default());
            state.left = false;
        }
        Ok(())
    }
}

/// Tells the database the context, in a transaction; `false` where there is no place for it.
pub(super) async fn tell<C: ConnectionTrait>(
    db: &C,
    backend: &dyn Backend,
    context: &SessionContext,
) -> Result<bool, DbErr> {
    for (field, text) in context.texts() {
        if !backend.keeps_nul() && text.is_some_and(|text| text.contains('\0')) {
            return Err(Error::ContextHoldsNul { field }.into());
        }
    }
    match db
        .execute(&ContextStatement(backend.set_context(context)))
        .await
    {
        Ok(_) => Ok(true),
        Err(err) if backend.lacks_context_table(&err) => Ok(false),
        Err(err) => Err(err),
    }
}
