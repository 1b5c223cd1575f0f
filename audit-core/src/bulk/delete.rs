//! Deleting many rows.

use sea_orm::{
    ConnectionTrait, DbErr, DeleteMany, QueryFilter, QueryTrait, TransactionSession,
    TransactionTrait, sea_query::IntoCondition,
};

use super::{
    BulkResult, CHUNK,
    run::{self, Chunk, Chunks},
};
use crate::{
    audited::Audited, capture::pending::Verb, change::values::Change,
    connection::announce::recorded_here,
};

/// Deletes many rows, each with its entry; made by [`Audited::audited_delete_many`].
///
/// It takes what [`DeleteMany`] takes, and works in one transaction on rows it has locked. If one row cannot be recorded, no
/// row is deleted, whatever the connection's [`OnFailure`](crate::OnFailure) says.
///
/// ```
/// use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, TransactionTrait};
/// use sea_orm_audit::Audited;
///
/// async fn purge<E, C>(status: E::Column, db: &C) -> Result<u64, DbErr>
/// where
///     E: Audited,
///     C: ConnectionTrait + TransactionTrait,
/// {
///     let done = E::audited_delete_many().filter(status.eq("closed")).exec(db).await?;
///     Ok(done.rows_affected)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a bulk delete does nothing until `exec` is called"]
pub struct AuditedDeleteMany<E: Audited> {
    delete: DeleteMany<E>,
    select: sea_orm::Select<E>,
    chunk: usize,
}

impl<E: Audited> AuditedDeleteMany<E> {
    pub(crate) fn new() -> Self {
        Self {
            delete: E::delete_many(),
            select: E::find(),
            chunk: CHUNK,
        }
    }

    /// Adds a condition that the rows must meet.
    pub fn filter<F>(mut self, filter: F) -> Self
    where
        F: IntoCondition,
    {
        let condition = filter.into_condition();
        self.delete = self.delete.filter(condition.clone());
        self.select = self.select.filter(condition);
        self
    }

    /// How many rows are in memory at one time; 500 unless said otherwise, at least 1.
    pub fn chunk_size(mut self, rows: usize) -> Self {
        self.chunk = rows.max(1);
        self
    }

    /// Deletes the rows.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way of an entry, and what the database says. Nothing is deleted then.
    pub async fn exec<C>(self, db: &C) -> Result<BulkResult, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut result = BulkResult::default();
        let Some(recorder) = run::recorder::<E, C>(db, Verb::Delete)? else {
            result.rows_affected = self.delete.exec(db).await?.rows_affected;
            return Ok(result);
        };
        let transaction = run::begin(db).await?;
        if run::is_left_to_triggers(&recorder, &transaction).await? {
            let deleted = recorded_here(self.delete.exec(&transaction)).await?;
            result.rows_affected = deleted.rows_affected;
            transaction.commit().await?;
            return Ok(result);
        }
        let lock = recorder.backend.lock_before_delete();
        let mut chunks = Chunks::new(&recorder, self.select.into_query(), lock, self.chunk);
        while let Some(Chunk { seen, keys }) = chunks.next(&transaction).await? {
            let delete = E::delete_many().filter(recorder.table.key_in(&keys));
            let deleted = recorded_here(delete.exec(&transaction))
                .await?
                .rows_affected;
            if deleted != seen.len() as u64 {
                return Err(recorder.changed_meanwhile());
            }
            result.rows_affected += deleted;
            let changes: Vec<_> = seen
                .into_iter()
                .map(|row| (row.record_id, Change::Delete(row.image)))
                .collect();
            recorder.write_all(&transaction, &changes).await?;
        }
        transaction.commit().await?;
        Ok(result)
    }
}
