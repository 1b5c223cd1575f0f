//! Two logs of one table: the hooks write one and the triggers the other, and both say the same.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement, TransactionTrait,
    TryIntoModel, Value,
};
use sea_orm_audit::{Audited, audit_log};
use sea_orm_audit_migration::{CreateLog, triggers::TriggerTable};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::{Map, Value as Json};

use crate::support::values::exactly;

pub const SHADOW: &str = "shadow_log";

pub fn table<E: Audited>() -> TriggerTable {
    TriggerTable::of::<E>(DbBackend::Sqlite).log(SHADOW)
}

/// Creates the second log.
pub async fn create_shadow(db: &DatabaseConnection) {
    let manager = SchemaManager::new(db);
    CreateLog::named(SHADOW).up(&manager).await.unwrap();
}

/// Installs triggers that write the second log.
pub async fn watch<E: Audited>(db: &DatabaseConnection) {
    table::<E>().install(&SchemaManager::new(db)).await.unwrap();
}

/// The entries about one table, by record and in order.
async fn by_record<C: ConnectionTrait>(
    db: &C,
    log: &str,
    entity: &str,
) -> BTreeMap<String, Vec<audit_log::Model>> {
    let sql = format!("SELECT * FROM \"{log}\" WHERE entity = ? ORDER BY id");
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [entity.into()]);
    let entries = audit_log::Entity::find()
        .from_raw_sql(statement)
        .all(db)
        .await
        .unwrap();
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for entry in entries {
        all.entry(entry.record_id.clone()).or_default().push(entry);
    }
    all
}

/// Panics with the first entry in which the two logs differ, in its values or in what is read from them.
pub async fn compare<E: Audited>(db: &DatabaseConnection)
where
    E::ActiveModel: TryIntoModel<E::Model>,
{
    let db = db.begin().await.unwrap();
    let entity = E::default().table_name().to_owned();
    let mut hooks = by_record(&db, E::OPTIONS.log, &entity).await;
    let mut triggers = by_record(&db, SHADOW, &entity).await;
    assert!(!hooks.is_empty(), "{entity}: nothing was written");
    for (record, hooks) in &mut hooks {
        let triggers = triggers
            .remove(record)
            .unwrap_or_else(|| panic!("{entity} {record} is in the hooks' log only: {hooks:#?}"));
        for (a, b) in hooks.iter().zip(&triggers) {
            let same = a.action == b.action
                && a.old_record_id == b.old_record_id
                && columns(&a.old_values) == columns(&b.old_values)
                && columns(&a.new_values) == columns(&b.new_values);
            assert!(
                same,
                "{entity} {record}\n  hooks:    {a:?}\n  triggers: {b:?}"
            );
            for (column, (a, b)) in both(a, b) {
                assert!(
                    same_json(a, b),
                    "{entity} {record}, column {column}\n  hooks:    {a}\n  triggers: {b}"
                );
            }
            read_alike::<E>(a.old::<E>().ok().flatten(), b.old::<E>().ok().flatten());
            read_alike::<E>(a.new::<E>().ok().flatten(), b.new::<E>().ok().flatten());
        }
        assert_eq!(
            hooks.len(),
            triggers.len(),
            "{entity} {record}\n  hooks:    {hooks:#?}\n  triggers: {triggers:#?}"
        );
    }
    assert!(
        triggers.is_empty(),
        "{entity}: in the triggers' log only: {triggers:#?}"
    );
}

/// Whether two texts are one decimal as far as a float keeps it.
///
/// SQLite has no decimals. SeaORM keeps them as floats, reads a `BigDecimal` with every digit of the float, and a `Decimal`
/// with sixteen, of which it rounds the last more than once. The triggers write as many as tell the float from others.
fn same_decimal(a: &str, b: &str) -> bool {
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else {
        return false;
    };
    (a - b).abs() <= a.abs() * 4e-16
}

fn columns(values: &Option<Json>) -> Option<Vec<&String>> {
    let mut keys: Vec<&String> = values.as_ref()?.as_object()?.keys().collect();
    keys.sort();
    Some(keys)
}

fn both<'a>(
    a: &'a audit_log::Model,
    b: &'a audit_log::Model,
) -> impl Iterator<Item = (String, (&'a Json, &'a Json))> {
    let object = |values: &'a Option<Json>| values.as_ref().and_then(Json::as_object);
    let pairs = |a: Option<&'a Map<String, Json>>, b: Option<&'a Map<String, Json>>| {
        let (a, b) = (a?, b?);
        Some(a.iter().map(|(key, value)| (key.clone(), (value, &b[key]))))
    };
    let old = pairs(object(&a.old_values), object(&b.old_values));
    let new = pairs(object(&a.new_values), object(&b.new_values));
    old.into_iter().flatten().chain(new.into_iter().flatten())
}

fn same_json(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => {
            x == y || x.as_f64() == y.as_f64() && (x.is_f64() || y.is_f64())
        }
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_json(x, y))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, x)| y.get(key).is_some_and(|y| same_json(x, y)))
        }
        (Json::String(x), Json::String(y)) => x == y || same_decimal(x, y),
        _ => a == b,
    }
}

fn is_decimal(value: &Value) -> bool {
    matches!(value, Value::Decimal(Some(_)) | Value::BigDecimal(Some(_)))
}

fn text(value: &Value) -> String {
    match value {
        Value::Decimal(Some(value)) => value.to_string(),
        Value::BigDecimal(Some(value)) => value.to_plain_string(),
        other => panic!("no decimal: {other:?}"),
    }
}

fn read_alike<E: Audited>(a: Option<E::Model>, b: Option<E::Model>) {
    use sea_orm::{IdenStatic, Iterable, ModelTrait};

    let (Some(a), Some(b)) = (&a, &b) else {
        assert_eq!(a.is_some(), b.is_some());
        return;
    };
    for column in E::Column::iter() {
        let (x, y) = (a.get(column), b.get(column));
        assert!(
            exactly(&x, &y) || is_decimal(&x) && same_decimal(&text(&x), &text(&y)),
            "{}\n  hooks:    {x:?}\n  triggers: {y:?}",
            column.as_str()
        );
    }
}
