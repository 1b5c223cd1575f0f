//! The history of one record.

use std::{fmt, marker::PhantomData};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PrimaryKeyTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Value,
    sea_query::{Alias, IntoValueTuple},
};

use crate::{
    audit_log::{self, Column, TABLE},
    audited::Audited,
    backend,
    change::key,
    error::Result,
    log_table::LogTable,
    table::{self, entity_name},
};

/// The entries of one record, newest first; made by [`Audited::history`].
///
/// A page is the entries before an `id` that is already known, so that pages neither overlap nor skip while the log grows:
///
/// ```
/// use sea_orm::{DbErr, EntityTrait, ConnectionTrait};
/// use sea_orm_audit::{Audited, audit_log};
///
/// async fn two_pages<E, C>(history: sea_orm_audit::History<E>, db: &C) -> Result<(), DbErr>
/// where
///     E: Audited,
///     C: ConnectionTrait,
/// {
///     let newest = history.clone().limit(50).all(db).await?;
///     if let Some(last) = newest.last() {
///         let before = history.before(last.id).limit(50).all(db).await?;
///     }
///     Ok(())
/// }
/// ```
#[must_use = "a history reads nothing until `all` or `one` is called"]
pub struct History<E: Audited> {
    key: Vec<Value>,
    before: Option<i64>,
    limit: Option<u64>,
    entity: PhantomData<E>,
}

impl<E: Audited> History<E> {
    pub(crate) fn new(key: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Self {
        Self {
            key: key.into_value_tuple().into_iter().collect(),
            before: None,
            limit: None,
            entity: PhantomData,
        }
    }

    /// Only entries written before the one with this id.
    pub fn before(mut self, id: i64) -> Self {
        self.before = Some(id);
        self
    }

    /// At most so many entries.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The query as SeaORM's own, to filter further.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`](crate::Error::KeyTooLong), [`Error::Unencodable`](crate::Error::Unencodable): no record has such a key.
    pub fn select<C>(&self, db: &C) -> Result<Select<audit_log::Entity>>
    where
        C: ConnectionTrait,
    {
        let backend = backend::of(db.get_database_backend());
        let entity = entity_name(table::of::<E>(), backend);
        let record_id = key::record_id(&entity, &self.key)?;
        let mut select = entries(LogTable::new(E::OPTIONS.log))
            .filter(backend.text_is(Column::Entity, &entity))
            .filter(backend.text_is(Column::RecordId, &record_id))
            .order_by_desc(Column::Id);
        if let Some(id) = self.before {
            select = select.filter(Column::Id.lt(id));
        }
        Ok(select.limit(self.limit))
    }

    /// The entries, newest first.
    ///
    /// # Errors
    ///
    /// See [`select`](Self::select), and what the database says.
    pub async fn all<C>(&self, db: &C) -> Result<Vec<audit_log::Model>, DbErr>
    where
        C: ConnectionTrait,
    {
        self.select(db)?.all(db).await
    }

    /// The newest entry.
    ///
    /// # Errors
    ///
    /// See [`select`](Self::select), and what the database says.
    pub async fn one<C>(&self, db: &C) -> Result<Option<audit_log::Model>, DbErr>
    where
        C: ConnectionTrait,
    {
        self.select(db)?.one(db).await
    }
}

/// All entries of a log table, read through the one entity that describes them all.
fn entries(log: LogTable) -> Select<audit_log::Entity> {
    let mut select = audit_log::Entity::find();
    if log.as_str() != TABLE {
        QueryTrait::query(&mut select)
            .from_clear()
            .from_as(log.table_ref(), Alias::new(TABLE));
    }
    select
}

impl<E: Audited> Clone for History<E> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            ..*self
        }
    }
}

impl<E: Audited> fmt::Debug for History<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("key", &self.key)
            .field("before", &self.before)
            .field("limit", &self.limit)
            .finish()
    }
}
