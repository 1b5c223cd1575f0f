//! What is in a schema file: tables, columns, keys, triggers.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::{super::stamp::MARK, sql::name};

/// A table as the database has it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// `table`, `view`, `virtual` or `shadow`.
    pub(super) what: String,
    pub(super) columns: Vec<Column>,
    /// Sets of columns of which no two rows have the same values.
    pub(super) unique: Vec<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type as it is declared, which may be empty.
    pub(super) ty: String,
}

/// A trigger of a table, the one that fires first in front.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    pub(super) name: String,
    pub(super) table: String,
    pub(super) sql: String,
}

impl Trigger {
    pub(super) fn is_ours(&self) -> bool {
        self.sql.contains(MARK)
    }

    /// Whether it is one of ours for this event.
    pub(super) fn is_for(&self, event: &str) -> bool {
        self.is_ours() && self.sql.contains(&format!(" AFTER {event} ON "))
    }

    /// Whether it fires after a change, as far as its text says; comments and odd names leave it open, and then it does.
    pub(super) fn is_after(&self) -> bool {
        let sql = self.sql.to_ascii_uppercase();
        let head = sql.split("BEGIN").next().unwrap_or_default();
        !head.contains("BEFORE") || head.contains("AFTER")
    }
}

/// Whether names of tables or columns are one: SQLite does not tell ASCII letters apart by case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

impl Table {
    /// The table of this name; `None` if there is none.
    pub(super) async fn find<C: ConnectionTrait>(
        db: &C,
        schema: &str,
        table: &str,
    ) -> Result<Option<Self>, DbErr> {
        let sql = "SELECT name, type FROM pragma_table_list WHERE schema = ? COLLATE NOCASE AND name = ? COLLATE NOCASE";
        let Some(row) = rows(db, sql, [schema, table]).await?.into_iter().next() else {
            return Ok(None);
        };
        let (table, what): (String, String) = (row.try_get("", "name")?, row.try_get("", "type")?);
        let mut columns = Vec::new();
        let mut primary = Vec::new();
        let sql =
            "SELECT name, type, pk FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1 ORDER BY cid";
        for row in rows(db, sql, [&table, schema]).await? {
            let name: String = row.try_get("", "name")?;
            if row.try_get::<i64>("", "pk")? > 0 {
                primary.push(name.clone());
            }
            columns.push(Column {
                name,
                ty: row.try_get("", "type")?,
            });
        }
        let mut unique = Vec::new();
        if !primary.is_empty() {
            unique.push(primary);
        }
        let sql = "SELECT name FROM pragma_index_list(?, ?) WHERE \"unique\" AND NOT partial";
        for index in rows(db, sql, [&table, schema]).await? {
            let index: String = index.try_get("", "name")?;
            let sql = "SELECT name FROM pragma_index_info(?, ?)";
            let columns: Vec<Option<String>> = rows(db, sql, [&index, schema])
                .await?
                .iter()
                .map(|row| row.try_get("", "name"))
                .collect::<Result<_, _>>()?;
            // An expression has no name, and two rows may differ in it and in nothing else.
            unique.extend(columns.into_iter().collect::<Option<Vec<_>>>());
        }
        Ok(Some(Self {
            name: table,
            what,
            columns,
            unique,
        }))
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| same(&column.name, name))
    }

    /// Whether no two rows have the same values in these columns.
    pub(super) fn tells_rows_by(&self, key: &[String]) -> bool {
        self.unique.iter().any(|unique| {
            unique
                .iter()
                .all(|column| key.iter().any(|part| same(part, column)))
        })
    }
}

/// All triggers in a schema file. SQLite fires those of a table in the reverse order of their creation.
pub(super) async fn triggers<C: ConnectionTrait>(
    db: &C,
    schema: &str,
) -> Result<Vec<Trigger>, DbErr> {
    let catalog = if schema == "temp" {
        "sqlite_temp_master".to_owned()
    } else {
        format!("{}.sqlite_master", name(schema))
    };
    let sql = format!(
        "SELECT name, tbl_name, sql FROM {catalog} WHERE type = 'trigger' ORDER BY rowid DESC"
    );
    rows(db, &sql, [])
        .await?
        .iter()
        .map(|row| {
            Ok(Trigger {
                name: row.try_get("", "name")?,
                table: row.try_get("", "tbl_name")?,
                sql: row
                    .try_get::<Option<String>>("", "sql")?
                    .unwrap_or_default(),
            })
        })
        .collect()
}

/// The schema files of the connection, without the temporary one.
pub(super) async fn schemas<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT name FROM pragma_database_list WHERE name <> 'temp' ORDER BY seq";
    rows(db, sql, [])
        .await?
        .iter()
        .map(|row| row.try_get("", "name"))
        .collect()
}

/// The columns by which rows refer to rows of the same table, where a change of the key changes them, too.
pub(super) async fn follow_the_key<C: ConnectionTrait>(
    db: &C,
    schema: &str,
    table: &str,
) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT \"from\" AS name FROM pragma_foreign_key_list(?1, ?2) \
               WHERE \"table\" = ?1 COLLATE NOCASE AND on_update IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY id, seq";
    rows(db, sql, [table, schema])
        .await?
        .iter()
        .map(|row| row.try_get("", "name"))
        .collect()
}

/// Whether a row that is replaced is deleted with its triggers, on this connection.
pub(super) async fn deletes_what_it_replaces<C: ConnectionTrait>(db: &C) -> Result<bool, DbErr> {
    let sql = "SELECT recursive_triggers AS flag FROM pragma_recursive_triggers";
    let rows = rows(db, sql, []).await?;
    let flag = rows.first().map(|row| row.try_get::<i64>("", "flag"));
    Ok(flag.transpose()? == Some(1))
}

async fn rows<C: ConnectionTrait, const N: usize>(
    db: &C,
    sql: &str,
    values: [&str; N],
) -> Result<Vec<sea_orm_migration::sea_orm::QueryResult>, DbErr> {
    let values = values.map(Value::from);
    db.query_all_raw(Statement::from_sql_and_values(
        DbBackend::Sqlite,
        sql,
        values,
    ))
    .await
}
