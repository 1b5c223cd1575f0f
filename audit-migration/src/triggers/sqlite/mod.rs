//! Triggers on SQLite: three of each table, in the schema file of the table.
//!
//! There are no functions to share, so that each trigger has all it needs in it, and no types to trust, so that it judges
//! every value as it comes.

mod catalog;
mod float;
mod json;
mod moment;
mod plan;
mod sql;
mod status;
mod trigger;
mod utf8;
mod value;

#[cfg(test)]
mod tests;

use sea_orm_migration::sea_orm::{ConnectionTrait, TransactionSession};

use self::{plan::Plan, sql::name};
use super::{error::Result, install::Db, table::TriggerTable};

pub(super) use status::status;

/// The schema that a table without a schema is in.
const DEFAULT_SCHEMA: &str = "main";

/// Installs the triggers of a table, all or none; where they are there as they should be, nothing is touched.
pub(super) async fn install<C: Db>(db: &C, table: &TriggerTable) -> Result<()> {
    let transaction = db.begin().await?;
    match install_in(&transaction, table).await {
        Ok(()) => Ok(transaction.commit().await?),
        Err(err) => {
            transaction.rollback().await?;
            Err(err)
        }
    }
}

async fn install_in<C: ConnectionTrait>(db: &C, table: &TriggerTable) -> Result<()> {
    let plan = Plan::of(db, table).await?;
    if plan.is_installed() {
        return Ok(());
    }
    drop_ours(db, table).await?;
    for trigger in &plan.expected {
        db.execute_unprepared(&trigger.create()).await?;
    }
    // A trigger is compiled with the statements that fire it; what does not compile is to fail here and not there.
    let table = format!("{}.{}", name(&plan.schema), name(&plan.table));
    let key = name(&plan.key_column);
    for statement in [
        format!("INSERT INTO {table} ({key}) SELECT {key} FROM {table} WHERE 0"),
        format!("UPDATE {table} SET {key} = {key} WHERE 0"),
        format!("DELETE FROM {table} WHERE 0"),
    ] {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Drops the triggers of a table that are ours.
pub(super) async fn drop<C: Db>(db: &C, table: &TriggerTable) -> Result<()> {
    let transaction = db.begin().await?;
    match drop_ours(&transaction, table).await {
        Ok(()) => Ok(transaction.commit().await?),
        Err(err) => {
            transaction.rollback().await?;
            Err(err)
        }
    }
}

async fn drop_ours<C: ConnectionTrait>(db: &C, table: &TriggerTable) -> Result<()> {
    let schema = plan::schema(table);
    let all = catalog::schemas(db).await?;
    if !all.iter().any(|known| catalog::same(known, schema)) {
        return Ok(());
    }
    for trigger in catalog::triggers(db, schema).await? {
        if trigger.is_ours() && catalog::same(&trigger.table, &table.0.name) {
            let sql = format!("DROP TRIGGER {}.{}", name(schema), name(&trigger.name));
            db.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}
