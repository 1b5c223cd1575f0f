//! Reading a row's state around a write.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError, atomic::Ordering},
};

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult, Value,
    sea_query::{Expr, LockType, Query},
};

use crate::{
    audited::Audited,
    capture::gate::Recorder,
    change::{image::Image, key},
    error::Error,
    table::Seen,
};

/// The alias under which a statement tells whether the log is there.
const LOG_EXISTS: &str = "audit_log_exists";

/// The alias under which a statement tells whether triggers write to it.
const TRIGGERS_WRITE: &str = "audit_triggers_write";

impl Recorder {
    /// The row with this key as the database has it now, under a lock where one is given.
    ///
    /// # Errors
    ///
    /// [`Error::LogMissing`], in the same round trip, [`Error::ChangedMeanwhile`], and what the database says.
    pub(crate) async fn read<C>(
        &self,
        db: &C,
        key: &[Value],
        lock: Option<LockType>,
    ) -> Result<Option<Seen>, DbErr>
    where
        C: ConnectionTrait,
    {
        let mut select = self.table.select();
        select
            .expr_as(self.backend.log_exists(self.log), LOG_EXISTS)
            .expr_as(self.triggers_write(), TRIGGERS_WRITE)
            .cond_where(self.table.key_is(key));
        if let Some(lock) = lock {
            select.lock(lock);
        }
        let mut rows = db.query_all(&select).await?.into_iter();
        let Some(row) = rows.next() else {
            return Ok(None);
        };
        // Above READ COMMITTED, PostgreSQL goes on showing a row that somebody else has deleted since, beside the new
        // row that has taken its key; nothing tells which is which.
        if rows.next().is_some() {
            return Err(self.changed_meanwhile());
        }
        self.require_log(row.try_get("", LOG_EXISTS)?)?;
        self.note_triggers(row.try_get("", TRIGGERS_WRITE)?);
        self.table.see(&self.entity, &row).map(Some)
    }

    /// Several whole rows.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`], and what SeaORM says of a row that is not the entity's.
    pub(crate) fn see_all(&self, rows: &[QueryResult]) -> Result<Vec<Seen>, DbErr> {
        rows.iter()
            .map(|row| self.table.see(&self.entity, row))
            .collect()
    }

    /// A model as a row.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`].
    pub(crate) fn see_model<E: Audited>(&self, model: &E::Model) -> Result<Seen, Error> {
        Ok(Seen {
            record_id: key::of_model::<E>(&self.entity, model)?,
            image: Image::of::<E>(model),
        })
    }

    /// Checks that the log is there, before something is written that needs it.
    ///
    /// # Errors
    ///
    /// [`Error::LogMissing`], and what the database says.
    pub(crate) async fn check_log<C>(&self, db: &C) -> Result<(), DbErr>
    where
        C: ConnectionTrait,
    {
        let mut probe = Query::select();
        probe
            .expr_as(self.backend.log_exists(self.log), LOG_EXISTS)
            .expr_as(self.triggers_write(), TRIGGERS_WRITE);
        let exists = match db.query_one(&probe).await? {
            Some(row) => {
                self.note_triggers(row.try_get("", TRIGGERS_WRITE)?);
                row.try_get("", LOG_EXISTS)?
            }
            None => 0,
        };
        Ok(self.require_log(exists)?)
    }

    fn triggers_write(&self) -> Expr {
        let schema = self.table.schema();
        self.backend
            .triggers_write(schema.as_deref(), self.table.name(), self.log)
    }

    fn note_triggers(&self, found: i64) {
        if found > 0 {
            self.triggers.store(true, Ordering::Relaxed);
            warn_once_that_triggers_record(&self.entity);
        }
    }

    /// Whether the last look showed that triggers of ours record this table in this log, though its entity says hooks: its
    /// schema is newer than this program. Whoever would record must stand back then.
    pub(crate) fn stands_back(&self) -> bool {
        self.triggers.load(Ordering::Relaxed)
    }

    /// Somebody else was faster.
    pub(crate) fn changed_meanwhile(&self) -> DbErr {
        Error::ChangedMeanwhile {
            entity: self.entity.clone(),
        }
        .into()
    }

    fn require_log(&self, exists: i64) -> Result<(), Error> {
        if exists > 0 {
            return Ok(());
        }
        Err(Error::LogMissing {
            entity: self.entity.clone(),
            log: self.log.as_str().to_owned(),
            migration: self.log.migration(),
        })
    }
}

fn warn_once_that_triggers_record(entity: &str) {
    static WARNED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let first = WARNED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(entity.to_owned());
    if first {
        tracing::warn!(
            entity,
            "the database has triggers that record this table, and its entity says `capture = \"hooks\"`: the hooks stand \
             back; say `capture = \"trigger\"`, or drop the triggers",
        );
    }
}
