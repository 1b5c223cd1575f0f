//! One recorded statement: old rows, statement, new rows, entries.

use sea_orm::{ConnectionTrait, DbErr, ExecResult, QueryResult, StatementBuilder, Value};

use super::{
    plan::{NewRow, Plan},
    shape::Outcome,
};
use crate::{
    capture::gate::Recorder,
    change::{key, values::Change},
    table::Seen,
};

/// What was seen before the statement ran.
#[derive(Debug, Default)]
pub(super) struct Before(Vec<Seen>);

impl Recorder {
    /// Looks at the rows that a statement is about to change, and keeps them as they are.
    pub(super) async fn look<C, S>(&self, db: &C, plan: &Plan<'_, S>) -> Result<Before, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        let before = match plan {
            Plan::Update { key } => self
                .read(db, key, self.backend.lock_before_update())
                .await?
                .into_iter()
                .collect(),
            Plan::DeleteWhere { rows } => self.see_all(&db.query_all(rows).await?)?,
            Plan::InsertByKey { keys } => {
                for key in keys {
                    key::record_id(&self.entity, key)?;
                }
                Vec::new()
            }
            Plan::InsertIfNew { .. }
            | Plan::InsertReturning
            | Plan::InsertNumbered
            | Plan::DeleteReturning => Vec::new(),
        };
        for seen in &before {
            self.check_image(&seen.image)?;
        }
        Ok(Before(before))
    }

    /// Looks at the rows that the statement left, and writes the entries.
    pub(super) async fn record<C, S>(
        &self,
        db: &C,
        plan: &Plan<'_, S>,
        Before(before): Before,
        outcome: &Outcome,
    ) -> Result<(), DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        let affected = outcome.result.as_ref().map(ExecResult::rows_affected);
        let rows = &outcome.rows;
        let changes = match plan {
            Plan::Update { key } => {
                let after = if affected.is_some_and(|affected| affected > 0) {
                    self.read(db, key, None).await?.into_iter().collect()
                } else {
                    self.see_all(rows)?
                };
                match (before.into_iter().next(), after.into_iter().next()) {
                    (Some(old), Some(new)) => vec![update(old, new)],
                    (_, None) => Vec::new(),
                    (None, Some(_)) => return Err(self.changed_meanwhile()),
                }
            }
            Plan::InsertReturning => {
                let created = self.inserted(db, rows).await?;
                created.into_iter().map(create).collect()
            }
            Plan::InsertByKey { keys } => {
                let created = self.read_all(db, keys).await?;
                created.into_iter().map(create).collect()
            }
            Plan::InsertNumbered
            | Plan::InsertIfNew {
                row: NewRow::Numbered,
                ..
            } => {
                let id = outcome
                    .result
                    .as_ref()
                    .map_or(0, ExecResult::last_insert_id);
                let created = self.read_all(db, &[vec![Value::from(id)]]).await?;
                created.into_iter().map(create).collect()
            }
            Plan::InsertIfNew {
                row: NewRow::Key(key),
                ..
            } => {
                let created = self.read_all(db, std::slice::from_ref(key)).await?;
                created.into_iter().map(create).collect()
            }
            Plan::DeleteReturning => self.see_all(rows)?.into_iter().map(delete).collect(),
            Plan::DeleteWhere { .. } => {
                if affected != Some(before.len() as u64) {
                    return Err(self.changed_meanwhile());
                }
                before.into_iter().map(delete).collect()
            }
        };
        self.write_all(db, &changes).await
    }

    /// The inserted rows, from what the statement gave back: whole rows, or at least keys.
    async fn inserted<C>(&self, db: &C, rows: &[QueryResult]) -> Result<Vec<Seen>, DbErr>
    where
        C: ConnectionTrait,
    {
        let whole = rows.first().is_some_and(|row| {
            let given = row.column_names();
            let mut columns = self.table.columns().into_iter();
            columns.all(|column| given.iter().any(|name| name == column))
        });
        if whole {
            return self.see_all(rows);
        }
        let keys: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| self.table.key_of(row))
            .collect::<Result<_, _>>()?;
        self.read_all(db, &keys).await
    }

    async fn read_all<C>(&self, db: &C, keys: &[Vec<Value>]) -> Result<Vec<Seen>, DbErr>
    where
        C: ConnectionTrait,
    {
        let mut seen = Vec::with_capacity(keys.len());
        for key in keys {
            let row = self.read(db, key, None).await?;
            seen.push(row.ok_or_else(|| self.changed_meanwhile())?);
        }
        Ok(seen)
    }
}

fn create(new: Seen) -> (String, Change) {
    (new.record_id, Change::Create(new.image))
}

fn update(old: Seen, new: Seen) -> (String, Change) {
    let change = Change::Update {
        old: Some(old.image),
        new: new.image,
    };
    (new.record_id, change)
}

fn delete(old: Seen) -> (String, Change) {
    (old.record_id, Change::Delete(old.image))
}
