//! One file per topic.

use crate::support::case::Case;

mod bakery;
mod behavior;
mod bulk;
mod capture_table;
mod chains;
mod concurrency;
mod connection;
mod context;
mod dropped;
mod faults;
mod formats;
mod hooks;
mod kill;
mod migrations;
mod quiet;
mod refusals;
mod triggers_cascades;
mod triggers_context;
mod triggers_mysql;
mod triggers_names;
mod triggers_postgres;
mod triggers_sqlite;
mod triggers_status;
mod triggers_wide;
mod triggers_writes;
mod unannounced;
mod values;
mod workload;
mod wrapped;

/// All cases, by the name of their file.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("bakery", bakery::cases()),
        ("behavior", behavior::cases()),
        ("bulk", bulk::cases()),
        ("capture_table", capture_table::cases()),
        ("chains", chains::cases()),
        ("concurrency", concurrency::cases()),
        ("connection", connection::cases()),
        ("context", context::cases()),
        ("dropped", dropped::cases()),
        ("faults", faults::cases()),
        ("formats", formats::cases()),
        ("hooks", hooks::cases()),
        ("kill", kill::cases()),
        ("migrations", migrations::cases()),
        ("quiet", quiet::cases()),
        ("refusals", refusals::cases()),
        ("triggers_cascades", triggers_cascades::cases()),
        ("triggers_context", triggers_context::cases()),
        ("triggers_mysql", triggers_mysql::cases()),
        ("triggers_names", triggers_names::cases()),
        ("triggers_postgres", triggers_postgres::cases()),
        ("triggers_sqlite", triggers_sqlite::cases()),
        ("triggers_status", triggers_status::cases()),
        ("triggers_wide", triggers_wide::cases()),
        ("triggers_writes", triggers_writes::cases()),
        ("unannounced", unannounced::cases()),
        ("values", values::cases()),
        ("workload", workload::cases()),
        ("wrapped", wrapped::cases()),
    ]
}
