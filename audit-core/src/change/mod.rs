//! What a change is: images, their difference, and the values in them. No I/O.

pub(crate) mod image;
pub(crate) mod key;
pub(crate) mod value;
pub(crate) mod values;
