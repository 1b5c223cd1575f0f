//! Updating many rows.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, IdenStatic, Iterable,
    QueryFilter, QueryTrait, TransactionSession, TransactionTrait, UpdateMany,
    sea_query::{Expr, IntoCondition},
};

use super::{
    BulkResult, CHUNK,
    run::{self, Chunk, Chunks},
};
use crate::{
    audited::Audited,
    backend,
    capture::{gate::Recorder, pending::Verb},
    change::{image::Image, key, values::Change},
    connection::announce::recorded_here,
    error::Error,
    table::{self, Seen},
};

/// Updates many rows, each with its entry; made by [`Audited::audited_update_many`].
///
/// It takes what [`UpdateMany`] takes, and works in one transaction on rows it has locked, so that old and new values are exact
/// under any concurrency. Rows that the update leaves as they are make no entry. If one row cannot be recorded, no row
/// is changed, whatever the connection's [`OnFailure`](crate::OnFailure) says.
///
/// ```
/// use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, TransactionTrait, sea_query::Expr};
/// use sea_orm_audit::Audited;
///
/// async fn close<E, C>(status: E::Column, db: &C) -> Result<u64, DbErr>
/// where
///     E: Audited,
///     C: ConnectionTrait + TransactionTrait,
/// {
///     let done = E::audited_update_many()
///         .col_expr(status, Expr::value("closed"))
///         .filter(status.eq("open"))
///         .exec(db)
///         .await?;
///     Ok(done.rows_affected)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a bulk update does nothing until `exec` is called"]
pub struct AuditedUpdateMany<E: Audited> {
    update: UpdateMany<E>,
    select: sea_orm::Select<E>,
    columns: Vec<&'static str>,
    chunk: usize,
}

impl<E: Audited> AuditedUpdateMany<E> {
    pub(crate) fn new() -> Self {
        Self {
            update: E::update_many(),
            select: E::find(),
            columns: Vec::new(),
            chunk: CHUNK,
        }
    }

    /// Sets a column to an expression, as [`UpdateMany::col_expr`].
    pub fn col_expr(mut self, column: E::Column, expr: Expr) -> Self {
        self.columns.push(column.as_str());
        self.update = self.update.col_expr(column, expr);
        self
    }

    /// Sets the columns that are `Set` in an active model, as [`UpdateMany::set`].
    #[expect(clippy::needless_pass_by_value, reason = "as SeaORM's own")]
    pub fn set<A>(self, active: A) -> Self
    where
        A: ActiveModelTrait<Entity = E>,
    {
        E::Column::iter().fold(self, |update, column| match active.get(column) {
            ActiveValue::Set(value) => update.col_expr(column, column.save_as(Expr::val(value))),
            ActiveValue::Unchanged(_) | ActiveValue::NotSet => update,
        })
    }

    /// Adds a condition that the rows must meet.
    pub fn filter<F>(mut self, filter: F) -> Self
    where
        F: IntoCondition,
    {
        let condition = filter.into_condition();
        self.update = self.update.filter(condition.clone());
        self.select = self.select.filter(condition);
        self
    }

    /// How many rows are in memory at one time; 500 unless said otherwise, at least 1.
    pub fn chunk_size(mut self, rows: usize) -> Self {
        self.chunk = rows.max(1);
        self
    }

    /// Updates the rows.
    ///
    /// # Errors
    ///
    /// [`Error::KeyInUpdate`], whatever stands in the way of an entry, and what the database says. Nothing is changed then.
    pub async fn exec<C>(self, db: &C) -> Result<BulkResult, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db, None::<fn(Vec<E::Model>)>).await
    }

    /// Updates the rows and returns them as they are then: all of them, so that memory is not bounded by the chunk.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec).
    pub async fn exec_with_returning<C>(self, db: &C) -> Result<Vec<E::Model>, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut all = Vec::new();
        self.run(db, Some(|models| all.extend(models))).await?;
        Ok(all)
    }

    fn check_keys<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        let table = table::of::<E>();
        let keys = table.key_columns();
        let mut columns = self.columns.iter().copied();
        match columns.find(|column| keys.contains(column)) {
            None => Ok(()),
            Some(column) => {
                let entity = table::entity_name(table, backend::of(db.get_database_backend()));
                Err(Error::KeyInUpdate { entity, column })
            }
        }
    }

    /// Updates the rows as one statement; gives back how many there were.
    async fn plain<C>(
        self,
        db: &C,
        keep: Option<impl FnMut(Vec<E::Model>) + Send>,
    ) -> Result<u64, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let Some(mut keep) = keep else {
            return Ok(self.update.exec(db).await?.rows_affected);
        };
        let models = self.plain_with_returning(db).await?;
        let count = models.len() as u64;
        keep(models);
        Ok(count)
    }

    /// Updates the rows as one statement, and returns them.
    async fn plain_with_returning<C>(self, db: &C) -> Result<Vec<E::Model>, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        if db.support_returning() {
            return self.update.exec_with_returning(db).await;
        }
        // What the rows are is known before only: the filter may not find them afterwards.
        let transaction = run::begin(db).await?;
        let table = table::of::<E>();
        let backend = backend::of(db.get_database_backend());
        let mut select = self.select.into_query();
        table.order_by_key(&mut select);
        if let Some(lock) = backend.lock_before_update() {
            select.lock(lock);
        }
        let mut keys = Vec::new();
        for row in transaction.query_all(&select).await? {
            keys.push(table.key_of(&row)?);
        }
        let models = if keys.is_empty() {
            Vec::new()
        } else {
            self.update.exec(&transaction).await?;
            let updated = E::find().filter(table.key_in(&keys));
            updated.all(&transaction).await?
        };
        transaction.commit().await?;
        Ok(models)
    }

    async fn run<C>(
        self,
        db: &C,
        mut keep: Option<impl FnMut(Vec<E::Model>) + Send>,
    ) -> Result<BulkResult, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut result = BulkResult::default();
        if self.columns.is_empty() {
            return Ok(result);
        }
        let recorder = run::recorder::<E, C>(db, Verb::Update)?;
        if recorder.is_some() || run::by_trigger::<E, C>(db) {
            self.check_keys(db)?;
        }
        let Some(recorder) = recorder else {
            // Not recorded here, but the rows are to be the same.
            result.rows_affected = self.plain(db, keep).await?;
            return Ok(result);
        };
        let values = without_filter(&self.update);
        let transaction = run::begin(db).await?;
        if run::is_left_to_triggers(&recorder, &transaction).await? {
            result.rows_affected = recorded_here(self.plain(&transaction, keep)).await?;
            transaction.commit().await?;
            return Ok(result);
        }
        let lock = recorder.backend.lock_before_update();
        let mut chunks = Chunks::new(&recorder, self.select.into_query(), lock, self.chunk);
        while let Some(Chunk { seen, keys }) = chunks.next(&transaction).await? {
            result.rows_affected += seen.len() as u64;
            let update = values.clone().filter(recorder.table.key_in(&keys));
            let models = update_chunk::<E, _>(&transaction, &recorder, update, &keys).await?;
            record::<E, _>(&transaction, &recorder, seen, &models).await?;
            if let Some(keep) = &mut keep {
                keep(models);
            }
        }
        transaction.commit().await?;
        Ok(result)
    }
}

/// The values of an update, for rows yet to be named.
fn without_filter<E: Audited>(update: &UpdateMany<E>) -> UpdateMany<E> {
    update
        .as_query()
        .get_values()
        .iter()
        .fold(E::update_many(), |update, (column, expr)| {
            update.col_expr(column.clone(), (**expr).clone())
        })
}

async fn update_chunk<E, C>(
    db: &C,
    recorder: &Recorder,
    update: UpdateMany<E>,
    keys: &[Vec<sea_orm::Value>],
) -> Result<Vec<E::Model>, DbErr>
where
    E: Audited,
    C: ConnectionTrait,
{
    if db.support_returning() {
        return recorded_here(update.exec_with_returning(db)).await;
    }
    recorded_here(update.exec(db)).await?;
    E::find().filter(recorder.table.key_in(keys)).all(db).await
}

/// Pairs the rows before with the rows after, and writes their entries.
async fn record<E, C>(
    db: &C,
    recorder: &Recorder,
    before: Vec<Seen>,
    after: &[E::Model],
) -> Result<(), DbErr>
where
    E: Audited,
    C: ConnectionTrait,
{
    if before.len() != after.len() {
        return Err(recorder.changed_meanwhile());
    }
    let mut now = HashMap::with_capacity(after.len());
    for model in after {
        let record_id = key::of_model::<E>(&recorder.entity, model)?;
        now.insert(record_id, Image::of::<E>(model));
    }
    let mut changes = Vec::with_capacity(before.len());
    for Seen { record_id, image } in before {
        let new = now
            .remove(&record_id)
            .ok_or_else(|| recorder.changed_meanwhile())?;
        let change = Change::Update {
            old: Some(image),
            new,
        };
        changes.push((record_id, change));
    }
    recorder.write_all(db, &changes).await
}
