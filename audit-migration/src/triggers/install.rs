//! Installing and dropping, on whichever database it is.

use sea_orm_audit::{__private::Hiding, Audited, audit_log::ENTITY_LENGTH};
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, TransactionTrait},
};

use super::{
    error::{Error, Result},
    mysql, postgres, sqlite,
    table::TriggerTable,
};

/// Installs the triggers of an entity's table. Where they are there already as they should be, nothing is touched.
///
/// # Errors
///
/// [`Error`], inside [`DbErr`], with nothing half installed; and what the database says.
pub async fn install<E: Audited>(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    TriggerTable::of::<E>(manager.get_database_backend())
        .install(manager)
        .await
}

/// Drops the triggers of an entity's table and whatever belongs to them alone. The log keeps its entries.
///
/// Where there are none, nothing happens.
///
/// # Errors
///
/// What the database says.
pub async fn drop<E: Audited>(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    TriggerTable::of::<E>(manager.get_database_backend())
        .drop(manager)
        .await
}

impl TriggerTable {
    /// Installs the triggers of this table; see [`install`](install()).
    ///
    /// # Errors
    ///
    /// [`Error`], inside [`DbErr`], with nothing half installed; and what the database says.
    pub async fn install(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        self.check()?;
        let db = manager.get_connection();
        match db.get_database_backend() {
            DbBackend::Postgres => postgres::install(db, self).await?,
            DbBackend::MySql => mysql::install(db, self).await?,
            _ => sqlite::install(db, self).await?,
        }
        Ok(())
    }

    /// Drops the triggers of this table; see [`drop`](drop()). Only the table's name counts.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn drop(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match db.get_database_backend() {
            DbBackend::Postgres => postgres::drop(db, self).await?,
            DbBackend::MySql => mysql::drop(db, self).await?,
            _ => sqlite::drop(db, self).await?,
        }
        Ok(())
    }

    /// What can be said against a description without asking the database.
    fn check(&self) -> Result<()> {
        let table = self.display();
        let length = table.chars().count();
        if length > ENTITY_LENGTH {
            return Err(Error::NameTooLong {
                table,
                length,
                limit: ENTITY_LENGTH,
            });
        }
        if self.0.key.is_empty() {
            return Err(Error::NoKey {
                table,
                columns: String::new(),
            });
        }
        for column in &self.0.columns {
            let name = column.name.clone();
            if column.hiding.is_some() && self.0.key.contains(&name) {
                return Err(Error::HiddenKey {
                    table,
                    column: name,
                });
            }
            if column.kind.is_none() && column.hiding != Some(Hiding::Excluded) {
                return Err(Error::UnsupportedColumn {
                    table,
                    column: name,
                    ty: "one that no enabled feature of sea-orm-audit covers".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Whatever triggers are installed through.
pub(super) trait Db: ConnectionTrait + TransactionTrait {}

impl<C: ConnectionTrait + TransactionTrait> Db for C {}
