//! Tables by keys of many forms.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::support::shop::create_table;

/// A table with these columns as its key, and a note.
macro_rules! keyed {
    ($module:ident, $table:literal { $($key:tt)* }) => {
        #[allow(dead_code, reason = "the attribute writes more than a test needs")]
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($key)*
                pub note: Option<String>,
            }
        }
    };
}

keyed!(by_long_text, "by_long_text" {
    #[sea_orm(primary_key, auto_increment = false, column_type = "String(StringLen::N(600))")]
    pub key: String,
});

keyed!(by_many_bytes, "by_many_bytes" {
    #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::N(300))")]
    pub key: Vec<u8>,
});

keyed!(by_decimal, "by_decimal" {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Decimal(Some((16, 6)))")]
    pub key: Decimal,
});

keyed!(by_pair, "by_pair" {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "String(StringLen::N(200))")]
    pub text: String,
});

/// Creates these tables, with texts that differ in anything being different keys on every database.
pub async fn create_keyed(db: &DatabaseConnection) {
    create_table(db, by_long_text::Entity).await;
    create_table(db, by_many_bytes::Entity).await;
    create_table(db, by_decimal::Entity).await;
    create_table(db, by_pair::Entity).await;
    if db.get_database_backend() != DbBackend::MySql {
        return;
    }
    // The first is MariaDB's name, the second MySQL's.
    for (column, length) in [
        ("by_long_text` MODIFY `key", 600),
        ("by_pair` MODIFY `text", 200),
    ] {
        let alter = |collation: &str| {
            format!("ALTER TABLE `{column}` varchar({length}) COLLATE {collation} NOT NULL")
        };
        if db
            .execute_unprepared(&alter("utf8mb4_nopad_bin"))
            .await
            .is_err()
        {
            db.execute_unprepared(&alter("utf8mb4_0900_bin"))
                .await
                .unwrap();
        }
    }
}
