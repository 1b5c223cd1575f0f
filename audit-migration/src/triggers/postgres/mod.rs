//! PostgreSQL: statement-level triggers with transition tables, and one function a table.

mod again;
mod body;
mod catalog;
mod event;
mod quote;
mod statement;

use sea_orm_audit::{__private::Hiding, Values};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, TransactionSession};

use self::{
    body::Parts,
    catalog::{Relation, reg_name},
    event::{ByRow, Event},
    quote::{audit_name, dollar},
};
use super::{
    error::{Error, Result},
    install::Db,
    stamp::{MARK, differences, stamp},
    status::{State, TableStatus},
    table::TriggerTable,
};
use crate::migrations::CreateTriggerSupport;

/// The schema that is not named in the log.
const DEFAULT_SCHEMA: &str = "public";

/// What the function's statements run with, whatever the session has: one text for each value, and plans that a cached one
/// for few rows does not spoil for many (a nested loop over two transition tables).
const SETTINGS: &str = r#"SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'iso_8601'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET xmlbinary = 'base64'
SET enable_nestloop = off
SET jit = off"#;

/// A trigger function, as it should be.
struct Function {
    schema: String,
    name: String,
    source: String,
    by_row: ByRow,
}

impl Function {
    async fn of<C: ConnectionTrait>(
        db: &C,
        table: &TriggerTable,
        relation: &Relation,
    ) -> Result<Self> {
        relation.check(table)?;
        let log = catalog::log(db, &table.0.log)
            .await?
            .ok_or_else(|| Error::LogMissing {
                table: table.display(),
                log: table.0.log.clone(),
            })?;
        let support = catalog::support(db).await?.ok_or(Error::SupportMissing {
            migration: CreateTriggerSupport::NAME,
        })?;
        let hidden = |hiding| {
            table
                .0
                .columns
                .iter()
                .filter(move |column| column.hiding == Some(hiding))
                .map(|column| column.name.clone())
        };
        // What the entity does not know, its hooks would not record either.
        let unknown = relation.columns.iter().filter(|name| {
            let described = |column: &&str| *column == name.as_str();
            !table
                .0
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .any(|column| described(&column))
        });
        let mut excluded: Vec<String> = hidden(Hiding::Excluded).chain(unknown.cloned()).collect();
        excluded.sort();
        let redacted: Vec<String> = hidden(Hiding::Redacted).collect();
        let full = table.0.values == Values::Full;
        let shape = relation.shape(db, &support).await?;
        let lists = relation
            .lists(db, &support, [&table.0.key, &excluded, &redacted], full)
            .await?;
        let columns: Vec<(String, String)> = shape
            .iter()
            .map(|column| (column.clone(), String::new()))
            .collect();
        let recorded = |name: &&String| !excluded.contains(name);
        let recorded: Vec<String> = relation.columns.iter().filter(recorded).cloned().collect();
        let by_row = relation.by_row(db).await?;
        let parts = Parts {
            stamp: stamp(table, &columns),
            entity: entity(table),
            log,
            support,
            key: table.0.key.clone(),
            excluded,
            redacted,
            full,
            require_actor: table.0.require_actor,
            shape,
            lists,
            recorded,
            by_row: by_row.clone(),
        };
        Ok(Self {
            schema: relation.schema.clone(),
            name: audit_name(&relation.name),
            source: parts.function(),
            by_row,
        })
    }

    fn quoted(&self) -> String {
        reg_name(Some(&self.schema), &self.name)
    }

    /// Whoever writes needs no right on the log: the function runs as its owner. And nobody else may put it onto a table of
    /// their own, whose rows would be in the log as this one's.
    fn create(&self) -> String {
        let function = self.quoted();
        format!(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n{SETTINGS}\nAS {};\n\
             REVOKE ALL ON FUNCTION {function}() FROM PUBLIC",
            dollar("audit", &self.source)
        )
    }
}

/// The table's name as the log writes it.
fn entity(table: &TriggerTable) -> String {
    match &table.0.schema {
        Some(schema) if schema != DEFAULT_SCHEMA => format!("{schema}.{}", table.0.name),
        _ => table.0.name.clone(),
    }
}

pub(super) async fn install<C: Db>(db: &C, table: &TriggerTable) -> Result<()> {
    let relation = Relation::find(db, table)
        .await?
        .ok_or_else(|| Error::TableMissing {
            table: table.display(),
        })?;
    let function = Function::of(db, table, &relation).await?;
    let installed = catalog::source(db, &function.schema, &function.name).await?;
    if installed
        .as_ref()
        .is_some_and(|source| !source.contains(MARK))
    {
        return Err(Error::Unsupported {
            table: table.display(),
            reason: format!(
                "the function {} is somebody else's, rename it",
                function.quoted()
            ),
        });
    }
    let mut statements = Vec::new();
    if installed.as_ref() != Some(&function.source) {
        statements.push(function.create());
    }
    for part in relation.parts(db).await? {
        for event in Event::ALL {
            let level = function.by_row.level(event);
            let fires = part.level(event, &function.schema, &function.name);
            if fires != Some(level) {
                if part.has_any(event) {
                    statements.push(event.drop(&part.table));
                }
                statements.push(event.create(level, &part.table, &function.quoted()));
            } else if part.is_disabled(event) {
                statements.push(event.enable(&part.table));
            }
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    let transaction = db.begin().await?;
    for statement in &statements {
        if let Err(err) = transaction.execute_unprepared(statement).await {
            transaction.rollback().await?;
            return Err(refused(table, err));
        }
    }
    transaction.commit().await?;
    Ok(())
}

fn refused(table: &TriggerTable, err: DbErr) -> Error {
    // SQLSTATE 42501, insufficient_privilege.
    let text = err.to_string();
    if text.contains("permission denied") || text.contains("must be owner") {
        return Error::NotPermitted {
            table: table.display(),
            remedy: "run the migrations as the owner of the table, or grant TRIGGER on it and CREATE on its schema",
            source: err,
        };
    }
    Error::Database(err)
}

/// The triggers go with their function.
pub(super) async fn drop<C: Db>(db: &C, table: &TriggerTable) -> Result<()> {
    let name = audit_name(&table.0.name);
    let relation = Relation::find(db, table).await?;
    let schema = relation
        .map(|relation| relation.schema)
        .or_else(|| table.0.schema.clone());
    for function in catalog::functions(db).await? {
        // Of a table that is gone and whose schema nobody names, the default one's.
        let in_schema = schema.as_deref().unwrap_or(DEFAULT_SCHEMA) == function.schema;
        if function.name == name && in_schema {
            let quoted = reg_name(Some(&function.schema), &function.name);
            db.execute_unprepared(&format!("DROP FUNCTION {quoted}() CASCADE"))
                .await?;
        }
    }
    Ok(())
}

pub(super) async fn status<C: ConnectionTrait>(
    db: &C,
    tables: &[TriggerTable],
) -> Result<Vec<TableStatus>> {
    let mut found = Vec::new();
    let mut functions = catalog::functions(db).await?;
    for table in tables {
        let name = table.display();
        let Some(relation) = Relation::find(db, table).await? else {
            found.push(TableStatus::new(
                name,
                State::Missing(vec!["the table".to_owned()]),
            ));
            continue;
        };
        let function_name = audit_name(&relation.name);
        let at = functions.iter().position(|function| {
            function.schema == relation.schema && function.name == function_name
        });
        let installed = at.map(|at| functions.swap_remove(at));
        let state = state(
            db,
            table,
            &relation,
            installed.map(|function| function.source),
        )
        .await?;
        let mut status = TableStatus::new(name, state);
        status.gaps = gaps(db, &relation).await?;
        found.push(status);
    }
    for function in functions {
        found.push(TableStatus::new(left_over(&function), State::LeftOver));
    }
    Ok(found)
}

/// What the triggers of a table cannot bring into the right order.
async fn gaps<C: ConnectionTrait>(db: &C, relation: &Relation) -> Result<Vec<String>, DbErr> {
    let others = relation.others(db).await?;
    let mut gaps: Vec<String> = others
        .by_statement
        .iter()
        .map(|trigger| {
            format!(
                "if the trigger `{trigger}` changes this table again, its entries come before those of the statement that it \
                 followed: give it a name after `{}`",
                Event::Truncate.trigger()
            )
        })
        .collect();
    let again = if relation.is_partitioned() {
        "rows of this partitioned table again"
    } else {
        "other rows of this table that its statement changes as well"
    };
    gaps.extend(others.by_row.iter().map(|trigger| {
        format!(
            "if the trigger `{trigger}` changes {again}, their entries are out of order: make it a BEFORE trigger, or FOR EACH \
             STATEMENT with a name after `{}`",
            Event::Truncate.trigger()
        )
    }));
    if relation.is_partitioned() && relation.reached_twice(db).await? {
        gaps.push(
            "where its foreign keys change a row of this partitioned table twice in one statement, its entries are out of order"
                .to_owned(),
        );
    }
    Ok(gaps)
}

async fn state<C: ConnectionTrait>(
    db: &C,
    table: &TriggerTable,
    relation: &Relation,
    installed: Option<String>,
) -> Result<State> {
    let parts = relation.parts(db).await?;
    let named = |with: &dyn Fn(&catalog::Part, Event) -> bool| -> Vec<String> {
        parts
            .iter()
            .flat_map(|part| Event::ALL.map(|event| (part, event)))
            .filter(|(part, event)| with(part, *event))
            .map(|(part, event)| format!("{} on {}", event.trigger(), part.table))
            .collect()
    };
    let function = audit_name(&relation.name);
    let level = |part: &catalog::Part, event| part.level(event, &relation.schema, &function);
    let missing = named(&|part, event| installed.is_none() || level(part, event).is_none());
    let disabled = named(&|part, event| part.is_disabled(event));
    if !missing.is_empty() {
        return Ok(State::Missing(missing));
    }
    if !disabled.is_empty() {
        return Ok(State::Disabled(disabled));
    }
    let installed = installed.unwrap_or_default();
    let expected = match Function::of(db, table, relation).await {
        Ok(function) => function,
        Err(Error::Database(err)) => return Err(err.into()),
        Err(err) => return Ok(State::Outdated(vec![err.to_string()])),
    };
    let at_another_level =
        named(&|part, event| level(part, event) != Some(expected.by_row.level(event)));
    if installed == expected.source && at_another_level.is_empty() {
        return Ok(State::Installed);
    }
    let mut differences = differences(&installed, &expected.source);
    differences.extend(at_another_level.into_iter().map(|trigger| {
        format!(
            "{trigger} fires for each statement and should for each row, or the other way round: the table's foreign keys or other \
             triggers have changed"
        )
    }));
    if differences.is_empty() {
        differences.push("its text was changed by hand".to_owned());
    }
    Ok(State::Outdated(differences))
}

/// The table of a function that no entity asks for, as its name tells.
fn left_over(function: &catalog::Function) -> String {
    let table = function
        .name
        .strip_prefix("audit_")
        .unwrap_or(&function.name);
    if function.schema == DEFAULT_SCHEMA {
        table.to_owned()
    } else {
        format!("{}.{table}", function.schema)
    }
}
