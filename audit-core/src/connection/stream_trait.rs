//! Streams of rows.

use std::{future::Future, pin::Pin};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, StatementBuilder, StreamTrait, TransactionTrait,
};

use super::{AuditedConnection, Kind, statement};
use crate::backend;

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
        self.inner.stream_raw(stmt)
    }

    /// Streams rows. What changes rows of an audited table is refused: a stream may be dropped before its end.
    fn stream<'a, S: StatementBuilder + Sync>(
        &'a self,
        stmt: &S,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        let db_backend = StreamTrait::get_database_backend(&self.inner);
        let backend = backend::of(db_backend);
        if !matches!(self.kind, Kind::Mock)
            && let Some(target) = statement::target(stmt, db_backend, backend)
        {
            let entity = crate::table::entity_name(target.table, backend);
            if let Err(err) = self.refuse_or_report(target, entity) {
                return Box::pin(std::future::ready(Err(err.into())));
            }
        }
        self.inner.stream(stmt)
    }
}
