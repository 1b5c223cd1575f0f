//! SQLite keeps anything in any column: no write fails for it, and the entry says what it is.

mod anything;
mod floats;
mod forms;
mod texts;

use sea_orm::DatabaseConnection;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};

use crate::support::{case::Case, plain::run};

pub fn cases() -> Vec<Case> {
    [
        anything::cases(),
        floats::cases(),
        forms::cases(),
        texts::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const KINDS: [(&str, Kind, &str); 17] = [
    ("yes", Kind::Bool, "boolean"),
    ("number", Kind::Integer, "integer"),
    ("single", Kind::Float, "float"),
    ("ratio", Kind::Double, "double"),
    ("price", Kind::Decimal, "real(12, 4)"),
    ("name", Kind::Text, "varchar(20)"),
    ("title", Kind::Text, "text COLLATE NOCASE"),
    ("bytes", Kind::Bytes, "blob"),
    ("uuid", Kind::Uuid, "uuid_text"),
    ("json", Kind::Json, "json_text"),
    ("json_number", Kind::Json, "json"),
    ("day", Kind::Date, "date_text"),
    ("hour", Kind::Time, "time_text"),
    ("local", Kind::DateTime, "datetime"),
    ("moment", Kind::Timestamp, "timestamp_with_timezone_text"),
    ("ip", Kind::IpNetwork, "text"),
    ("mac", Kind::MacAddress, "text"),
];

/// A table with a column of each kind, of its type or of none.
async fn table(db: &DatabaseConnection, name: &str, typed: bool) -> TriggerTable {
    let mut table = TriggerTable::named(name).key("id", Kind::Integer);
    let mut columns = String::new();
    for (column, kind, ty) in KINDS {
        table = table.column(column, kind);
        columns.push_str(&format!(", {column} {}", if typed { ty } else { "" }));
    }
    run(
        db,
        &format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY{columns})"),
    )
    .await;
    table
}
