//! stub
#![allow(missing_docs)]
mod audited;
mod capture;
mod change;
pub use audited::{Audited, Options, Values};
#[cfg(feature = "macros")]
pub use sea_orm_audit_macros::{Audited, behavior};
pub mod prelude {
    pub use crate::audited::Audited;
    #[cfg(feature = "macros")]
    pub use sea_orm_audit_macros::Audited;
}
pub mod audit_log {
    pub const TABLE: &str = "audit_log";
}
pub mod history {
    #[derive(Debug)]
    pub struct History<E>(std::marker::PhantomData<E>);
    impl<E: crate::Audited> History<E> {
        pub fn new(_k: <E::PrimaryKey as sea_orm::PrimaryKeyTrait>::ValueType) -> Self {
            Self(std::marker::PhantomData)
        }
    }
}
#[doc(hidden)]
pub mod __private;
