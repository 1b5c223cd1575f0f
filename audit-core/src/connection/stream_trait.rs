//! Streams of rows.

use std::{future::Future, pin::Pin};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, StatementBuilder, StreamTrait, TransactionTrait,
};

use super::{AuditedConnection, Kind, raw, statement};
use crate::{backend, table};

impl<C> StreamTrait for AuditedConnection<C>
where
    C: StreamTrait + ConnectionTrait + TransactionTrait,
{
    type Stream<'a>
        = C::Stream<'a>
    where
        Self: 'a;

    fn get_database_backend(&self) -> DbBackend {
        StreamTrait::get_database_backend(&self.inner)
    }

    fn stream_raw<'a>(
        &'a self,
        stmt: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        let may_write = self.tells() && raw::may_write(&stmt.sql);
        let stream = self.inner.stream_raw(stmt);
        Box::pin(self.outward(self.streamed(stream, may_write, None)))
    }

    /// Streams rows. What changes rows of an audited table is refused, unless triggers capture it: a stream may be dropped
    /// before its end.
    fn stream<'a, S: StatementBuilder + Sync>(
        &'a self,
        stmt: &S,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        let db_backend = StreamTrait::get_database_backend(&self.inner);
        let backend = backend::of(db_backend);
        let mut entity = None;
        if !matches!(self.kind, Kind::Mock)
            && let Some(target) = statement::target(stmt, db_backend, backend)
        {
            let checked = match table::by_trigger(target.table, backend) {
                Some(owner) => self.check_by_trigger(owner, backend).map(Some),
                None => {
                    let entity = table::entity_name(target.table, backend);
                    self.refuse_or_report(target, entity).map(|()| None)
                }
            };
            match checked {
                Ok(checked) => entity = checked,
                Err(err) => return Box::pin(std::future::ready(Err(err.into()))),
            }
        }
        let may_write = self.tells() && statement::may_write(stmt, db_backend);
        let stream = self.inner.stream(stmt);
        Box::pin(self.outward(self.streamed(stream, may_write, entity)))
    }
}

impl<C> AuditedConnection<C>
where
    C: StreamTrait + ConnectionTrait + TransactionTrait,
{
    /// Begins a stream, with the context in the transaction if the statement may change rows.
    async fn streamed<'a>(
        &'a self,
        stream: Pin<Box<dyn Future<Output = Result<C::Stream<'a>, DbErr>> + 'a + Send>>,
        may_write: bool,
        entity: Option<String>,
    ) -> Result<C::Stream<'a>, DbErr> {
        if !may_write {
            return stream.await;
        }
        let turn = self.enter(entity.as_deref()).await?;
        if turn.is_none() && entity.is_some() && !self.session_context().is_empty() {
            tracing::warn!(
                entity,
                "a stream that changes audited rows has no context outside of a transaction: its entries say what the \
                 pool's session says",
            );
        }
        stream.await
    }
}
