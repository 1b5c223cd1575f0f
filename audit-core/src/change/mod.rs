//! What a change is made of; pure code without I/O.
#![allow(dead_code, unused_imports)]

pub(crate) mod value;
