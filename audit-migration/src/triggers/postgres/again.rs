//! What may change a row again before its statement is over and recorded.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{
    catalog::{Relation, one, query},
    event::{ByRow, Event},
};
use crate::triggers::stamp::MARK;

/// Triggers of somebody else's, by name.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Those for each statement that come before ours.
    pub(super) by_statement: Vec<String>,
    /// Those for each row, and what they fire for.
    pub(super) by_row: Vec<String>,
    pub(super) events: Vec<Event>,
}

impl Relation {
    /// What its triggers have to fire for row by row, because a row may be changed again before its statement is over, and that
    /// change would be recorded first.
    ///
    /// A row that moves between partitions is a delete and an insert to such triggers, so a partitioned table has none.
    pub(super) async fn by_row<C: ConnectionTrait>(&self, db: &C) -> Result<ByRow, DbErr> {
        if self.is_partitioned() {
            return Ok(ByRow::default());
        }
        let mut events = self.others(db).await?.events;
        if self.reached_twice(db).await? {
            events.extend([Event::Update, Event::Delete]);
        }
        Ok(ByRow(events))
    }

    /// Whether one statement can reach a row twice by the actions of foreign keys, the first time to update it: by two of them, or by
    /// one that refers to the table itself.
    pub(super) async fn reached_twice<C: ConnectionTrait>(&self, db: &C) -> Result<bool, DbErr> {
        let found = one(
            db,
            "SELECT coalesce(bool_or(updates) AND (count(*) > 1 OR bool_or(itself)), false) FROM (\
             SELECT confdeltype IN ('n', 'd') OR confupdtype IN ('c', 'n', 'd') AS updates, confrelid = conrelid AS itself \
             FROM pg_catalog.pg_constraint WHERE conrelid = $1::bigint::oid AND contype = 'f' \
             AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))) AS acting",
            [self.oid.into()],
        )
        .await?;
        Ok(found.unwrap_or_default())
    }

    /// Triggers of somebody else's that may change the table again before ours have recorded the statement.
    pub(super) async fn others<C: ConnectionTrait>(&self, db: &C) -> Result<Others, DbErr> {
        let rows = query(
            db,
            // tgtype: 1 is FOR EACH ROW, 2 is BEFORE, 4 INSERT, 8 DELETE, 16 UPDATE, 64 is INSTEAD OF.
            "SELECT t.tgname::text AS name, t.tgtype & 1 <> 0 AS by_row, \
             t.tgtype & 4 <> 0 AS insert, t.tgtype & 8 <> 0 AS delete, t.tgtype & 16 <> 0 AS update \
             FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid \
             WHERE t.tgrelid = $1::bigint::oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 66 = 0 \
             AND f.prosrc NOT LIKE '%' || $2 || '%' AND (t.tgtype & 1 = 1 OR t.tgname COLLATE \"C\" < $3) ORDER BY 1",
            [
                self.oid.into(),
                MARK.into(),
                Event::Insert.trigger().into(),
            ],
        )
        .await?;
        let mut others = Others::default();
        for row in &rows {
            let name = row.try_get("", "name")?;
            if !row.try_get::<bool>("", "by_row")? {
                others.by_statement.push(name);
                continue;
            }
            others.by_row.push(name);
            for (event, column) in [
                (Event::Insert, "insert"),
                (Event::Update, "update"),
                (Event::Delete, "delete"),
            ] {
                if row.try_get("", column)? {
                    others.events.push(event);
                }
            }
        }
        Ok(others)
    }
}
