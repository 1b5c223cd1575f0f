//! What the cases share: a database for each, entities to write, and an oracle that reads the log.

pub mod bakery;
pub mod case;
pub mod events;
pub mod replay;
pub mod server;
pub mod shop;
pub mod values;
