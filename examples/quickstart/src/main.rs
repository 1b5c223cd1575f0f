//! An audited application in one file: an entity, its migrations, a context, and the history of a record.
//!
//! `cargo run -p example-quickstart` writes to an SQLite file in a temporary folder.

use sea_orm::{ActiveModelTrait, Database, DbErr, IntoActiveModel, ModelTrait, Set};
use sea_orm_audit::{AuditContext, Audited};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod product {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "product")]
    #[audited(exclude(updated_at))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub price: Decimal,
        #[audited(redact)]
        pub supplier_key: String,
        pub updated_at: DateTimeUtc,
    } // no `impl ActiveModelBehavior`: the derive writes it
}

mod m20260101_create_product {
    use sea_orm_migration::{prelude::*, schema};

    #[derive(DeriveMigrationName)]
    pub struct Migration;

    #[async_trait::async_trait]
    impl MigrationTrait for Migration {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let table = Table::create()
                .table("product")
                .col(schema::pk_auto("id"))
                .col(schema::string("name"))
                .col(schema::decimal_len("price", 12, 2))
                .col(schema::string("supplier_key"))
                .col(schema::timestamp_with_time_zone("updated_at"))
                .to_owned();
            manager.create_table(table).await
        }

        async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager
                .drop_table(Table::drop().table("product").to_owned())
                .await
        }
    }
}

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = sea_orm_audit_migration::migrations();
        all.push(Box::new(m20260101_create_product::Migration));
        all
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
    let db = Database::connect(url).await?;
    Migrator::up(&db, None).await?;

    let id = AuditContext::new()
        .actor("alice")
        .reason("price review")
        .scope(async {
            let tea = product::ActiveModel {
                name: Set("Assam".to_owned()),
                price: Set("4.50"
                    .parse()
                    .map_err(|_| DbErr::Type("price".to_owned()))?),
                supplier_key: Set("k-1".to_owned()),
                updated_at: Set(Default::default()),
                ..Default::default()
            }
            .insert(&db)
            .await?;

            let mut cheaper = tea.clone().into_active_model();
            cheaper.price = Set("3.90"
                .parse()
                .map_err(|_| DbErr::Type("price".to_owned()))?);
            cheaper.supplier_key = Set("k-2".to_owned());
            cheaper.update(&db).await?.delete(&db).await?;
            Ok::<_, DbErr>(tea.id)
        })
        .await?;

    for entry in product::Entity::history(id).all(&db).await? {
        println!("{} {:?} {:?}", entry.action, entry.actor, entry.changes()?);
    }
    Ok(())
}
