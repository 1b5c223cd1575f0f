//! A migrator of our own, for applications that keep theirs to themselves.

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, async_trait,
    sea_orm::{DynIden, sea_query::IntoIden},
};

/// Runs this crate's migrations and no others, and remembers them in a table of its own, `audit_migrations`.
///
/// For an application whose migrations are not to know of these. Two migrators on one table do not work in SeaORM:
/// each takes the other's migrations for lost files.
///
/// ```
/// use sea_orm_audit_migration::Migrator;
/// use sea_orm_migration::MigratorTrait;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sea_orm_migration::sea_orm::DbErr> {
/// let db = sea_orm_migration::sea_orm::Database::connect("sqlite::memory:").await?;
/// Migrator::up(&db, None).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        crate::migrations()
    }

    fn migration_table_name() -> DynIden {
        "audit_migrations".into_iden()
    }
}
