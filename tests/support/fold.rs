//! Folding a log whose table no entity describes, and the table as PostgreSQL shows it.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::Value as Json;

use super::replay::entries;

type Rows = BTreeMap<String, BTreeMap<String, Json>>;

/// What the entries of a table add up to: each record's row.
pub async fn fold(db: &DatabaseConnection, log: &str, entity: &str) -> Rows {
    let mut rows = Rows::new();
    for entry in entries(db, log, entity).await {
        let (id, record) = (entry.id, entry.record_id.clone());
        let before = entry
            .old_record_id
            .clone()
            .unwrap_or_else(|| record.clone());
        let old: BTreeMap<String, Json> = entry.old.unwrap_or_default().into_iter().collect();
        let new = entry.new.unwrap_or_default();
        match entry.action.as_str() {
            "create" => {
                let known = rows.insert(record.clone(), new.into_iter().collect());
                assert!(
                    known.is_none(),
                    "entry {id} creates {record}, which is there"
                );
            }
            "update" => {
                let mut row = rows
                    .remove(&before)
                    .unwrap_or_else(|| panic!("entry {id} updates {before}, which is not there"));
                for (column, value) in &old {
                    let known = row.get(column).unwrap_or(&Json::Null);
                    assert_eq!(known, value, "entry {id}, column {column}");
                }
                row.extend(new);
                assert!(rows.insert(record, row).is_none(), "entry {id}");
            }
            "delete" => {
                let row = rows.remove(&record);
                assert_eq!(row.as_ref(), Some(&old), "entry {id} deletes {record}");
            }
            other => panic!("entry {id} is a {other}"),
        }
    }
    rows
}

/// The table's rows by their key, of columns whose text in JSON is the canonical one.
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
            let row = row.as_object().unwrap().clone().into_iter().collect();
            (record, row)
        })
        .collect()
}
