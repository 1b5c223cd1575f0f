//! The derive works in a crate that forbids unsafe code.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(unreachable_pub, reason = "an application's crate has its own lints")]

mod product {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::Audited;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

#[test]
fn an_audited_entity_needs_no_unsafe_code() {
    use sea_orm_audit::Audited;
    assert!(product::Entity::EXCLUDED.is_empty());
}
