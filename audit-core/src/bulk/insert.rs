//! Inserting many rows.

use std::marker::PhantomData;

use sea_orm::{
    ConnectionTrait, DbErr, IntoActiveModel, TransactionSession, TransactionTrait, Value,
    sea_query::IntoValueTuple,
};

use super::{BulkResult, CHUNK, run};
use crate::{
    audited::Audited,
    capture::{gate::Recorder, pending::Verb},
    change::{key, values::Change},
    connection::announce::recorded_here,
    table::Seen,
};

/// Inserts many rows, each with its entry; made by [`Audited::audited_insert_many`].
///
/// It takes what SeaORM's `insert_many` takes, and works in one transaction; the rows are asked of the iterator a chunk at a
/// time. If one row cannot be recorded, none is inserted, whatever the connection's
/// [`OnFailure`](crate::OnFailure) says. A database without `RETURNING`,
/// such as MySQL, does not say what keys it gave to several rows: there a chunk that has a row without its key is inserted row by row.
///
/// ```
/// use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};
/// use sea_orm_audit::Audited;
///
/// async fn import<E, C>(rows: Vec<E::ActiveModel>, db: &C) -> Result<u64, DbErr>
/// where
///     E: Audited,
///     E::ActiveModel: Send,
///     C: ConnectionTrait + TransactionTrait,
///     E::Model: sea_orm::IntoActiveModel<E::ActiveModel>,
/// {
///     Ok(E::audited_insert_many(rows).exec(db).await?.rows_affected)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a bulk insert does nothing until `exec` is called"]
pub struct AuditedInsertMany<E, I> {
    rows: I,
    chunk: usize,
    entity: PhantomData<E>,
}

impl<E, I> AuditedInsertMany<E, I>
where
    E: Audited,
    I: Iterator<Item: IntoActiveModel<E::ActiveModel>> + Send,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    /// How many rows are in memory at one time; 500 unless said otherwise, at least 1.
    pub fn chunk_size(mut self, rows: usize) -> Self {
        self.chunk = rows.max(1);
        self
    }

    /// Inserts the rows; none where there are none.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way of an entry, and what the database says. Nothing is inserted then.
    pub async fn exec<C>(mut self, db: &C) -> Result<BulkResult, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut result = BulkResult::default();
        let mut recorder = run::recorder::<E, C>(db, Verb::Insert)?;
        let transaction = run::begin(db).await?;
        let mut is_left = false;
        if let Some(captured) = &recorder {
            is_left = run::is_left_to_triggers(captured, &transaction).await?;
        }
        if is_left {
            recorder = None;
        }
        loop {
            let rows: Vec<E::ActiveModel> = self
                .rows
                .by_ref()
                .take(self.chunk)
                .map(IntoActiveModel::into_active_model)
                .collect();
            if rows.is_empty() {
                break;
            }
            result.rows_affected += rows.len() as u64;
            match &recorder {
                None if is_left => {
                    let insert = E::insert_many(rows).exec_without_returning(&transaction);
                    recorded_here(insert).await?;
                }
                None => {
                    E::insert_many(rows)
                        .exec_without_returning(&transaction)
                        .await?;
                }
                Some(recorder) => {
                    for row in &rows {
                        recorder.check_active(row)?;
                    }
                    let created = insert_chunk::<E, _>(&transaction, recorder, rows).await?;
                    let changes: Vec<_> = created
                        .into_iter()
                        .map(|row| (row.record_id, Change::Create(row.image)))
                        .collect();
                    recorder.write_all(&transaction, &changes).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(result)
    }
}

impl<E: Audited, I: Iterator> AuditedInsertMany<E, I> {
    pub(crate) fn new(rows: I) -> Self {
        Self {
            rows,
            chunk: CHUNK,
            entity: PhantomData,
        }
    }
}

/// Inserts rows, and looks at them as the database has them then, in their order.
async fn insert_chunk<E, C>(
    db: &C,
    recorder: &Recorder,
    rows: Vec<E::ActiveModel>,
) -> Result<Vec<Seen>, DbErr>
where
    E: Audited,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
    C: ConnectionTrait,
{
    let count = rows.len();
    let created = if db.support_returning() {
        let models = recorded_here(E::insert_many(rows).exec_with_returning(db)).await?;
        models
            .iter()
            .map(|model| recorder.see_model::<E>(model))
            .collect::<Result<_, _>>()?
    } else {
        let given: Option<Vec<Vec<Value>>> = rows.iter().map(key::values_of_active).collect();
        let keys = match given {
            Some(keys) => {
                recorded_here(E::insert_many(rows).exec_without_returning(db)).await?;
                keys
            }
            None => {
                let mut keys = Vec::with_capacity(count);
                for row in rows {
                    let key = recorded_here(E::insert(row).exec(db)).await?.last_insert_id;
                    keys.push(key.into_value_tuple().into_iter().collect());
                }
                keys
            }
        };
        recorder.see_keys(db, &keys).await?
    };
    if created.len() != count {
        return Err(recorder.changed_meanwhile());
    }
    Ok(created)
}
