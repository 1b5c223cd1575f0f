//! What the triggers of all tables have in common.

use crate::triggers;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

/// Creates what triggers need: functions on PostgreSQL, the table `audit_context` on SQLite, nothing on MySQL.
///
/// `down` drops it; the triggers must be gone before.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreateTriggerSupport;

impl CreateTriggerSupport {
    /// The migration's name, which never changes.
    pub(crate) const NAME: &'static str = "audit_m0002_create_trigger_support";
}

/// In this order: each calls those before it only.
const POSTGRES_UP: [&str; 6] = [
    include_str!("../../sql/postgres/audit_json_differs_v01.sql"),
    include_str!("../../sql/postgres/audit_json_v01.sql"),
    include_str!("../../sql/postgres/audit_form_v01.sql"),
    include_str!("../../sql/postgres/audit_lists_v01.sql"),
    include_str!("../../sql/postgres/audit_shape_v01.sql"),
    include_str!("../../sql/postgres/audit_context_v01.sql"),
];
const POSTGRES_DOWN: &str = include_str!("../../sql/postgres/drop_v01.sql");
/// Stands in the files for the schema of the functions.
const SCHEMA: &str = "{schema}";
const SQLITE_UP: &str = include_str!("../../sql/sqlite/audit_context_v01.sql");
const SQLITE_DOWN: &str = "DROP TABLE IF EXISTS audit_context";

impl MigrationName for CreateTriggerSupport {
    fn name(&self) -> &str {
        Self::NAME
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateTriggerSupport {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let schema = current_schema(db).await?;
                for sql in POSTGRES_UP {
                    db.execute_unprepared(&sql.replace(SCHEMA, &schema)).await?;
                }
            }
            DbBackend::MySql => {}
            _ => {
                db.execute_unprepared(SQLITE_UP).await?;
            }
        }
        Ok(())
    }

    /// So that a failure leaves nothing half installed.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // Without it they would fail every write to their tables.
        let tables = triggers::tables(db).await?;
        if db.get_database_backend() != DbBackend::MySql && !tables.is_empty() {
            return Err(DbErr::Migration(format!(
                "drop the triggers of {} first: they need what this migration has created",
                tables.join(", ")
            )));
        }
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let schema = current_schema(db).await?;
                db.execute_unprepared(&POSTGRES_DOWN.replace(SCHEMA, &schema))
                    .await?;
            }
            DbBackend::MySql => {}
            _ => {
                db.execute_unprepared(SQLITE_DOWN).await?;
            }
        }
        Ok(())
    }
}

/// The schema in which the connection creates things, quoted. The functions name each other with it, whatever the search path of
/// those who call them.
async fn current_schema<C: ConnectionTrait>(db: &C) -> Result<String, DbErr> {
    let sql = "SELECT pg_catalog.quote_ident(pg_catalog.current_schema()) AS name";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    let name: Option<String> = row
        .map(|row| row.try_get("", "name"))
        .transpose()?
        .flatten();
    name.ok_or_else(|| {
        DbErr::Migration(
            "no schema of the search path exists, so there is none to create functions in"
                .to_owned(),
        )
    })
}
