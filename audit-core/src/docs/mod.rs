//! Longer chapters: what holds where, and why.

#[doc = include_str!("guarantees.md")]
pub mod guarantees {}
