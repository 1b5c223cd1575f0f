//! Canonical values: one JSON form for every value that SeaORM can hold, and back.
//!
//! | value | form |
//! |---|---|
//! | bool, integers | JSON bool, JSON integer |
//! | floats | shortest JSON number that reads back equal; `"NaN"`, `"Infinity"`, `"-Infinity"`; `-0.0` is `0.0` |
//! | decimals | string with their scale: `"1.10"` |
//! | text, char, enum | string |
//! | bytes | lower-case hex |
//! | uuid, MAC address | lower-case hex, hyphenated and with colons |
//! | IP network | `"10.0.0.1/8"`, always with the prefix |
//! | date, time | `"2026-11-21"`, `"12:34:56.123456"`; nine digits if there is something below a microsecond |
//! | date-time | `"2026-11-21T12:34:56.123456"`; of a moment in UTC, with a `Z` |
//! | JSON | itself, but JSON `null` is `{"$json": null}`, and an object whose only key is `$json` is wrapped once more |
//! | array, vector | JSON array of the elements' forms |
//! | SQL NULL | `null` |
//!
//! Numbers are read through their text and objects by key, so that a `serde_json` which somebody else built
//! with `arbitrary_precision` or `preserve_order` makes no difference.

mod bytes;
#[cfg(any(feature = "with-rust_decimal", feature = "with-bigdecimal"))]
mod decimal;
mod decode;
mod encode;
mod error;
mod float;
mod json;
mod key;
#[cfg(any(feature = "with-ipnetwork", feature = "with-mac_address"))]
mod network;
mod number;
mod same;
mod stamp;
mod stamp_text;
mod with_chrono;
#[cfg(feature = "with-time")]
mod with_time;

#[cfg(test)]
mod tests;

#[cfg(test)]
use decode::decode;
pub(crate) use decode::decode_column;
pub(crate) use encode::encode;
pub use error::{Undecodable, Unencodable};
pub(crate) use key::{key_text, key_value};
pub(crate) use same::same;
