//! The derive and the traits: `use sea_orm_audit::prelude::*;`.

pub use crate::{audited::Audited, context::InCurrentAuditContext};
#[cfg(feature = "macros")]
pub use sea_orm_audit_macros::Audited;
