//! What a change is made of; pure code without I/O.
#![allow(dead_code)]

pub(crate) mod value;
