//! An audited table with a key of text, and with values that have several forms.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::{
    server::{Server, TestDb},
    shop::create_table,
};

pub mod document {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "document")]
    pub struct Model {
        #[sea_orm(
            primary_key,
            auto_increment = false,
            column_type = "String(StringLen::N(600))"
        )]
        pub code: String,
        #[sea_orm(unique)]
        pub title: String,
        pub amount: Option<Decimal>,
        pub data: Option<Json>,
    }
}

/// A database with the log and the table of documents, where keys that differ in any way differ.
pub async fn documents(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create_documents(test, &db).await;
    db
}

/// Creates the table alone.
pub async fn create_documents(test: &TestDb, db: &DatabaseConnection) {
    create_table(db, document::Entity).await;
    if test.server == Server::MySql {
        let version = Statement::from_string(test.backend(), "SELECT VERSION() AS version");
        let version = db.query_one_raw(version).await.unwrap().unwrap();
        let version: String = version.try_get("", "version").unwrap();
        let collation = match version.contains("MariaDB") {
            true => "utf8mb4_nopad_bin",
            false => "utf8mb4_0900_bin",
        };
        db.execute_unprepared(&format!(
            "ALTER TABLE document MODIFY amount DECIMAL(12, 2), \
             MODIFY code VARCHAR(600) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL"
        ))
        .await
        .unwrap();
    }
}

/// A document that is not written yet; its title is its key.
pub fn new_document(code: &str) -> document::ActiveModel {
    use sea_orm::Set;

    document::ActiveModel {
        code: Set(code.to_owned()),
        title: Set(code.to_owned()),
        ..Default::default()
    }
}
