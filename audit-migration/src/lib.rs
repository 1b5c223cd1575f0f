#![doc = include_str!("../README.md")]

pub mod migrations;
mod migrator;

pub use migrations::{CreateLog, migrations};
pub use migrator::Migrator;
