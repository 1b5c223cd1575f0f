//! The rows that a log adds up to.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Map, Value as Json};

use super::{
    replay::{Entry, entries},
    values::json_by_value,
};

/// A row in its canonical form.
pub type Row = Map<String, Json>;

/// Rows by their record.
pub type Rows = BTreeMap<String, Row>;

/// What the entries of a table add up to, which triggers have written: none of them updates a row that it has not seen.
///
/// `chained` says whether a value with which an entry begins is the one with which the last one ended, if there was one.
pub async fn fold(
    db: &DatabaseConnection,
    entity: &str,
    chained: impl Fn(Option<&Json>, &Json) -> bool,
) -> Rows {
    let entries = entries(db, "audit_log", entity).await;
    for entry in &entries {
        assert!(
            entry.action != "update" || entry.old.is_some(),
            "entry {} updates a row that it has not seen",
            entry.id
        );
    }
    fold_entries(entries, chained)
}

/// The same, where an integer that became an equal float is no change: an entry may begin with another form of a number
/// than the one before it ended with.
pub async fn fold_by_value(db: &DatabaseConnection, entity: &str) -> Rows {
    fold(db, entity, |known, value| {
        known.is_some_and(|known| json_by_value(known, value))
    })
    .await
}

/// What entries add up to; panics where one of them does not begin where the one before it ended.
pub fn fold_entries(entries: Vec<Entry>, chained: impl Fn(Option<&Json>, &Json) -> bool) -> Rows {
    let chain = |id: i64, row: &Row, old: &Row| {
        for (column, value) in old {
            let known = row.get(column);
            assert!(
                chained(known, value),
                "entry {id}: {column} was {known:?} and the entry says {value}"
            );
        }
    };
    let mut rows = Rows::new();
    for entry in entries {
        let Entry {
            id,
            action,
            record_id,
            old_record_id,
            old,
            new,
        } = entry;
        let before = rows.remove(old_record_id.as_ref().unwrap_or(&record_id));
        match action.as_str() {
            "create" => {
                assert!(
                    before.is_none(),
                    "entry {id}: {record_id} is created and is there"
                );
                assert!(old.is_none(), "entry {id}: a create with old values");
                rows.insert(record_id, new.unwrap());
            }
            "update" => {
                let new = new.unwrap();
                let row = match old {
                    // Nobody saw the row before, so the entry holds all of it.
                    None => new,
                    Some(old) => {
                        let mut row = before.unwrap_or_else(|| {
                            panic!("entry {id}: {record_id} is updated and is not there")
                        });
                        chain(id, &row, &old);
                        assert!(old.keys().eq(new.keys()), "entry {id}: {old:?} -> {new:?}");
                        row.extend(new);
                        row
                    }
                };
                let there = rows.insert(record_id, row);
                assert!(there.is_none(), "entry {id}: {there:?} is there");
            }
            "delete" => {
                let row = before.unwrap_or_else(|| {
                    panic!("entry {id}: {record_id} is deleted and is not there")
                });
                let old = old.unwrap();
                assert!(
                    row.keys().eq(old.keys()),
                    "entry {id}: a delete holds the whole row: {row:?}, {old:?}"
                );
                chain(id, &row, &old);
                assert!(new.is_none(), "entry {id}: a delete with new values");
            }
            other => panic!("entry {id}: unknown action {other}"),
        }
    }
    rows
}

/// The rows of PostgreSQL's table by their key, of columns whose text in JSON is the canonical one.
pub async fn rows_of(db: &DatabaseConnection, table: &str, key: &[&str]) -> Rows {
    let sql = format!("SELECT to_json(t) AS row FROM {table} AS t");
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            let row: Json = row.try_get("", "row").unwrap();
            let parts: Vec<Json> = key.iter().map(|column| row[column].clone()).collect();
            let record = match parts.as_slice() {
                [Json::String(text)] => text.clone(),
                [other] => other.to_string(),
                several => Json::Array(several.to_vec()).to_string(),
            };
            (record, row.as_object().unwrap().clone())
        })
        .collect()
}
