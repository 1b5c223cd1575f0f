//! How the triggers in the database stand against those that should be there.

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::ConnectionTrait;

use super::{
    super::{
        error::{Error, Result},
        stamp::differences,
        status::{State, TableStatus},
        table::TriggerTable,
    },
    DEFAULT_SCHEMA,
    catalog::{self, same},
    plan::{self, Plan},
    trigger::names,
};

/// How each of these tables stands, and which other tables have triggers of ours.
pub(in super::super) async fn status<C: ConnectionTrait>(
    db: &C,
    tables: &[TriggerTable],
) -> Result<Vec<TableStatus>> {
    let schemas = catalog::schemas(db).await?;
    let replaces = !catalog::deletes_what_it_replaces(db).await?;
    let temporary = catalog::triggers(db, "temp").await?;
    let mut all = Vec::new();
    for table in tables {
        let known = schemas
            .iter()
            .any(|schema| same(schema, plan::schema(table)));
        let mut status = if known {
            of_table(db, table).await?
        } else {
            missing(table)
        };
        if !matches!(status.state, State::Missing(_)) {
            status.gaps.extend(replaces.then(|| REPLACED.to_owned()));
            status.gaps.extend(
                temporary
                    .iter()
                    .filter(|trigger| same(&trigger.table, &table.0.name))
                    .map(|trigger| early(&trigger.name, "make it a trigger of the table itself")),
            );
        }
        all.push(status);
    }
    for schema in &schemas {
        let left: BTreeSet<String> = catalog::triggers(db, schema)
            .await?
            .into_iter()
            .filter(catalog::Trigger::is_ours)
            .map(|trigger| trigger.table)
            .filter(|of| {
                !tables
                    .iter()
                    .any(|table| same(plan::schema(table), schema) && same(&table.0.name, of))
            })
            .collect();
        all.extend(left.into_iter().map(|table| {
            let name = if same(schema, DEFAULT_SCHEMA) {
                table
            } else {
                format!("{schema}.{table}")
            };
            TableStatus::new(name, State::LeftOver)
        }));
    }
    Ok(all)
}

const REPLACED: &str = "rows that `INSERT OR REPLACE`, `REPLACE` or `UPDATE OR REPLACE` removes to make room for another: \
     turn `PRAGMA recursive_triggers` on for every connection, with SeaORM by \
     `options.map_sqlx_sqlite_opts(|sqlite| sqlite.pragma(\"recursive_triggers\", \"ON\"))`";

fn early(trigger: &str, remedy: &str) -> String {
    format!(
        "the order of changes, where the trigger `{trigger}` changes the same row again: it fires before ours do; {remedy}"
    )
}

fn missing(table: &TriggerTable) -> TableStatus {
    let names = names(&table.0.name).to_vec();
    TableStatus::new(table.display(), State::Missing(names))
}

async fn of_table<C: ConnectionTrait>(db: &C, table: &TriggerTable) -> Result<TableStatus> {
    let plan = match Plan::of(db, table).await {
        Ok(plan) => plan,
        Err(Error::Database(err)) => return Err(Error::Database(err)),
        Err(Error::TableMissing { .. }) => return Ok(missing(table)),
        Err(err) => return impossible(db, table, &err).await,
    };
    let ours: Vec<&catalog::Trigger> = plan.of_table().filter(|there| there.is_ours()).collect();
    let absent: Vec<String> = plan
        .expected
        .iter()
        .filter(|expected| !ours.iter().any(|there| there.is_for(expected.event)))
        .map(|expected| expected.name.clone())
        .collect();
    let state = if absent.is_empty() {
        let different = different(&plan, &ours);
        if different.is_empty() {
            State::Installed
        } else {
            State::Outdated(different)
        }
    } else {
        State::Missing(absent)
    };
    let mut status = TableStatus::new(table.display(), state);
    status.gaps = plan
        .before_ours()
        .map(|trigger| early(&trigger.name, "install the triggers of the table again"))
        .collect();
    let following = catalog::follow_the_key(db, plan::schema(table), &table.0.name).await?;
    status.gaps.extend(following.iter().map(|column| {
        format!(
            "where the key of a row changes that refers to itself by `{column}`, the entry of what follows the key comes before that of \
             the key: set `{column}` to NULL before"
        )
    }));
    Ok(status)
}

/// What the triggers that are there are not.
fn different(plan: &Plan, ours: &[&catalog::Trigger]) -> Vec<String> {
    let mut all = Vec::new();
    for there in ours {
        if plan
            .expected
            .iter()
            .any(|expected| there.sql == expected.kept())
        {
            continue;
        }
        let mut different = differences(&there.sql, &plan.stamp);
        if different.is_empty() {
            different.push("its text is not what was installed: a column or the table has another name, or somebody changed it".to_owned());
        }
        for line in different {
            if !all.contains(&line) {
                all.push(line);
            }
        }
    }
    all
}

/// The table cannot be recorded any more: by what is there, or at all.
async fn impossible<C: ConnectionTrait>(
    db: &C,
    table: &TriggerTable,
    why: &Error,
) -> Result<TableStatus> {
    let there = catalog::triggers(db, plan::schema(table)).await?;
    let ours = there
        .iter()
        .filter(|trigger| trigger.is_ours() && same(&trigger.table, &table.0.name))
        .count();
    if ours == 0 {
        return Ok(missing(table));
    }
    let state = State::Outdated(vec![why.to_string()]);
    Ok(TableStatus::new(table.display(), state))
}
