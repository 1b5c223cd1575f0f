//! The settings under which triggers are created: the server keeps them with a trigger, and it runs under them, whatever
//! those of the writing session are.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::quote;

/// What does not fit is an error and is never cut off, and what somebody stored as a date is read as it is.
pub(super) const SQL_MODE: &str = "STRICT_ALL_TABLES,ALLOW_INVALID_DATES";

/// A session's own settings.
pub(super) struct Session(Vec<(&'static str, String)>);

/// The settings that a trigger keeps; the collation after what sets it, too.
const SETTINGS: [&str; 4] = [
    "sql_mode",
    "character_set_client",
    "character_set_results",
    "collation_connection",
];

impl Session {
    /// Makes a session ready to create triggers. It must be the only one behind `db`.
    pub(super) async fn prepare<C: ConnectionTrait>(db: &C) -> Result<Self, DbErr> {
        let columns = SETTINGS.map(|setting| format!("CONVERT(@@SESSION.{setting} USING utf8mb4)"));
        let sql = format!("SELECT {}", columns.join(", "));
        let row = db
            .query_one_raw(Statement::from_string(DbBackend::MySql, sql))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("the session's settings".to_owned()))?;
        let mut before = Vec::new();
        for (at, setting) in SETTINGS.into_iter().enumerate() {
            let value: Option<String> = row.try_get_by_index(at)?;
            before.push((setting, value.unwrap_or_default()));
        }
        let session = Self(before);
        let sql = format!(
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin, SESSION sql_mode = {}",
            quote::text(SQL_MODE)
        );
        db.execute_unprepared(&sql).await?;
        Ok(session)
    }

    /// Gives the session its own settings back.
    pub(super) async fn restore<C: ConnectionTrait>(self, db: &C) -> Result<(), DbErr> {
        let settings = self.0.iter().map(|(setting, value)| {
            if value.is_empty() && *setting == "character_set_results" {
                format!("SESSION {setting} = NULL")
            } else {
                format!("SESSION {setting} = {}", quote::text(value))
            }
        });
        let settings: Vec<String> = settings.collect();
        db.execute_unprepared(&format!("SET {}", settings.join(", ")))
            .await?;
        Ok(())
    }
}
