//! How do I change many rows at once, and have each in the log?
//!
//! `cargo run -p example-bulk` writes to an SQLite file in a temporary folder.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Schema,
    sea_query::{Expr, ExprTrait},
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, Error, audit_log};
use sea_orm_migration::MigratorTrait;

mod ticket {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "ticket")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub status: String,
        pub days_open: i32,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/desk.db?mode=rwc", folder.path().display());
    let db = Database::connect(url).await?;
    sea_orm_audit_migration::Migrator::up(&db, None).await?;
    let create = Schema::new(db.get_database_backend()).create_table_from_entity(ticket::Entity);
    db.execute(&create).await?;
    let db = AuditedConnection::new(db).acting_as("nightly job");

    // The rows are asked of the iterator a chunk at a time, so they need not all be in memory.
    let import = (0..1000).map(|n| ticket::ActiveModel {
        status: Set("open".to_owned()),
        days_open: Set(n % 50),
        ..Default::default()
    });
    let imported = ticket::Entity::audited_insert_many(import)
        .exec(&db)
        .await?;
    println!("imported {} tickets", imported.rows_affected);

    // Expressions and filters are SeaORM's own.
    let aged = ticket::Entity::audited_update_many()
        .col_expr(
            ticket::Column::DaysOpen,
            Expr::col(ticket::Column::DaysOpen).add(1),
        )
        .filter(ticket::Column::Status.eq("open"))
        .chunk_size(200)
        .exec(&db)
        .await?;
    println!("aged {} tickets", aged.rows_affected);

    // One scope is one correlation id, by which all entries of a job are found again.
    let purged = AuditContext::new()
        .actor("alice")
        .reason("closed by policy after 50 days")
        .correlation_id("purge-2026-11")
        .scope(async {
            // A context that is bound to a connection comes first, so this one takes an unbound connection.
            let db = AuditedConnection::new(db.inner().clone());
            ticket::Entity::audited_delete_many()
                .filter(ticket::Column::DaysOpen.gte(50))
                .exec(&db)
                .await
        })
        .await?;
    println!("purged {} tickets", purged.rows_affected);

    let of_the_job = audit_log::Entity::find()
        .filter(audit_log::Column::CorrelationId.eq("purge-2026-11"))
        .order_by_asc(audit_log::Column::Id);
    assert_eq!(of_the_job.clone().count(&db).await?, purged.rows_affected);
    for entry in of_the_job.all(&db).await?.iter().take(3) {
        println!(
            "  {} ticket {} {:?}",
            entry.action,
            entry.record_id,
            entry.changes()?
        );
    }
    let entries = audit_log::Entity::find().count(&db).await?;
    assert_eq!(entries, 1000 + 1000 + purged.rows_affected);

    // SeaORM's own builder does not say which rows it changes, so an audited connection refuses it.
    let refused = ticket::Entity::update_many()
        .col_expr(ticket::Column::Status, Expr::value("closed"))
        .exec(&db)
        .await
        .unwrap_err();
    assert!(matches!(
        Error::of(&refused),
        Some(Error::Unrecordable { .. })
    ));
    println!("update_many: {refused}");
    Ok(())
}
