//! What a piece of work has left in the log.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use sea_orm_audit::audit_log;

/// What an entry says happened: the action, the table and the record.
pub type Happened = (String, String, String);

/// The end of the log at a moment; what is written later comes after it.
pub struct Mark(i64);

impl Mark {
    /// Before the first entry.
    pub fn beginning() -> Self {
        Self(0)
    }

    /// The log as it ends now.
    pub async fn now<C: ConnectionTrait>(db: &C) -> Self {
        let last = audit_log::Entity::find()
            .order_by_desc(audit_log::Column::Id)
            .one(db)
            .await
            .unwrap();
        Self(last.map_or(0, |entry| entry.id))
    }

    /// The entries since then, in the order of writing.
    pub async fn entries<C: ConnectionTrait>(&self, db: &C) -> Vec<audit_log::Model> {
        audit_log::Entity::find()
            .filter(audit_log::Column::Id.gt(self.0))
            .order_by_asc(audit_log::Column::Id)
            .all(db)
            .await
            .unwrap()
    }

    /// What happened since then, in the order of writing.
    pub async fn since<C: ConnectionTrait>(&self, db: &C) -> Vec<Happened> {
        let entries = self.entries(db).await.into_iter();
        entries
            .map(|entry| (entry.action.to_string(), entry.entity, entry.record_id))
            .collect()
    }
}

pub fn created(table: &str, record: impl ToString) -> Happened {
    happened("create", table, record)
}

pub fn updated(table: &str, record: impl ToString) -> Happened {
    happened("update", table, record)
}

pub fn deleted(table: &str, record: impl ToString) -> Happened {
    happened("delete", table, record)
}

fn happened(action: &str, table: &str, record: impl ToString) -> Happened {
    (action.to_owned(), table.to_owned(), record.to_string())
}

/// The record of a junction row whose key is what it joins.
pub fn pair(left: i32, right: i32) -> String {
    format!("[{left},{right}]")
}
