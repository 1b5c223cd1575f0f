//! The log table and its indexes.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{
        DbBackend, DbErr,
        sea_query::{
            Alias, ColumnDef, Index, IndexCreateStatement, IntoTableRef, Table,
            TableCreateStatement, TableRef,
        },
    },
};

/// The name without which a log table is the default one.
const DEFAULT_LOG: &str = "audit_log";

/// The longest name of a log table: the names of its indexes must fit into PostgreSQL's 63 bytes.
const LONGEST_NAME: usize = 48;

/// Creates a log table; `down` drops it with everything in it.
///
/// [`CreateLog::default`] creates `audit_log`. An entity with `#[audited(log = "product_audit")]` needs
/// `CreateLog::named("product_audit")` in the application's list as well:
///
/// ```
/// use sea_orm_audit_migration::CreateLog;
/// use sea_orm_migration::MigrationTrait;
///
/// let mut all = sea_orm_audit_migration::migrations();
/// all.push(Box::new(CreateLog::named("product_audit")));
/// assert_eq!(all[2].name(), "audit_m0001_create_log:product_audit");
/// ```
#[derive(Clone, Debug)]
pub struct CreateLog {
    log: String,
    name: String,
}

impl CreateLog {
    /// Another log table; `schema.table` creates it in a schema that is there already.
    ///
    /// The table's name has at most 48 bytes, so that the names of its indexes fit on every database; `up` refuses a longer one.
    #[must_use]
    pub fn named(log: impl Into<String>) -> Self {
        let log = log.into();
        let name = if log == DEFAULT_LOG {
            "audit_m0001_create_log".to_owned()
        } else {
            format!("audit_m0001_create_log:{log}")
        };
        Self { log, name }
    }

    fn schema_and_table(&self) -> (Option<&str>, &str) {
        match self.log.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, &self.log),
        }
    }

    fn table_ref(&self) -> TableRef {
        match self.schema_and_table() {
            (Some(schema), table) => (Alias::new(schema), Alias::new(table)).into_table_ref(),
            (None, table) => Alias::new(table).into_table_ref(),
        }
    }

    fn table(&self, backend: DbBackend) -> TableCreateStatement {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        let mut table = Table::create();
        table
            .table(self.table_ref())
            .col(
                column("id")
                    .big_integer()
                    .not_null()
                    .auto_increment()
                    .primary_key(),
            )
            .col(occurred_at(backend).not_null())
            .col(column("action").string_len(32).not_null())
            .col(column("entity").string_len(191).not_null())
            .col(column("record_id").string_len(512).not_null())
            .col(column("old_record_id").string_len(512).null())
            .col(column("actor").string_len(255).null())
            .col(column("correlation_id").string_len(255).null())
            .col(column("old_values").json().null())
            .col(column("new_values").json().null())
            .col(column("context").json().null());
        if backend == DbBackend::MySql {
            // A key or an actor that differs in case is another one.
            table.character_set("utf8mb4").collate("utf8mb4_bin");
            // No transaction holds DDL together here, so that one statement does it all.
            for mut index in self.indexes() {
                table.index(&mut index);
            }
        }
        table
    }

    /// Each index answers one question, with `id` last so that it also gives the order of the answers.
    fn indexes(&self) -> Vec<IndexCreateStatement> {
        let questions: [(&str, &[&str]); 4] = [
            ("record", &["entity", "record_id", "id"]),
            ("actor", &["actor", "id"]),
            ("correlation", &["correlation_id", "id"]),
            ("time", &["occurred_at", "id"]),
        ];
        let (_, table) = self.schema_and_table();
        let index = |(name, columns): (&str, &[&str])| {
            let mut index = Index::create();
            index
                .name(format!("idx_{table}_{name}"))
                .table(self.table_ref());
            for column in columns {
                index.col(Alias::new(*column));
            }
            index
        };
        questions.into_iter().map(index).collect()
    }

    fn check_name(&self) -> Result<(), DbErr> {
        let (schema, table) = self.schema_and_table();
        if table.is_empty() || schema == Some("") || table.len() > LONGEST_NAME {
            return Err(DbErr::Migration(format!(
                "the audit log table cannot be called `{}`: a name is `table` or `schema.table`, the table's with 1 to \
                 {LONGEST_NAME} bytes",
                self.log
            )));
        }
        Ok(())
    }
}

/// `DATETIME` on MySQL: `TIMESTAMP` ends in 2038 and follows the session's time zone.
fn occurred_at(backend: DbBackend) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new("occurred_at"));
    match backend {
        DbBackend::MySql => column.custom(Alias::new("datetime(6)")),
        _ => column.timestamp_with_time_zone(),
    };
    column
}

impl Default for CreateLog {
    fn default() -> Self {
        Self::named(DEFAULT_LOG)
    }
}

impl MigrationName for CreateLog {
    fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateLog {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.check_name()?;
        let backend = manager.get_database_backend();
        manager.create_table(self.table(backend)).await?;
        if backend != DbBackend::MySql {
            for index in self.indexes() {
                manager.create_index(index).await?;
            }
        }
        Ok(())
    }

    /// So that a failure leaves nothing half installed.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(self.table_ref()).to_owned())
            .await
    }
}
