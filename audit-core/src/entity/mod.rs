//! The log's own tables as SeaORM entities, one file per table.

pub mod audit_log;
