//! Both engines on the same work: triggers beside the hooks, which write a log of their own, and a comparison of the two.

use std::collections::BTreeMap;

use sea_orm::{
    DatabaseConnection, DbBackend, IdenStatic, Iterable, ModelTrait, sea_query::ArrayType,
};
use sea_orm_audit::Audited;
use sea_orm_audit_migration::{CreateLog, triggers::TriggerTable};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::{Map, Value as Json};

use super::replay::{entries, same};

/// The log that the triggers write.
pub const LOG: &str = "shadow_log";

/// Creates the log of the triggers.
pub async fn create_log(db: &DatabaseConnection) {
    CreateLog::named(LOG)
        .up(&SchemaManager::new(db))
        .await
        .unwrap();
}

/// Puts triggers onto the table of `E`, whose hooks go on as ever.
pub async fn watch<E: Audited>(db: &DatabaseConnection) {
    TriggerTable::of::<E>(db.get_database_backend())
        .log(LOG)
        .install(&SchemaManager::new(db))
        .await
        .unwrap();
}

/// Panics where the hooks and the triggers have recorded different things of `E`.
pub async fn compare<E: Audited>(db: &DatabaseConnection) {
    let entity = E::default().table_name().to_owned();
    let by_hooks = by_record(db, "audit_log", &entity).await;
    let by_triggers = by_record(db, LOG, &entity).await;
    for (record, hooks) in &by_hooks {
        let triggers = by_triggers
            .get(record)
            .map(Vec::as_slice)
            .unwrap_or_default();
        assert!(
            hooks.len() == triggers.len()
                && hooks
                    .iter()
                    .zip(triggers)
                    .all(|(a, b)| a.equals::<E>(b, db.get_database_backend())),
            "{entity} {record}\n  hooks:    {hooks:#?}\n  triggers: {triggers:#?}"
        );
    }
    for (record, triggers) in &by_triggers {
        assert!(
            by_hooks.contains_key(record),
            "{entity} {record} is in the log of the triggers only: {triggers:#?}"
        );
    }
}

/// What an entry says of a record.
#[derive(Debug)]
struct Said {
    action: String,
    old_record_id: Option<String>,
    old: Option<Map<String, Json>>,
    new: Option<Map<String, Json>>,
}

impl Said {
    fn equals<E: Audited>(&self, other: &Self, backend: DbBackend) -> bool {
        self.action == other.action
            && self.old_record_id == other.old_record_id
            && equal_images::<E>(backend, self.old.as_ref(), other.old.as_ref())
            && equal_images::<E>(backend, self.new.as_ref(), other.new.as_ref())
    }
}

fn equal_images<E: Audited>(
    backend: DbBackend,
    a: Option<&Map<String, Json>>,
    b: Option<&Map<String, Json>>,
) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_none() && b.is_none();
    };
    a.len() == b.len()
        && a.iter().all(|(column, a)| {
            let short = matches!(E::Column::iter().find(|c| c.as_str() == column), Some(c)
                if E::Model::get_value_type(c) == ArrayType::Float);
            b.get(column).is_some_and(|b| {
                same(a, b)
                    || short && short_floats(a, b)
                    || backend == DbBackend::Sqlite && misread(a, b)
            })
        })
}

/// SQLite keeps a decimal as a float, and SeaORM may read the last digit of that wrong.
fn misread(a: &Json, b: &Json) -> bool {
    let float = |json: &Json| json.as_str().and_then(|text| text.parse::<f64>().ok());
    match (float(a), float(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= a.abs() * 4e-16,
        _ => false,
    }
}

/// Of a 32-bit float that lies between two equally short texts, one engine may write the one and the other the other.
fn short_floats(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| same(a, b) || short_floats(a, b))
        }
        (Json::Number(a), Json::Number(b)) => {
            a.to_string().parse::<f32>().unwrap() == b.to_string().parse::<f32>().unwrap()
        }
        _ => false,
    }
}

async fn by_record(
    db: &DatabaseConnection,
    log: &str,
    entity: &str,
) -> BTreeMap<String, Vec<Said>> {
    let mut records = BTreeMap::<String, Vec<Said>>::new();
    for entry in entries(db, log, entity).await {
        records.entry(entry.record_id).or_default().push(Said {
            action: entry.action,
            old_record_id: entry.old_record_id,
            old: entry.old,
            new: entry.new,
        });
    }
    records
}
