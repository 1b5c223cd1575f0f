//! What the cases share: plain SQL, and a fold of the log that knows of no entity.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use sea_orm_audit::audit_log::{self, Action};
use sea_orm_audit_migration::triggers::{Error, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::{Map, Value as Json};

use crate::support::log::log;

pub type Row = Map<String, Json>;

pub async fn run(db: &impl ConnectionTrait, sql: &str) {
    if let Err(err) = db.execute_unprepared(sql).await {
        panic!("{sql}\n{err}");
    }
}

/// What the database says against a statement.
pub async fn refused(db: &impl ConnectionTrait, sql: &str) -> String {
    db.execute_unprepared(sql).await.unwrap_err().to_string()
}

pub async fn install(db: &DatabaseConnection, table: &TriggerTable) {
    table.install(&SchemaManager::new(db)).await.unwrap();
}

pub async fn not_installed(db: &DatabaseConnection, table: &TriggerTable) -> DbErr {
    table.install(&SchemaManager::new(db)).await.unwrap_err()
}

/// That an error is this one of ours.
#[macro_export]
macro_rules! assert_ours {
    ($err:expr, $pattern:pat $(if $guard:expr)?) => {{
        let err = $err;
        let ours = ::sea_orm_audit_migration::triggers::Error::of(&err);
        assert!(matches!(ours, Some($pattern) $(if $guard)?), "{err:?}");
    }};
}

pub fn words(err: &DbErr) -> String {
    Error::of(err).map_or_else(|| err.to_string(), ToString::to_string)
}

/// The rows that the entries about a table add up to; panics where an entry does not begin where the last one ended.
pub async fn fold(db: &DatabaseConnection, table: &str) -> BTreeMap<String, Row> {
    let object = |values: Option<Json>| -> Option<Row> {
        values.map(|values| values.as_object().unwrap().clone())
    };
    let mut rows = BTreeMap::<String, Row>::new();
    for entry in log(db).await {
        if entry.entity != table {
            continue;
        }
        let audit_log::Model {
            id,
            action,
            record_id,
            old_record_id,
            old_values,
            new_values,
            ..
        } = entry;
        let (old, new) = (object(old_values), object(new_values));
        let before = rows.remove(old_record_id.as_ref().unwrap_or(&record_id));
        for (column, value) in old.iter().flatten() {
            let known = &before
                .as_ref()
                .unwrap_or_else(|| panic!("entry {id}: no {record_id}"))[column];
            assert!(
                known == value
                    || known
                        .as_f64()
                        .is_some_and(|known| Some(known) == value.as_f64()),
                "entry {id}: {column} was {known} and the entry says {value}"
            );
        }
        match action {
            Action::Create => {
                assert!(before.is_none(), "entry {id}: {record_id} is there");
                rows.insert(record_id, new.unwrap());
            }
            Action::Update => {
                let mut row = before.unwrap();
                assert!(old.unwrap().keys().eq(new.as_ref().unwrap().keys()));
                row.extend(new.unwrap());
                rows.insert(record_id, row);
            }
            Action::Delete => {
                assert_eq!(before.unwrap().len(), old.unwrap().len());
            }
            other => panic!("{other}"),
        }
    }
    rows
}

/// One number that a query gives.
pub async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Sqlite,
            sql,
        ))
        .await
        .unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}
