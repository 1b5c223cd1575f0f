//! What the cases share: a database for each, entities to write, and an oracle that reads the log.

pub mod blog;
pub mod case;
pub mod conflict;
pub mod cut;
pub mod dice;
pub mod events;
pub mod faults;
pub mod replay;
pub mod server;
pub mod shop;
pub mod writer;
pub mod writes;
