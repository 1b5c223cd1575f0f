//! Triggers that write a second log besides the one of the hooks, and whether both say the same.

use std::collections::BTreeMap;

use sea_orm::{
    DatabaseConnection, DbBackend, FromQueryResult, IdenStatic, Iterable, ModelTrait, Statement,
    TryIntoModel,
};
use sea_orm_audit::{Audited, audit_log};
use sea_orm_audit_migration::{CreateLog, triggers::TriggerTable};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde_json::Value as Json;

use crate::support::values::exactly;

pub const SHADOW: &str = "shadow_log";

/// Creates the second log.
pub async fn create_shadow(db: &DatabaseConnection) {
    let manager = SchemaManager::new(db);
    CreateLog::named(SHADOW).up(&manager).await.unwrap();
}

/// Installs triggers that write the second log.
pub async fn cast_shadow<E: Audited>(db: &DatabaseConnection) {
    let table = TriggerTable::of::<E>(DbBackend::MySql).log(SHADOW);
    table.install(&SchemaManager::new(db)).await.unwrap();
}

/// All entries of a log, in the order of writing.
pub async fn entries(db: &DatabaseConnection, log: &str) -> Vec<audit_log::Model> {
    let sql = format!("SELECT * FROM {log} ORDER BY id");
    audit_log::Model::find_by_statement(Statement::from_string(DbBackend::MySql, sql))
        .all(db)
        .await
        .unwrap()
}

/// Panics unless the triggers wrote what the hooks did: of each record the same entries in the same order.
pub async fn assert_same<E>(db: &DatabaseConnection) -> usize
where
    E: Audited<ActiveModel: TryIntoModel<E::Model>>,
{
    let name = E::default().table_name().to_owned();
    let by_record = |entries: Vec<audit_log::Model>| {
        let mut records = BTreeMap::<String, Vec<audit_log::Model>>::new();
        for entry in entries {
            if entry.entity == name {
                let record = records.entry(entry.record_id.clone()).or_default();
                record.push(entry);
            }
        }
        records
    };
    let hooks = by_record(entries(db, "audit_log").await);
    let triggers = by_record(entries(db, SHADOW).await);
    let mut count = 0;
    for (record, hooks) in &hooks {
        let triggers = triggers
            .get(record)
            .unwrap_or_else(|| panic!("{name} {record}: the triggers wrote nothing"));
        assert_eq!(
            hooks.len(),
            triggers.len(),
            "{name} {record}:\n{hooks:#?}\n{triggers:#?}"
        );
        for (hook, trigger) in hooks.iter().zip(triggers) {
            same_entry::<E>(hook, trigger);
            count += 1;
        }
    }
    assert_eq!(hooks.len(), triggers.len(), "records of {name}");
    count
}

fn same_entry<E>(hook: &audit_log::Model, trigger: &audit_log::Model)
where
    E: Audited<ActiveModel: TryIntoModel<E::Model>>,
{
    let what = format!("{} {}\n{hook:?}\n{trigger:?}", hook.entity, hook.record_id);
    assert_eq!(hook.action, trigger.action, "{what}");
    assert_eq!(hook.old_record_id, trigger.old_record_id, "{what}");
    for (hook, trigger) in [
        (&hook.old_values, &trigger.old_values),
        (&hook.new_values, &trigger.new_values),
    ] {
        match (hook, trigger) {
            (None, None) => {}
            (Some(hook), Some(trigger)) => {
                assert!(same(hook, trigger), "{hook}\n{trigger}\n{what}");
            }
            _ => panic!("{what}"),
        }
    }
    for (hook, trigger) in [
        (hook.old::<E>(), trigger.old::<E>()),
        (hook.new::<E>(), trigger.new::<E>()),
    ] {
        let Ok(hook) = hook else { continue };
        let trigger = trigger.unwrap_or_else(|err| panic!("{err:?}: {what}"));
        assert_eq!(hook.is_some(), trigger.is_some(), "{what}");
        let Some((hook, trigger)) = hook.zip(trigger) else {
            continue;
        };
        for column in E::Column::iter() {
            let (hook, trigger) = (hook.get(column), trigger.get(column));
            assert!(
                exactly(&hook, &trigger),
                "{}: {hook:?}, {trigger:?}\n{what}",
                column.as_str()
            );
        }
    }
}

/// Numbers by value, and decimals, which are texts, with whatever scale.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => {
            let exact = |n: &serde_json::Number| n.as_i128();
            match (exact(x), exact(y)) {
                (Some(x), Some(y)) => x == y,
                _ => x.as_f64() == y.as_f64(),
            }
        }
        (Json::String(x), Json::String(y)) => x == y || same_decimal(x, y),
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, x)| y.get(key).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}

/// The driver reads a decimal with 28 places at most, and with fewer where they do not fit.
fn same_decimal(a: &str, b: &str) -> bool {
    let number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_decimal =
            !digits.is_empty() && digits.chars().all(|c| c == '.' || c.is_ascii_digit());
        let point = text.contains('.');
        is_decimal.then(|| match point {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text.to_owned(),
        })
    };
    a.len().max(b.len()) > 28 && number(a).is_some() && number(a) == number(b)
}
