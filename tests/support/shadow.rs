//! Both engines on the same work: triggers beside the hooks, which write a log of their own, and a comparison of the two.

use std::collections::BTreeMap;

use sea_orm::{
    DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable, ModelTrait, Statement,
    TryIntoModel, Value, sea_query::ArrayType,
};
use sea_orm_audit::{Audited, Error, audit_log};
use sea_orm_audit_migration::{CreateLog, triggers::TriggerTable};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::Value as Json;

use super::values::{exactly, json_by_value};

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

/// Panics where the hooks and the triggers have recorded different things of `E`, or where what they recorded reads back
/// as something different; returns how many entries each of them has.
pub async fn compare<E>(db: &DatabaseConnection) -> usize
where
    E: Audited<ActiveModel: TryIntoModel<E::Model>>,
{
    let entity = E::default().table_name().to_owned();
    let by_hooks = by_record(db, E::OPTIONS.log, &entity).await;
    let mut by_triggers = by_record(db, LOG, &entity).await;
    let mut count = 0;
    for (record, hooks) in &by_hooks {
        let triggers = by_triggers.remove(record).unwrap_or_default();
        assert!(
            hooks.len() == triggers.len(),
            "{entity} {record}\n  hooks:    {hooks:#?}\n  triggers: {triggers:#?}"
        );
        for (hook, trigger) in hooks.iter().zip(&triggers) {
            compare_entries::<E>(db.get_database_backend(), hook, trigger);
            count += 1;
        }
    }
    assert!(
        by_triggers.is_empty(),
        "{entity}: in the log of the triggers only: {by_triggers:#?}"
    );
    count
}

/// The entries about one table, by record and in order.
async fn by_record(
    db: &DatabaseConnection,
    log: &str,
    entity: &str,
) -> BTreeMap<String, Vec<audit_log::Model>> {
    let sql = format!("SELECT * FROM {log} WHERE entity = '{entity}' ORDER BY id");
    let entries = audit_log::Entity::find()
        .from_raw_sql(Statement::from_string(db.get_database_backend(), sql))
        .all(db)
        .await
        .unwrap();
    let mut records = BTreeMap::<_, Vec<_>>::new();
    for entry in entries {
        let record = records.entry(entry.record_id.clone()).or_default();
        record.push(entry);
    }
    records
}

fn compare_entries<E>(backend: DbBackend, hook: &audit_log::Model, trigger: &audit_log::Model)
where
    E: Audited<ActiveModel: TryIntoModel<E::Model>>,
{
    let what = || format!("\n  hooks:    {hook:?}\n  triggers: {trigger:?}");
    assert!(
        hook.action == trigger.action
            && hook.old_record_id == trigger.old_record_id
            && same_images::<E>(backend, &hook.old_values, &trigger.old_values)
            && same_images::<E>(backend, &hook.new_values, &trigger.new_values),
        "{}",
        what()
    );
    for (hook, trigger) in [
        (hook.old::<E>(), trigger.old::<E>()),
        (hook.new::<E>(), trigger.new::<E>()),
    ] {
        assert!(read_alike::<E>(backend, hook, trigger), "{}", what());
    }
}

/// Whether two images hold the same values of the same columns.
fn same_images<E: Audited>(backend: DbBackend, a: &Option<Json>, b: &Option<Json>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_none() && b.is_none();
    };
    let (a, b) = (a.as_object().unwrap(), b.as_object().unwrap());
    a.len() == b.len()
        && a.iter().all(|(column, a)| {
            let ty = E::Column::iter()
                .find(|known| known.as_str() == column)
                .map(E::Model::get_value_type);
            b.get(column)
                .is_some_and(|b| same_in(backend, ty.as_ref(), a, b))
        })
}

/// Whether two forms of a value in a column of this type are the same value.
fn same_in(backend: DbBackend, ty: Option<&ArrayType>, a: &Json, b: &Json) -> bool {
    if json_by_value(a, b) {
        return true;
    }
    match (ty, a, b) {
        (_, Json::Array(a), Json::Array(b)) if ty != Some(&ArrayType::Json) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_in(backend, ty, a, b))
        }
        // Of a 32-bit float that lies between two equally short texts, PostgreSQL may write the one and Rust the other.
        (Some(ArrayType::Float), Json::Number(a), Json::Number(b)) => {
            backend == DbBackend::Postgres
                && a.to_string().parse::<f32>().unwrap() == b.to_string().parse::<f32>().unwrap()
        }
        (Some(ArrayType::BigDecimal), Json::String(a), Json::String(b))
            if backend == DbBackend::Postgres =>
        {
            without_zeros(a) == without_zeros(b)
        }
        (Some(ArrayType::Decimal | ArrayType::BigDecimal), Json::String(a), Json::String(b)) => {
            match backend {
                DbBackend::Sqlite => same_as_floats(a, b),
                // The driver reads every zero of PostgreSQL as 0.
                DbBackend::Postgres if without_zeros(a) == "0" => without_zeros(b) == "0",
                // A `Decimal` has 28 places at most, and fewer where they do not fit.
                _ => a.len().max(b.len()) > 28 && without_zeros(a) == without_zeros(b),
            }
        }
        _ => false,
    }
}

/// SQLite keeps a decimal as a float, and SeaORM may read the last digit of that wrong.
fn same_as_floats(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= a.abs() * 4e-16,
        _ => false,
    }
}

/// The driver reads a `BigDecimal` of PostgreSQL in groups of four digits, with zeros at its end that nobody wrote.
fn without_zeros(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// Whether the same is read from two images: two models that are equal, or nothing from either.
fn read_alike<E: Audited>(
    backend: DbBackend,
    a: Result<Option<E::Model>, Error>,
    b: Result<Option<E::Model>, Error>,
) -> bool {
    match (a, b) {
        (Ok(Some(a)), Ok(Some(b))) => {
            E::Column::iter().all(|column| same_value(backend, &a.get(column), &b.get(column)))
        }
        (Ok(None), Ok(None)) | (Err(_), Err(_)) => true,
        _ => false,
    }
}

fn same_value(backend: DbBackend, a: &Value, b: &Value) -> bool {
    if exactly(a, b) {
        return true;
    }
    match (backend, a, b) {
        (_, Value::Array(x, Some(a)), Value::Array(y, Some(b))) => {
            x == y
                && a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|(a, b)| same_value(backend, a, b))
        }
        (DbBackend::Postgres, Value::BigDecimal(Some(a)), Value::BigDecimal(Some(b))) => a == b,
        (DbBackend::Postgres, Value::Decimal(Some(a)), Value::Decimal(Some(b))) => {
            a.is_zero() && b.is_zero()
        }
        (DbBackend::Sqlite, a, b) => decimal(a)
            .zip(decimal(b))
            .is_some_and(|(a, b)| same_as_floats(&a, &b)),
        _ => false,
    }
}

fn decimal(value: &Value) -> Option<String> {
    match value {
        Value::Decimal(Some(value)) => Some(value.to_string()),
        Value::BigDecimal(Some(value)) => Some(value.to_plain_string()),
        _ => None,
    }
}
