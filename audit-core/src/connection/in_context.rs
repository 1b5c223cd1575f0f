//! Statements that may change rows, with the context in the database for whatever triggers they fire.
//!
//! Only programs in which some entity is captured by triggers do any of this.

use sea_orm::{ConnectionTrait, DbErr, TransactionSession, TransactionTrait};
use tokio::sync::MutexGuard as Turn;

use super::{
    AuditedConnection, Kind, announce,
    connection_trait::immediate,
    job::Job,
    raw,
    session::{MIGRATION, tell},
    session_context::{ContextStatement, SessionContext},
};
use crate::{
    backend::{self, Backend},
    capture::gate::check_context,
    error::Error,
    table::{self, Table, entity_name},
};

impl<C> AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Whether it is for this wrapper to tell the database anything: one inside does it itself.
    pub(super) fn tells(&self) -> bool {
        let needed = table::any_by_trigger() || self.wrapper.shared.has_seen_triggers();
        needed && !self.nested && !matches!(self.kind, Kind::Mock)
    }

    /// The context of a statement that is run now, as the database is told it.
    pub(super) fn session_context(&self) -> SessionContext {
        let context = announce::outer_context().unwrap_or_else(|| self.wrapper.context());
        SessionContext::from(&context)
    }

    /// Runs something that a wrapper inside this one is to do with the context of this one.
    pub(super) async fn outward<F: Future>(&self, future: F) -> F::Output {
        if self.nested {
            announce::on_behalf_of(self.wrapper.context(), future).await
        } else {
            future.await
        }
    }

    /// Runs a write to a table that triggers capture. They see it whatever it is; what the wrapper knows of it is whose it is.
    pub(super) async fn by_trigger<J: Job>(
        &self,
        owner: &dyn Table,
        backend: &dyn Backend,
        job: &J,
    ) -> Result<J::Output, DbErr> {
        let entity = self.check_by_trigger(owner, backend)?;
        self.pass(self.in_context(Some(&entity), job)).await
    }

    /// What can be said against a write to such a table before it runs; gives back the table's name.
    pub(super) fn check_by_trigger(
        &self,
        owner: &dyn Table,
        backend: &dyn Backend,
    ) -> Result<String, Error> {
        let entity = entity_name(owner, backend);
        let context = announce::outer_context().unwrap_or_else(|| self.wrapper.context());
        let require_actor = owner.options().require_actor || self.wrapper.settings.require_actor;
        check_context(&entity, &context, require_actor)?;
        self.check_open()?;
        Ok(entity)
    }

    /// Runs a raw statement.
    pub(super) async fn raw<J: Job>(&self, job: J) -> Result<J::Output, DbErr> {
        if !self.tells() {
            return job.run(&self.inner).await;
        }
        let job = &job;
        let sql = job.raw().unwrap_or_default();
        let result = if raw::may_write(sql) && !raw::comes_alone(sql) {
            self.in_context(None, job).await
        } else {
            job.run(&self.inner).await
        };
        if let Kind::Transaction(seal) = &self.kind
            && raw::may_change_context(sql)
        {
            seal.session().forget();
        }
        result
    }

    /// Runs a statement that may change rows; `entity` is the table that triggers capture, where it is known to be about one.
    pub(super) async fn in_context<J: Job>(
        &self,
        entity: Option<&str>,
        job: &J,
    ) -> Result<J::Output, DbErr> {
        if !self.tells() {
            return job.run(&self.inner).await;
        }
        let backend = backend::of(self.inner.get_database_backend());
        match &self.kind {
            Kind::Mock => job.run(&self.inner).await,
            Kind::Transaction(seal) => {
                let turn = self.enter(entity).await?;
                let result = job.run(&self.inner).await;
                if turn.is_some() {
                    seal.session().leave(&self.inner, backend).await?;
                }
                result
            }
            Kind::Pool => self.in_transaction_of_its_own(entity, backend, job).await,
        }
    }

    /// Tells the transaction the context of the statement that comes next, and keeps others from telling it another until the
    /// statement is over.
    pub(super) async fn enter(&self, entity: Option<&str>) -> Result<Option<Turn<'_, ()>>, DbErr> {
        let Kind::Transaction(seal) = &self.kind else {
            return Ok(None);
        };
        // The database may not be in the transaction any more, and what it is told would stay.
        if !self.tells() || seal.reason().is_some() {
            return Ok(None);
        }
        let backend = backend::of(self.inner.get_database_backend());
        let context = self.session_context();
        let session = seal.session();
        let turn = session
            .enter(&self.inner, backend, &context, entity)
            .await?;
        Ok(Some(turn))
    }

    async fn in_transaction_of_its_own<J: Job>(
        &self,
        entity: Option<&str>,
        backend: &dyn Backend,
        job: &J,
    ) -> Result<J::Output, DbErr> {
        let context = self.session_context();
        if context.is_empty() || !job.may_be_wrapped() {
            return job.run(&self.inner).await;
        }
        let transaction = match self.inner.begin_with_options(immediate()).await {
            Ok(transaction) => transaction,
            Err(err) if backend.refuses_transaction(&err) => return job.run(&self.inner).await,
            Err(err) => return Err(err),
        };
        match tell(&transaction, backend, &context).await {
            Ok(true) => {}
            Ok(false) => {
                transaction.rollback().await?;
                return match entity {
                    Some(entity) => Err(context_table_missing(entity).into()),
                    None => job.run(&self.inner).await,
                };
            }
            Err(err) => {
                let _ = transaction.rollback().await;
                return Err(err);
            }
        }
        match job.run(&transaction).await {
            Ok(output) => {
                untell(&transaction, backend).await?;
                transaction.commit().await?;
                Ok(output)
            }
            Err(err) => {
                give_up(transaction, backend).await;
                // The server says so before it does anything, and what it may have done is rolled back.
                if backend.refuses_transaction(&err) {
                    return job.run(&self.inner).await;
                }
                Err(err)
            }
        }
    }
}

/// Takes the context away before a transaction of our own is committed.
pub(super) async fn untell<T: ConnectionTrait>(
    transaction: &T,
    backend: &dyn Backend,
) -> Result<(), DbErr> {
    if let Some(clear) = backend.clear_context() {
        transaction.execute(&ContextStatement(clear)).await?;
    }
    Ok(())
}

/// Rolls back a transaction of our own. What went wrong before is what counts; where even this fails, the connection is gone.
pub(super) async fn give_up<T>(transaction: T, backend: &dyn Backend)
where
    T: ConnectionTrait + TransactionSession,
{
    if backend.sessions_keep_context() {
        let _ = untell(&transaction, backend).await;
    }
    let _ = transaction.rollback().await;
}

pub(super) fn context_table_missing(entity: &str) -> Error {
    Error::ContextTableMissing {
        entity: entity.to_owned(),
        migration: MIGRATION,
    }
}
