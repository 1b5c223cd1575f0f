//! Writing an entry.

use chrono::Utc;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, Query},
};
use serde_json::Value;

use crate::{
    audit_log::Column,
    capture::gate::Recorder,
    change::values::{Change, EntryValues},
};

/// The columns of every INSERT, so that its text is the same each time and a prepared statement serves all.
const COLUMNS: [Column; 9] = [
    Column::OccurredAt,
    Column::Action,
    Column::Entity,
    Column::RecordId,
    Column::Actor,
    Column::CorrelationId,
    Column::OldValues,
    Column::NewValues,
    Column::Context,
];

/// How many entries one INSERT may hold. Few sizes make few texts, and a prepared statement serves each.
const BATCHES: [usize; 3] = [200, 20, 1];

impl Recorder {
    /// Writes the entry of a change; none where no audited column changed.
    ///
    /// # Errors
    ///
    /// [`Error::Unencodable`](crate::Error::Unencodable), and what the database says.
    pub(crate) async fn write<C>(
        &self,
        db: &C,
        record_id: String,
        change: Change,
    ) -> Result<(), DbErr>
    where
        C: ConnectionTrait,
    {
        self.write_all(db, &[(record_id, change)]).await
    }

    /// Writes the entries of several changes, in their order.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub(crate) async fn write_all<C>(
        &self,
        db: &C,
        changes: &[(String, Change)],
    ) -> Result<(), DbErr>
    where
        C: ConnectionTrait,
    {
        let mut rows = Vec::with_capacity(changes.len());
        for (record_id, change) in changes {
            let entry = self.rules.entry_values(change);
            if let Some(entry) = entry.map_err(|err| self.unencodable(err))? {
                rows.push(self.row(record_id, entry));
            }
        }
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let size = BATCHES
                .into_iter()
                .find(|size| *size <= rows.len())
                .unwrap_or(1);
            let mut insert = Query::insert();
            insert.into_table(self.log.table_ref()).columns(COLUMNS);
            for row in rows.by_ref().take(size) {
                insert.values_panic(row);
            }
            db.execute(&insert).await?;
        }
        Ok(())
    }

    fn row(&self, record_id: &str, entry: EntryValues) -> [Expr; 9] {
        let details = self.context.details();
        let json = |object: Option<_>| {
            self.backend
                .json(object.map(|object| Value::Object(object).to_string()))
        };
        [
            self.backend.occurred_at(Utc::now()),
            Expr::val(entry.action.as_str()),
            Expr::val(self.entity.as_str()),
            Expr::val(record_id),
            Expr::val(self.context.actor_name()),
            Expr::val(self.context.correlation()),
            json(entry.old),
            json(entry.new),
            json((!details.is_empty()).then(|| details.clone())),
        ]
    }
}
