//! What the SQL text of a builder's statement says beyond what the builder tells.
//!
//! SeaQuery's builders do not give their parts away. But their text is made by rule: the text for a part that is
//! known is made again and compared. Nothing is guessed; a text that is not exactly as expected says nothing.

use sea_orm::{
    DbBackend, Statement, StatementBuilder, Value,
    sea_query::{Alias, DeleteStatement, Query, audit::QueryAccessAudit},
};

use crate::{backend::Backend, table::Table};

/// The keys in the values of an `INSERT`, and how it ends.
#[derive(Debug)]
pub(super) struct InsertText {
    /// How many rows it inserts.
    pub(super) rows: usize,
    /// The key of each row, where all of them are given.
    pub(super) keys: Option<Vec<Vec<Value>>>,
    pub(super) conflict: OnConflict,
}

impl InsertText {
    /// One row that must be new, with this key unless the database gives it one.
    pub(super) fn one(key: Option<Vec<Value>>) -> Self {
        Self {
            rows: 1,
            keys: key.map(|key| vec![key]),
            conflict: OnConflict::Fail,
        }
    }
}

/// What an `INSERT` does with a row that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnConflict {
    /// It fails.
    Fail,
    /// It leaves the row as it is.
    Nothing,
    /// It changes the row, or what it does is unknown.
    Update,
}

/// What an `INSERT` does with a row that is there already: whatever it says stands in its text.
pub(super) fn on_conflict(
    table: &dyn Table,
    db_backend: DbBackend,
    statement: &Statement,
) -> OnConflict {
    let sql = &statement.sql;
    if !sql.starts_with("INSERT INTO ") {
        // REPLACE, or an INSERT with a WITH before it.
        return OnConflict::Update;
    }
    match db_backend {
        DbBackend::MySql => match sql.split_once(" ON DUPLICATE KEY") {
            None => OnConflict::Fail,
            Some((_, tail)) if tail == own_keys(table) => OnConflict::Nothing,
            Some(_) => OnConflict::Update,
        },
        _ if !sql.contains(" ON CONFLICT ") => OnConflict::Fail,
        _ if sql.contains(" DO UPDATE ") => OnConflict::Update,
        _ => OnConflict::Nothing,
    }
}

/// How SeaORM says "do nothing" to MySQL: the key keeps its value.
fn own_keys(table: &dyn Table) -> String {
    let keys = table.key_columns().into_iter().map(|column| {
        let column = quoted(column, DbBackend::MySql);
        format!("{column} = {column}")
    });
    format!(" UPDATE {}", keys.collect::<Vec<_>>().join(", "))
}

/// Reads the rows of an `INSERT` whose values are all plain ones.
pub(super) fn insert(
    table: &dyn Table,
    db_backend: DbBackend,
    statement: &Statement,
) -> Option<InsertText> {
    let values = &statement.values.as_ref()?.0;
    let columns = inserted_columns(table, db_backend, &statement.sql)?;
    let mut again = Query::insert();
    again
        .into_table(table.table_ref())
        .columns(columns.iter().map(|column| Alias::new(*column)));
    for row in values.chunks(columns.len()) {
        again
            .values(row.iter().map(|value| value.clone().into()))
            .ok()?;
    }
    let again = StatementBuilder::build(&again, &db_backend);
    let rest = statement.sql.strip_prefix(&again.sql)?;
    let ends = rest.is_empty() || rest.starts_with(" ON ");
    let rows = values.len() / columns.len();
    // No rows are those of a SELECT.
    (ends && rows > 0 && again.values == statement.values).then(|| InsertText {
        rows,
        keys: keys(table, &columns, values),
        conflict: on_conflict(table, db_backend, statement),
    })
}

fn inserted_columns(
    table: &dyn Table,
    db_backend: DbBackend,
    sql: &str,
) -> Option<Vec<&'static str>> {
    let prefix = format!("INSERT INTO {} (", table_name(table, db_backend)?);
    let mut rest = sql.strip_prefix(&prefix)?;
    let known = table.columns();
    let mut columns = Vec::new();
    loop {
        let (column, after) = known.iter().find_map(|column| {
            let after = rest.strip_prefix(&quoted(column, db_backend))?;
            (after.starts_with(", ") || after.starts_with(") ")).then_some((*column, after))
        })?;
        columns.push(column);
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return Some(columns),
        }
    }
}

fn keys(table: &dyn Table, columns: &[&str], values: &[Value]) -> Option<Vec<Vec<Value>>> {
    let positions: Vec<usize> = table
        .key_columns()
        .iter()
        .map(|key| columns.iter().position(|column| column == key))
        .collect::<Option<_>>()?;
    values
        .chunks(columns.len())
        .map(|row| {
            positions
                .iter()
                .map(|position| row.get(*position).filter(|value| value.is_some()).cloned())
                .collect()
        })
        .collect()
}

/// A column's name as the builder writes it.
fn quoted(column: &str, db_backend: DbBackend) -> String {
    let select = Query::select().column(Alias::new(column)).to_owned();
    let sql = StatementBuilder::build(&select, &db_backend).sql;
    sql.trim_start_matches("SELECT ").to_owned()
}

/// A table's name as the builder writes it.
fn table_name(table: &dyn Table, db_backend: DbBackend) -> Option<String> {
    let sql = StatementBuilder::build(&delete_all(table), &db_backend).sql;
    sql.strip_prefix("DELETE FROM ").map(str::to_owned)
}

fn delete_all(table: &dyn Table) -> DeleteStatement {
    Query::delete().from_table(table.table_ref()).to_owned()
}

/// The rows that a `DELETE` is about to delete: the same statement with another beginning.
pub(super) struct RowsOf<'a, S> {
    delete: &'a S,
    sql: String,
}

impl<'a, S: StatementBuilder> RowsOf<'a, S> {
    /// `lock` is what keeps the rows as they are until they are deleted.
    pub(super) fn new(
        table: &dyn Table,
        db_backend: DbBackend,
        delete: &'a S,
        lock: Option<&'static str>,
    ) -> Option<Self> {
        let all = StatementBuilder::build(&delete_all(table), &db_backend).sql;
        let sql = delete.build(&db_backend).sql;
        let which = sql.strip_prefix(&all)?;
        if !(which.is_empty() || which.starts_with(" WHERE ")) {
            return None;
        }
        let select = StatementBuilder::build(&table.select(), &db_backend).sql;
        Some(Self {
            delete,
            sql: format!("{select}{which}{}", lock.unwrap_or_default()),
        })
    }
}

impl<S: StatementBuilder> StatementBuilder for RowsOf<'_, S> {
    fn build(&self, db_backend: &DbBackend) -> Statement {
        Statement {
            sql: self.sql.clone(),
            ..self.delete.build(db_backend)
        }
    }

    /// Whoever may delete a row may have its deletion recorded.
    fn audit(&self) -> Result<QueryAccessAudit, sea_orm::AuditError> {
        self.delete.audit()
    }
}

/// An `INSERT` that leaves a row as it is where it is there already, made to fail then: the same statement without its end.
pub(super) struct MustBeNew<'a, S> {
    insert: &'a S,
    conflict: &'static str,
}

impl<'a, S: StatementBuilder> MustBeNew<'a, S> {
    /// `None` where the database has no way on after a statement that failed.
    pub(super) fn new(insert: &'a S, backend: &dyn Backend) -> Option<Self> {
        let conflict = backend.conflict_clause_to_drop()?;
        Some(Self { insert, conflict })
    }
}

impl<S: StatementBuilder> StatementBuilder for MustBeNew<'_, S> {
    fn build(&self, db_backend: &DbBackend) -> Statement {
        let mut statement = self.insert.build(db_backend);
        if let Some(end) = statement.sql.find(self.conflict) {
            statement.sql.truncate(end);
        }
        statement
    }

    fn audit(&self) -> Result<QueryAccessAudit, sea_orm::AuditError> {
        self.insert.audit()
    }
}
