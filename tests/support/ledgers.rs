//! Entities whose log is not the default one.

macro_rules! ledger {
    ($name:ident, $table:literal, $log:literal) => {
        pub mod $name {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = $table)]
            #[audited(log = $log)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                pub amount: i32,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
        }
    };
}

ledger!(own_log, "ledger", "ledger_audit");
ledger!(in_schema, "ledger", "audit.ledger_log");
