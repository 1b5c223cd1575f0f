//! What the cases share: a database for each, entities to write, and an oracle that reads the log.

pub mod bakery;
pub mod blog;
pub mod case;
pub mod conflict;
pub mod cut;
pub mod dice;
pub mod documents;
pub mod events;
pub mod faults;
pub mod ledgers;
pub mod log;
pub mod magazine;
pub mod notes;
pub mod pools;
pub mod replay;
pub mod rights;
pub mod secrets;
pub mod server;
pub mod shop;
pub mod values;
pub mod writer;
pub mod writes;
