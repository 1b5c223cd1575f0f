//! A store whose tables triggers capture.

use sea_orm::{DatabaseConnection, Set, entity::prelude::Decimal};
use sea_orm_audit_migration::triggers;
use sea_orm_migration::SchemaManager;

use super::{replay::Replay, server::TestDb, shop::create_table};

pub mod ware {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "store_ware")]
    #[audited(capture = "trigger", redact(supplier))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
        pub price: Decimal,
        pub stock: Option<i64>,
        pub supplier: Option<String>,
        #[audited(skip)]
        pub seen: i32,
        #[sea_orm(has_many)]
        pub labels: HasMany<super::label::Entity>,
    }
}

/// Never without a ware, so SeaORM unlinks it by a delete.
pub mod label {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "store_label")]
    #[audited(capture = "trigger", values = "full")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub text: String,
        pub ware_id: i32,
        #[sea_orm(belongs_to, from = "ware_id", to = "id")]
        pub ware: BelongsTo<super::ware::Entity>,
    }
}

/// The tables, without triggers.
pub async fn bare_store(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create_table(&db, ware::Entity).await;
    create_table(&db, label::Entity).await;
    db
}

/// The tables with their triggers.
pub async fn store(test: &TestDb) -> DatabaseConnection {
    let db = bare_store(test).await;
    let manager = SchemaManager::new(&db);
    triggers::install::<ware::Entity>(&manager).await.unwrap();
    triggers::install::<label::Entity>(&manager).await.unwrap();
    db
}

/// Folds the log of both tables and compares.
pub async fn replay_store(db: &DatabaseConnection) {
    Replay::default()
        .excluded(&["seen"])
        .redacted(&["supplier"])
        .check::<ware::Entity>(db)
        .await;
    Replay::default().check::<label::Entity>(db).await;
}

/// A ware that is not written yet.
pub fn new_ware(name: &str, cents: i64) -> ware::ActiveModel {
    ware::ActiveModel {
        name: Set(name.to_owned()),
        price: Set(Decimal::new(cents, 2)),
        stock: Set(Some(1)),
        supplier: Set(Some("secret".to_owned())),
        seen: Set(0),
        ..Default::default()
    }
}
