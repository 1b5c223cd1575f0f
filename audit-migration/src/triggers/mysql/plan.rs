//! What the triggers of a table should be.

use super::{
    body::{Event, Made},
    catalog::{Place, Server, Table},
    column, quote,
};
use crate::triggers::{
    error::{Error, Result},
    name::stable_hash,
    stamp::stamp,
    table::TriggerTable,
};

/// The longest name of a trigger, in characters.
const LONGEST_NAME: usize = 64;

/// The triggers that a table should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Where the table is.
    pub(super) place: Place,
    pub(super) stamp: String,
    pub(super) triggers: Vec<Wanted>,
}

/// A trigger as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) event: Event,
    pub(super) body: String,
}

/// Where a table is: in its own schema, or in the session's database.
///
/// # Errors
///
/// [`Error::Unsupported`] where there is neither.
pub(super) fn place(table: &TriggerTable, server: &Server) -> Result<Place> {
    let schema = table.0.schema.clone().or_else(|| server.database.clone());
    let schema = schema.ok_or_else(|| no_database(table))?;
    Ok((schema, table.0.name.clone()))
}

/// Where the log of a table is.
///
/// # Errors
///
/// As [`place`].
pub(super) fn log_place(table: &TriggerTable, server: &Server) -> Result<Place> {
    Ok(match table.0.log.split_once('.') {
        Some((schema, log)) => (schema.to_owned(), log.to_owned()),
        None => {
            let schema = server.database.clone();
            (
                schema.ok_or_else(|| no_database(table))?,
                table.0.log.clone(),
            )
        }
    })
}

fn no_database(table: &TriggerTable) -> Error {
    Error::Unsupported {
        table: table.display(),
        reason: "the connection has no default database: name one in its URL".to_owned(),
    }
}

impl Plan {
    /// The triggers of a table that is there.
    ///
    /// # Errors
    ///
    /// What in the table does not go with its description.
    pub(super) fn new(table: &TriggerTable, server: &Server, actual: &Table) -> Result<Self> {
        if actual.is != "BASE TABLE" && actual.is != "SYSTEM VERSIONED" {
            return Err(Error::NotATable {
                table: table.display(),
                what: format!("a {}", actual.is.to_lowercase()),
            });
        }
        let columns = column::columns(table, &actual.columns)?;
        check_key(table, actual)?;
        let place = place(table, server)?;
        let log = log_place(table, server)?;
        // A trigger looks for names without a schema in its table's, wherever the writer is. So the pair can be restored
        // from a dump under another name.
        let schema = (!server.same_name(&log.0, &place.0)).then_some(log.0.as_str());
        let described: Vec<(String, String)> = actual
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.full_type.clone()))
            .collect();
        let stamp = stamp(table, &described);
        let made = Made {
            table,
            columns: &columns,
            server,
            log: &quote::in_schema(schema, &log.1),
            stamp: &quote::seal(&stamp),
        };
        let triggers = Event::ALL
            .map(|event| Wanted {
                name: name(&table.0.name, event),
                event,
                body: made.body(event),
            })
            .into();
        Ok(Self {
            place,
            triggers,
            stamp,
        })
    }
}

/// Whether something keeps two rows from having one key: a unique index over no more than its columns.
fn check_key(table: &TriggerTable, actual: &Table) -> Result<()> {
    let key: Vec<String> = table.0.key.iter().map(|name| name.to_lowercase()).collect();
    let covered = |index: &Vec<String>| index.iter().all(|name| key.contains(&name.to_lowercase()));
    if actual.keys.iter().any(covered) {
        return Ok(());
    }
    Err(Error::NoKey {
        table: table.display(),
        columns: table.0.key.join(", "),
    })
}

/// The name of the trigger for an event. Of a long table name the beginning stays, with a number that only it has.
pub(super) fn name(table: &str, event: Event) -> String {
    let event = event.sql().to_lowercase();
    let plain = format!("audit_{table}_{event}");
    if plain.chars().count() <= LONGEST_NAME {
        return plain;
    }
    let number = format!("{:016x}", stable_hash(table));
    let kept = LONGEST_NAME - "audit___".len() - number.len() - event.len();
    let start: String = table.chars().take(kept).collect();
    format!("audit_{start}_{number}_{event}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_and_stays() {
        assert_eq!(name("product", Event::Insert), "audit_product_insert");
        let (a, b) = ("ä".repeat(64), format!("{}b", "ä".repeat(63)));
        for table in [&a, &b, &"x".repeat(52)] {
            for event in Event::ALL {
                assert!(name(table, event).chars().count() <= 64, "{table}");
            }
        }
        assert_eq!(name(&a, Event::Update).chars().count(), 64);
        assert_ne!(name(&a, Event::Update), name(&b, Event::Update));
        assert_eq!(
            name(&"x".repeat(64), Event::Delete),
            "audit_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_b96a5acbb56db825_delete"
        );
    }
}
