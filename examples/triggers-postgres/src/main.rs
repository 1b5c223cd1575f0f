//! Who did what, when it was not the application that did it?
//!
//! Needs a PostgreSQL server and its client `psql`; makes a database of its own there and drops it again:
//! `AUDIT_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:5432 cargo run -p example-triggers-postgres`

use std::process::Command;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait, QueryFilter,
    QueryOrder, Schema,
    prelude::Decimal,
    sea_query::{Expr, ExprTrait},
};
use sea_orm_audit::{AuditContext, AuditedConnection, audit_log};
use sea_orm_audit_migration::triggers;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait,
};

mod product {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "product")]
    #[audited(capture = "trigger")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
        pub price: Decimal,
        #[audited(redact)]
        pub supplier_key: String,
    }
}

struct CreateProduct;

impl MigrationName for CreateProduct {
    fn name(&self) -> &str {
        "m20260101_create_product"
    }
}

#[async_trait]
impl MigrationTrait for CreateProduct {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::new(manager.get_database_backend());
        manager
            .create_table(schema.create_table_from_entity(product::Entity))
            .await?;
        triggers::install::<product::Entity>(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop::<product::Entity>(manager).await?;
        let table = sea_orm::sea_query::Table::drop()
            .table(product::Entity)
            .to_owned();
        manager.drop_table(table).await
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = sea_orm_audit_migration::migrations();
        all.push(Box::new(CreateProduct));
        all
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let Ok(server) = std::env::var("AUDIT_TEST_POSTGRES_URL") else {
        println!("not run: AUDIT_TEST_POSTGRES_URL names no server");
        return Ok(());
    };
    let server = server.trim_end_matches('/');
    let name = format!("audit_example_{}", std::process::id());
    let admin = Database::connect(format!("{server}/postgres")).await?;
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await?;
    let shown = show(&format!("{server}/{name}")).await;
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await?;
    shown
}

async fn show(url: &str) -> Outcome {
    let plain = Database::connect(url).await?;
    Migrator::up(&plain, None).await?;
    // An application can refuse to start unless every audited table is recorded as its entity says.
    println!("{}\n", triggers::status(&plain).await?.check()?);

    let db = AuditedConnection::new(plain.clone());
    let context = AuditContext::new().actor("alice").reason("new season");
    context.scope(work_of_the_application(&db)).await?;

    // Another program: it says who it is, or it does not.
    psql(
        url,
        "BEGIN; SET LOCAL audit.actor = 'bob'; UPDATE product SET price = 3.95 WHERE name = 'Assam'; COMMIT",
    )?;
    psql(
        url,
        "DELETE FROM product WHERE price > 4; UPDATE product SET supplier_key = 'k-9'",
    )?;

    print_log(&plain).await?;
    let actors: Vec<Option<String>> = audit_log::Entity::find()
        .order_by_asc(audit_log::Column::Id)
        .all(&plain)
        .await?
        .into_iter()
        .map(|entry| entry.actor)
        .collect();
    let expected = ["alice", "alice", "alice", "alice", "bob"].map(|actor| Some(actor.to_owned()));
    assert_eq!(actors[..5], expected);
    assert_eq!(actors[5..], [None, None]);
    plain.close().await?;
    Ok(())
}

/// Two rows, and one statement that changes them both.
async fn work_of_the_application(db: &AuditedConnection<DatabaseConnection>) -> Result<(), DbErr> {
    for (name, cents) in [("Assam", 350), ("Sencha", 410)] {
        let new = product::ActiveModel {
            name: Set(name.to_owned()),
            price: Set(Decimal::new(cents, 2)),
            supplier_key: Set("k-1".to_owned()),
            ..Default::default()
        };
        new.insert(db).await?;
    }
    product::Entity::update_many()
        .col_expr(
            product::Column::Price,
            Expr::col(product::Column::Price).add(Decimal::new(25, 2)),
        )
        .filter(product::Column::Price.gt(3))
        .exec(db)
        .await?;
    Ok(())
}

fn psql(url: &str, sql: &str) -> Outcome {
    let output = Command::new("psql")
        .args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--command",
            sql,
            url,
        ])
        .output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

async fn print_log(db: &DatabaseConnection) -> Outcome {
    let entries = audit_log::Entity::find()
        .order_by_asc(audit_log::Column::Id)
        .all(db)
        .await?;
    for entry in entries {
        let who = match (&entry.actor, &entry.context) {
            (Some(actor), _) => actor.clone(),
            (None, Some(context)) => format!("somebody, {context}"),
            (None, None) => "somebody".to_owned(),
        };
        println!(
            "{} {} of product {} by {who}: {:?}",
            entry.occurred_at.format("%H:%M:%S%.6f"),
            entry.action,
            entry.record_id,
            entry.changes()?
        );
    }
    Ok(())
}
