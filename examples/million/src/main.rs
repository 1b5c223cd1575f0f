//! A million rows updated in one call, in bounded memory.
//!
//! `cargo run -p example-million` fills a table, raises every price through `audited_update_many`, and prints what
//! it took. Another number of rows can be given: `cargo run -p example-million -- 50000`.

use std::time::Instant;

use sea_orm::{
    ConnectionTrait, Database, DbErr, EntityTrait, ExprTrait, PaginatorTrait, Schema, Statement,
    sea_query::Expr,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection, audit_log};
use sea_orm_audit_migration::Migrator;
use sea_orm_migration::MigratorTrait;

mod product {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "product")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub cents: i64,
    }
}

/// What one call may take, in MiB.
const LIMIT: u64 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: u64 = match std::env::args().nth(1) {
        Some(rows) => rows.parse()?,
        None => 1_000_000,
    };
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
    let plain = Database::connect(
        sea_orm::ConnectOptions::new(url)
            .sqlx_logging(false)
            .to_owned(),
    )
    .await?;
    Migrator::up(&plain, None).await?;
    fill(&plain, rows).await?;

    let db = AuditedConnection::new(plain);
    let before = resident_peak();
    let start = Instant::now();
    let raised = AuditContext::new()
        .actor("pricing")
        .reason("yearly raise")
        .scope(
            product::Entity::audited_update_many()
                .col_expr(
                    product::Column::Cents,
                    Expr::col(product::Column::Cents).add(1),
                )
                .exec(&db),
        )
        .await?;
    let took = start.elapsed();

    assert_eq!(raised.rows_affected, rows);
    assert_eq!(audit_log::Entity::find().count(&db).await?, rows);
    println!(
        "{rows} rows with {rows} entries in {:.1} s",
        took.as_secs_f64()
    );
    // Only Linux tells how much a process took at most.
    if let (Some(before), Some(after)) = (before, resident_peak()) {
        println!("resident memory at most {after} MiB, {before} MiB of them before the call");
        assert!(after < LIMIT, "{after} MiB are more than {LIMIT}");
    }
    Ok(())
}

/// Fills the table by one statement of the database's own, which nobody audits.
async fn fill<C: ConnectionTrait>(db: &C, rows: u64) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let table = Schema::new(backend).create_table_from_entity(product::Entity);
    db.execute(&table).await?;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
               INSERT INTO product (id, name, cents) SELECT i, 'product ' || i, i FROM n";
    db.execute_raw(Statement::from_sql_and_values(backend, sql, [rows.into()]))
        .await?;
    Ok(())
}

/// The most memory this process had so far, in MiB.
fn resident_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}
