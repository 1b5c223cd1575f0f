//! Entities that only one case writes, because what they show is said once in a process.

macro_rules! entity {
    ($name:ident, $table:literal) => {
        pub mod $name {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                pub number: i32,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
        }
    };
}

entity!(on_sqlite, "on_sqlite");
entity!(on_postgres, "on_postgres");
entity!(on_mysql, "on_mysql");
entity!(in_transactions, "in_transactions");
