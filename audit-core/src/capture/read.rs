//! Reading a row's state around a write.

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult, Value,
    sea_query::{LockType, Query},
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
        probe.expr_as(self.backend.log_exists(self.log), LOG_EXISTS);
        let exists = match db.query_one(&probe).await? {
            Some(row) => row.try_get("", LOG_EXISTS)?,
            None => 0,
        };
        Ok(self.require_log(exists)?)
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
