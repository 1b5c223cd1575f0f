//! Writing an entry.

use chrono::Utc;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, Query},
};
use serde_json::Value;

use crate::{audit_log::Column, capture::gate::Recorder, change::values::Change};

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
        change: &Change,
    ) -> Result<(), DbErr>
    where
        C: ConnectionTrait,
    {
        let entry = self
            .rules
            .entry_values(change)
            .map_err(|err| self.unencodable(err))?;
        let Some(entry) = entry else {
            return Ok(());
        };
        let details = self.context.details();
        let json = |object: Option<_>| {
            self.backend
                .json(object.map(|object| Value::Object(object).to_string()))
        };
        let row: [Expr; 9] = [
            self.backend.occurred_at(Utc::now()),
            Expr::val(entry.action.as_str()),
            Expr::val(self.entity.as_str()),
            Expr::val(record_id),
            Expr::val(self.context.actor_name()),
            Expr::val(self.context.correlation()),
            json(entry.old),
            json(entry.new),
            json((!details.is_empty()).then(|| details.clone())),
        ];
        let mut insert = Query::insert();
        insert
            .into_table(self.log.table_ref())
            .columns(COLUMNS)
            .values_panic(row);
        db.execute(&insert).await?;
        Ok(())
    }
}
