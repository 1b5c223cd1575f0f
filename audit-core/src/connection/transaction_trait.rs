//! Transactions of a wrapper are wrappers of transactions.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use sea_orm::{
    AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionError, TransactionOptions,
    TransactionSession, TransactionTrait, prelude::async_trait::async_trait,
};

use super::{AuditedConnection, Kind, seal::Seal};
use crate::{backend, error::Error};

impl<C> AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    fn wrap(&self, transaction: C::Transaction) -> AuditedConnection<C::Transaction> {
        AuditedConnection {
            inner: transaction,
            wrapper: self.wrapper.clone(),
            kind: match self.kind {
                Kind::Mock => Kind::Mock,
                Kind::Pool => Kind::Transaction(Arc::new(Seal::begun())),
                Kind::Transaction(ref around) => Kind::Transaction(Arc::new(Seal::within(around))),
            },
            nested: self.nested,
        }
    }

    /// Runs an async closure in a transaction: committed if it returns `Ok`, else rolled back.
    ///
    /// As [`DatabaseConnection::transaction_async`](sea_orm::DatabaseConnection::transaction_async).
    ///
    /// # Errors
    ///
    /// What the closure returns, or what beginning and ending the transaction says.
    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c AuditedConnection<C::Transaction>) -> Result<T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let transaction = self.begin().await.map_err(TransactionError::Connection)?;
        let result = callback(&transaction).await;
        end(transaction, result).await
    }
}

/// Commits or rolls back, as the result says.
async fn end<S, T, E>(transaction: S, result: Result<T, E>) -> Result<T, TransactionError<E>>
where
    S: TransactionSession,
    E: fmt::Display + fmt::Debug,
{
    let ended = match &result {
        Ok(_) => transaction.commit().await,
        Err(_) => transaction.rollback().await,
    };
    ended.map_err(TransactionError::Connection)?;
    result.map_err(TransactionError::Transaction)
}

#[async_trait]
impl<C> TransactionTrait for AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    type Transaction = AuditedConnection<C::Transaction>;

    async fn begin(&self) -> Result<Self::Transaction, DbErr> {
        Ok(self.wrap(self.inner.begin().await?))
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self::Transaction, DbErr> {
        let transaction = self
            .inner
            .begin_with_config(isolation_level, access_mode)
            .await?;
        Ok(self.wrap(transaction))
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<Self::Transaction, DbErr> {
        Ok(self.wrap(self.inner.begin_with_options(options).await?))
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let transaction = self.begin().await.map_err(TransactionError::Connection)?;
        let result = callback(&transaction).await;
        end(transaction, result).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let transaction = self
            .begin_with_config(isolation_level, access_mode)
            .await
            .map_err(TransactionError::Connection)?;
        let result = callback(&transaction).await;
        end(transaction, result).await
    }
}

#[async_trait]
impl<C> TransactionSession for AuditedConnection<C>
where
    C: TransactionSession + ConnectionTrait + Send,
{
    /// Commits, unless something in this transaction could not be recorded: then it is rolled back.
    ///
    /// # Errors
    ///
    /// [`Error::Uncommittable`], which says what could not be recorded, and what the database says.
    async fn commit(self) -> Result<(), DbErr> {
        let Kind::Transaction(seal) = self.kind else {
            return self.inner.commit().await;
        };
        if let Some(reason) = seal.reason() {
            // Where even this fails, the connection is gone, and the database has rolled back by itself.
            let _ = roll_back(self.inner, &seal).await;
            return Err(Error::Uncommittable { reason }.into());
        }
        seal.ends();
        if !seal.is_savepoint() {
            let backend = backend::of(self.inner.get_database_backend());
            if let Err(err) = seal.session().close(&self.inner, backend).await {
                // What would stay might be taken for somebody else's.
                let _ = roll_back(self.inner, &seal).await;
                return Err(err);
            }
        }
        self.inner.commit().await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        match self.kind {
            Kind::Transaction(seal) => roll_back(self.inner, &seal).await,
            _ => self.inner.rollback().await,
        }
    }
}

/// Rolls back, which takes the context back, too, except where the session keeps it.
async fn roll_back<C>(transaction: C, seal: &Seal) -> Result<(), DbErr>
where
    C: TransactionSession + ConnectionTrait,
{
    seal.ends();
    let backend = backend::of(transaction.get_database_backend());
    if !seal.is_savepoint() && backend.sessions_keep_context() {
        // Where even this fails, the connection is gone.
        let _ = seal.session().close(&transaction, backend).await;
    }
    transaction.rollback().await
}
