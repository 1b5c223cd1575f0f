#![doc = include_str!("../README.md")]

pub mod migrations;
mod migrator;
pub mod triggers;

pub use migrations::{CreateLog, CreateTriggerSupport, migrations};
pub use migrator::Migrator;
