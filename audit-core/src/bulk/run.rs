//! What the builders have in common: one transaction, rows in chunks, and who records them.

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult, TransactionTrait, Value,
    sea_query::{LockType, SelectStatement},
};

use crate::{
    audited::Audited,
    backend,
    capture::{
        gate::{Recorder, check_context, report_suspended},
        pending::Verb,
    },
    connection::{
        announce::{self, Wrapper},
        immediate,
    },
    context::AuditContext,
    error::Result,
    table::{self, Seen, entity_name},
};

/// Who records a bulk write on this connection; `None` where it is not recorded.
///
/// # Errors
///
/// As [`Recorder::new`].
pub(super) fn recorder<E, C>(db: &C, verb: Verb) -> Result<Option<Recorder>>
where
    E: Audited,
    C: ConnectionTrait,
{
    let wrapper = announce::wrapper(db);
    if db.is_mock_connection() {
        return Ok(None);
    }
    let table = table::of::<E>();
    let backend = backend::of(db.get_database_backend());
    // On a plain connection the triggers alone know whose writes are to come.
    if let Some(owner) = table::by_trigger(table, backend) {
        if let Some(wrapper) = wrapper {
            let require_actor = wrapper.requires_actor() || owner.options().require_actor;
            let entity = entity_name(owner, backend);
            check_context(&entity, &wrapper.context(), require_actor)?;
        }
        return Ok(None);
    }
    let require_actor = wrapper.as_ref().is_some_and(Wrapper::requires_actor);
    let context = wrapper
        .map(|wrapper| wrapper.context())
        .or_else(AuditContext::ambient)
        .unwrap_or_default();
    if context.suspended_because().is_some() {
        report_suspended(table, verb, &context);
        return Ok(None);
    }
    Recorder::new(table, backend, context, require_actor).map(Some)
}

/// Whether triggers record what a builder writes to `E` on this connection.
pub(super) fn by_trigger<E, C>(db: &C) -> bool
where
    E: Audited,
    C: ConnectionTrait,
{
    let backend = backend::of(db.get_database_backend());
    table::by_trigger(table::of::<E>(), backend).is_some()
}

/// Whether the log is there, and the rows are left to triggers that record them in it.
///
/// # Errors
///
/// As [`Recorder::check_log`].
pub(super) async fn is_left_to_triggers<C>(recorder: &Recorder, db: &C) -> Result<bool, DbErr>
where
    C: ConnectionTrait,
{
    recorder.check_log(db).await?;
    if recorder.stands_back()
        && let Some(wrapper) = announce::wrapper(db)
    {
        wrapper.saw_triggers();
    }
    Ok(recorder.stands_back())
}

/// Begins the transaction of a bulk write; on SQLite as one that writes, because it begins by reading.
pub(super) async fn begin<C: TransactionTrait>(db: &C) -> Result<C::Transaction, DbErr> {
    db.begin_with_options(immediate()).await
}

/// The rows that a query names, in the order of their keys and a chunk at a time.
pub(super) struct Chunks<'a> {
    recorder: &'a Recorder,
    select: SelectStatement,
    lock: Option<LockType>,
    size: usize,
    after: Option<Vec<Value>>,
    over: bool,
}

/// Rows under lock, with their keys.
pub(super) struct Chunk {
    pub(super) seen: Vec<Seen>,
    /// As many as a full chunk has, the last one repeated, so that a statement about them has the same text each time.
    pub(super) keys: Vec<Vec<Value>>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(
        recorder: &'a Recorder,
        select: SelectStatement,
        lock: Option<LockType>,
        size: usize,
    ) -> Self {
        Self {
            recorder,
            select,
            lock,
            size,
            after: None,
            over: false,
        }
    }

    /// The next rows; `None` after the last.
    pub(super) async fn next<C>(&mut self, db: &C) -> Result<Option<Chunk>, DbErr>
    where
        C: ConnectionTrait,
    {
        if self.over {
            return Ok(None);
        }
        let table = self.recorder.table;
        let mut select = self.select.clone();
        table.order_by_key(&mut select);
        select.limit(self.size as u64);
        if let Some(key) = &self.after {
            select.cond_where(table.key_after(key));
        }
        if let Some(lock) = self.lock {
            select.lock(lock);
        }
        let rows: Vec<QueryResult> = db.query_all(&select).await?;
        self.over = rows.len() < self.size;
        let mut keys: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| table.key_of(row))
            .collect::<Result<_, _>>()?;
        let Some(last) = keys.last().cloned() else {
            return Ok(None);
        };
        keys.resize(self.size, last.clone());
        self.after = Some(last);
        let seen = self.recorder.see_all(&rows)?;
        for row in &seen {
            self.recorder.check_image(&row.image)?;
        }
        Ok(Some(Chunk { seen, keys }))
    }
}

impl Recorder {
    /// Each row with these keys as it is now.
    pub(super) async fn see_keys<C>(&self, db: &C, keys: &[Vec<Value>]) -> Result<Vec<Seen>, DbErr>
    where
        C: ConnectionTrait,
    {
        let mut select = self.table.select();
        select.cond_where(self.table.key_in(keys));
        self.see_all(&db.query_all(&select).await?)
    }
}
