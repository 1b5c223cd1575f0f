//! MySQL and MariaDB: three row triggers a table.

mod body;
mod catalog;
mod column;
mod plan;
mod quote;
mod session;
mod state;
mod value;

use sea_orm_migration::{
    SchemaManagerConnection,
    sea_orm::{ConnectionTrait, DbErr, TransactionTrait},
};

use self::{
    catalog::{Server, Trigger},
    plan::{Plan, Wanted},
    session::Session,
};
use super::{
    error::{Error, Result},
    status::TableStatus,
    table::TriggerTable,
};

/// Installs the triggers of a table, unless they are there as they should be.
///
/// # Errors
///
/// [`Error`], with nothing half installed.
pub(super) async fn install(db: &SchemaManagerConnection<'_>, table: &TriggerTable) -> Result<()> {
    // DDL ends every transaction, so one of the caller's own is not nested: its savepoint would be gone in the end.
    match db {
        SchemaManagerConnection::Connection(db) => {
            let pinned = db.begin().await?;
            let result = install_on(&pinned, table).await;
            pinned.commit().await?;
            result
        }
        db => install_on(db, table).await,
    }
}

/// Drops the triggers of a table, where there are any.
///
/// # Errors
///
/// What the database says.
pub(super) async fn drop(db: &SchemaManagerConnection<'_>, table: &TriggerTable) -> Result<()> {
    let server = Server::read(db).await?;
    let (schema, name) = plan::place(table, &server)?;
    let place = (schema, name);
    let triggers = catalog::triggers(db, std::slice::from_ref(&place.0), &[]).await?;
    for trigger in triggers {
        if trigger.is_ours() && server.same_place(&trigger.place, &place) {
            drop_trigger(db, &trigger.place.0, &trigger.name)
                .await
                .map_err(|err| refused(table, err))?;
        }
    }
    Ok(())
}

/// How each of these tables stands, and which other tables have triggers of ours.
///
/// # Errors
///
/// What the database says.
pub(super) async fn status<C: ConnectionTrait>(
    db: &C,
    tables: &[TriggerTable],
) -> Result<Vec<TableStatus>> {
    state::status(db, tables).await
}

async fn install_on<C: ConnectionTrait>(db: &C, table: &TriggerTable) -> Result<()> {
    let server = Server::read(db).await?;
    let place = plan::place(table, &server)?;
    let log = plan::log_place(table, &server)?;
    let mut found = catalog::tables(db, &server, &[place.clone(), log])
        .await?
        .into_iter();
    let (actual, log) = (found.next().flatten(), found.next().flatten());
    let actual = actual.ok_or_else(|| Error::TableMissing {
        table: table.display(),
    })?;
    let plan = Plan::new(table, &server, &actual)?;
    if log.is_none() {
        return Err(Error::LogMissing {
            table: table.display(),
            log: table.0.log.clone(),
        });
    }
    let names: Vec<String> = plan.triggers.iter().map(|t| t.name.clone()).collect();
    let present = catalog::triggers(db, std::slice::from_ref(&place.0), &names).await?;
    check_names(table, &server, &plan, &present)?;
    let ours: Vec<&Trigger> = present
        .iter()
        .filter(|trigger| trigger.is_ours() && server.same_place(&trigger.place, &plan.place))
        .collect();
    if state::is_as_planned(&plan, &ours) {
        return Ok(());
    }
    let session = Session::prepare(db).await?;
    let result = replace(db, &server, &plan, &ours).await;
    session.restore(db).await?;
    result.map_err(|err| refused(table, err))
}

/// Whether the names are free, or those of triggers that are to be replaced.
fn check_names(
    table: &TriggerTable,
    server: &Server,
    plan: &Plan,
    present: &[Trigger],
) -> Result<()> {
    for trigger in present {
        let wanted = plan
            .triggers
            .iter()
            .any(|wanted| wanted.name.to_lowercase() == trigger.name.to_lowercase());
        let own = trigger.is_ours() && server.same_place(&trigger.place, &plan.place);
        if wanted && !own {
            let whose = if trigger.is_ours() {
                "it records another table: drop the triggers of that one first"
            } else {
                "it is not of this library: give it another name"
            };
            return Err(Error::Unsupported {
                table: table.display(),
                reason: format!(
                    "there is a trigger `{}` on `{}` already, and {whose}",
                    trigger.name, trigger.place.1
                ),
            });
        }
    }
    Ok(())
}

/// Brings the table's triggers to the plan; after an error they are as they were.
async fn replace<C: ConnectionTrait>(
    db: &C,
    server: &Server,
    plan: &Plan,
    present: &[&Trigger],
) -> Result<(), DbErr> {
    let locked = !server.mariadb && !present.is_empty();
    if locked {
        // Without `OR REPLACE` there is a moment without a trigger, which no writer may meet.
        let table = quote::in_schema(Some(&plan.place.0), &plan.place.1);
        db.execute_unprepared(&format!("LOCK TABLES {table} WRITE"))
            .await?;
    }
    let result = replace_each(db, server, plan, present).await;
    if locked {
        db.execute_unprepared("UNLOCK TABLES").await?;
    }
    result
}

async fn replace_each<C: ConnectionTrait>(
    db: &C,
    server: &Server,
    plan: &Plan,
    present: &[&Trigger],
) -> Result<(), DbErr> {
    let schema = &plan.place.0;
    let mut done: Vec<&Wanted> = Vec::new();
    for wanted in &plan.triggers {
        let before = present.iter().find(|trigger| trigger.name == wanted.name);
        if before.is_some_and(|before| state::is_as_wanted(before, wanted)) {
            continue;
        }
        done.push(wanted);
        if let Err(err) = create(db, server, plan, wanted, before.is_some()).await {
            for undo in done.into_iter().rev() {
                let before = present.iter().find(|trigger| trigger.name == undo.name);
                if before.is_none() || !server.mariadb {
                    let _ = drop_trigger(db, schema, &undo.name).await;
                }
                if let Some(before) = before {
                    restore(db, server, before).await?;
                }
            }
            return Err(err);
        }
    }
    // What an earlier version called otherwise.
    for trigger in present {
        if !plan
            .triggers
            .iter()
            .any(|wanted| wanted.name == trigger.name)
        {
            drop_trigger(db, schema, &trigger.name).await?;
        }
    }
    Ok(())
}

async fn create<C: ConnectionTrait>(
    db: &C,
    server: &Server,
    plan: &Plan,
    wanted: &Wanted,
    replaces: bool,
) -> Result<(), DbErr> {
    let schema = &plan.place.0;
    if replaces && !server.mariadb {
        drop_trigger(db, schema, &wanted.name).await?;
    }
    let or_replace = if replaces && server.mariadb {
        "OR REPLACE "
    } else {
        ""
    };
    let sql = format!(
        "CREATE {or_replace}TRIGGER {} AFTER {} ON {} FOR EACH ROW\n{}",
        quote::in_schema(Some(schema), &wanted.name),
        wanted.event.sql(),
        quote::in_schema(Some(schema), &plan.place.1),
        wanted.body
    );
    db.execute_unprepared(&sql).await?;
    Ok(())
}

/// Puts a trigger back that was there before.
async fn restore<C: ConnectionTrait>(
    db: &C,
    server: &Server,
    trigger: &Trigger,
) -> Result<(), DbErr> {
    let or_replace = if server.mariadb { "OR REPLACE " } else { "" };
    let (schema, table) = &trigger.place;
    let mode = quote::text(&trigger.sql_mode);
    db.execute_unprepared(&format!("SET SESSION sql_mode = {mode}"))
        .await?;
    let sql = format!(
        "CREATE {or_replace}TRIGGER {} {} {} ON {} FOR EACH ROW\n{}",
        quote::in_schema(Some(schema), &trigger.name),
        trigger.timing,
        trigger.event,
        quote::in_schema(Some(schema), table),
        trigger.body
    );
    db.execute_unprepared(&sql).await?;
    Ok(())
}

async fn drop_trigger<C: ConnectionTrait>(db: &C, schema: &str, name: &str) -> Result<(), DbErr> {
    let name = quote::in_schema(Some(schema), name);
    db.execute_unprepared(&format!("DROP TRIGGER IF EXISTS {name}"))
        .await?;
    Ok(())
}

/// What the database said, with a remedy where it is about rights.
fn refused(table: &TriggerTable, source: DbErr) -> Error {
    let text = source.to_string();
    let says = |code: &str| text.contains(&format!("{code} ("));
    let remedy = if says("1419") {
        "the server keeps a binary log and asks for the privilege SUPER; set log_bin_trust_function_creators = 1 on it, or \
         run the migration as a user who has the privilege"
    } else if says("1142") || says("1044") {
        "run the migration as a user with the privilege TRIGGER on the table, or grant it"
    } else if says("1227") {
        "run the migration as a user with the privilege that the database names, or grant it"
    } else {
        return Error::Database(source);
    };
    Error::NotPermitted {
        table: table.display(),
        remedy,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_rights_has_a_remedy() {
        let table = TriggerTable::named("product");
        for (said, remedy) in [
            (
                "error returned from database: 1419 (HY000): You do not have the SUPER privilege and binary logging is enabled",
                "log_bin_trust_function_creators",
            ),
            (
                "error returned from database: 1142 (42000): TRIGGER command denied to user",
                "TRIGGER",
            ),
            (
                "error returned from database: 1227 (42000): Access denied; you need (at least one of) the SET USER privilege(s)",
                "privilege",
            ),
        ] {
            match refused(&table, DbErr::Custom(said.to_owned())) {
                Error::NotPermitted { remedy: found, .. } => {
                    assert!(found.contains(remedy), "{said}: {found}");
                }
                other => panic!("{said}: {other:?}"),
            }
        }
        let other = refused(&table, DbErr::Custom("1213 (40001): Deadlock".to_owned()));
        assert!(matches!(other, Error::Database(_)));
    }
}
