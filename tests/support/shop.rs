//! A small audited table, for cases that are not about columns.

use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Schema, Set, entity::prelude::*};
use sea_orm_audit::AuditedConnection;

use super::server::TestDb;

/// A product; all its columns are in the log.
pub mod product {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;
    use serde::{Deserialize, Serialize};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
        pub price: Decimal,
        pub stock: Option<i64>,
    }
}

/// Creates the tables of these entities.
pub async fn create_table<E: EntityTrait>(db: &DatabaseConnection, entity: E) {
    let create = Schema::new(db.get_database_backend()).create_table_from_entity(entity);
    db.execute(&create).await.unwrap();
}

/// A database with the log and the table of products.
pub async fn shop(db: &TestDb) -> DatabaseConnection {
    let db = db.connect().await;
    create_table(&db, product::Entity).await;
    db
}

/// The same, and a wrapper around it.
pub async fn audited(db: &TestDb) -> (DatabaseConnection, AuditedConnection<DatabaseConnection>) {
    let db = shop(db).await;
    (db.clone(), AuditedConnection::new(db))
}

/// A product that is not written yet.
pub fn new_product(name: &str, cents: i64) -> product::ActiveModel {
    product::ActiveModel {
        name: Set(name.to_owned()),
        price: Set(Decimal::new(cents, 2)),
        stock: Set(Some(1)),
        ..Default::default()
    }
}
