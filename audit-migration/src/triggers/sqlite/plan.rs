//! What should be in the database for a table, and what is there.

use sea_orm_migration::sea_orm::ConnectionTrait;

use super::{
    super::{
        error::{Error, Result},
        stamp::stamp,
        table::TriggerTable,
    },
    DEFAULT_SCHEMA,
    catalog::{self, Table, same},
    trigger::{Body, Trigger},
    value::Column,
};
use crate::migrations::CreateTriggerSupport;

/// The table that the context is read from.
const CONTEXT: &str = "audit_context";

/// The triggers of a table as they should be, beside those that are there.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) schema: String,
    /// The table as the database calls it.
    pub(super) table: String,
    /// A column of the key as the database calls it.
    pub(super) key_column: String,
    pub(super) stamp: String,
    pub(super) expected: [Trigger; 3],
    /// All triggers of the schema file.
    pub(super) there: Vec<catalog::Trigger>,
}

/// The schema file that a table is in.
pub(super) fn schema(table: &TriggerTable) -> &str {
    table.0.schema.as_deref().unwrap_or(DEFAULT_SCHEMA)
}

impl Plan {
    /// # Errors
    ///
    /// There is no such table, or it cannot be recorded.
    pub(super) async fn of<C: ConnectionTrait>(db: &C, table: &TriggerTable) -> Result<Self> {
        let schema = schema(table).to_owned();
        let Some(found) = Table::find(db, &schema, &table.0.name).await? else {
            return Err(Error::TableMissing {
                table: table.display(),
            });
        };
        if found.what != "table" {
            return Err(Error::NotATable {
                table: table.display(),
                what: match found.what.as_str() {
                    "view" => "a view".to_owned(),
                    what => format!("a {what} table"),
                },
            });
        }
        let log = log(db, table, &schema).await?;
        support(db, table, &schema).await?;
        let columns = columns(table, &found)?;
        let key = key(table, &found, &columns)?;
        let there = catalog::triggers(db, &schema).await?;

        let own: Vec<(String, String)> = found
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.ty.clone()))
            .collect();
        let stamp = stamp(table, &own);
        let entity = entity(table);
        let body = Body {
            schema: &schema,
            table: &found.name,
            entity: &entity,
            log: &log,
            columns,
            key,
            values: table.0.values,
            require_actor: table.0.require_actor,
            stamp: &stamp,
        };
        let expected = body.triggers();
        for trigger in &expected {
            let taken = there.iter().find(|there| {
                same(&there.name, &trigger.name)
                    && !(there.is_ours() && same(&there.table, &found.name))
            });
            if let Some(taken) = taken {
                return Err(Error::Unsupported {
                    table: table.display(),
                    reason: format!(
                        "there is another trigger `{}` already, of the table `{}`: drop it or give it another name",
                        taken.name, taken.table
                    ),
                });
            }
        }
        Ok(Self {
            schema,
            key_column: table.0.key.first().cloned().unwrap_or_default(),
            table: found.name,
            stamp,
            expected,
            there,
        })
    }

    /// The triggers of the table, ours and others.
    pub(super) fn of_table(&self) -> impl Iterator<Item = &catalog::Trigger> {
        self.there
            .iter()
            .filter(|trigger| same(&trigger.table, &self.table))
    }

    /// Whether every trigger is there as it should be and before all that could come between, and no other of ours is.
    pub(super) fn is_installed(&self) -> bool {
        let ours: Vec<&catalog::Trigger> =
            self.of_table().filter(|there| there.is_ours()).collect();
        ours.len() == self.expected.len()
            && self
                .expected
                .iter()
                .all(|expected| ours.iter().any(|there| there.sql == expected.kept()))
            && self.before_ours().next().is_none()
    }

    /// The triggers of somebody else that fire before ours do.
    pub(super) fn before_ours(&self) -> impl Iterator<Item = &catalog::Trigger> {
        let last = self.of_table().filter(|there| there.is_ours()).count();
        let mut ours = 0;
        self.of_table().filter(move |there| {
            ours += usize::from(there.is_ours());
            !there.is_ours() && there.is_after() && ours < last
        })
    }
}

/// The table's name in the log.
fn entity(table: &TriggerTable) -> String {
    match &table.0.schema {
        Some(schema) if schema != DEFAULT_SCHEMA => format!("{schema}.{}", table.0.name),
        _ => table.0.name.clone(),
    }
}

/// The log's name in the schema file of the table: a trigger can write nowhere else.
async fn log<C: ConnectionTrait>(db: &C, table: &TriggerTable, schema: &str) -> Result<String> {
    let (log_schema, log) = match table.0.log.split_once('.') {
        Some((schema, log)) => (schema, log),
        None => (DEFAULT_SCHEMA, table.0.log.as_str()),
    };
    if !same(log_schema, schema) {
        return Err(Error::Unsupported {
            table: table.display(),
            reason: format!(
                "a trigger of SQLite cannot write into another schema file, and the log `{log}` is in `{log_schema}`: \
                 keep a log in `{schema}` and say `log = \"{schema}.{log}\"`"
            ),
        });
    }
    match Table::find(db, schema, log).await? {
        Some(found) => Ok(found.name),
        None => Err(Error::LogMissing {
            table: table.display(),
            log: table.0.log.clone(),
        }),
    }
}

async fn support<C: ConnectionTrait>(db: &C, table: &TriggerTable, schema: &str) -> Result<()> {
    if Table::find(db, schema, CONTEXT).await?.is_some() {
        Ok(())
    } else if same(schema, DEFAULT_SCHEMA) {
        Err(Error::SupportMissing {
            migration: CreateTriggerSupport::NAME,
        })
    } else {
        Err(Error::Unsupported {
            table: table.display(),
            reason: format!(
                "a trigger of SQLite cannot read another schema file: create a table `{CONTEXT}` in `{schema}`, too"
            ),
        })
    }
}

fn columns(table: &TriggerTable, found: &Table) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    for description in table.audited() {
        let Some(own) = found.column(&description.name) else {
            return Err(Error::ColumnMissing {
                table: table.display(),
                column: description.name.clone(),
            });
        };
        columns.extend(Column::new(description, &own.ty));
    }
    Ok(columns)
}

fn key(table: &TriggerTable, found: &Table, columns: &[Column]) -> Result<Vec<Column>> {
    if !found.tells_rows_by(&table.0.key) {
        return Err(Error::NoKey {
            table: table.display(),
            columns: table.0.key.join(", "),
        });
    }
    table
        .0
        .key
        .iter()
        .map(|key| {
            let column = columns.iter().find(|column| column.name == *key);
            column.cloned().ok_or_else(|| Error::ColumnMissing {
                table: table.display(),
                column: key.clone(),
            })
        })
        .collect()
}
