//! How the rows that a statement changes can be told, decided before it runs.

use sea_orm::{DbBackend, StatementBuilder, Value};

use super::{
    announce::{Announcement, What},
    statement::Target,
    text::{self, InsertText, OnConflict, RowsOf},
};
use crate::{backend::Backend, capture::pending::Verb};

/// How the rows can be told.
pub(super) enum Plan<'a, S> {
    /// One row, by its key, before and after.
    Update { key: Vec<Value> },
    /// The rows that an `INSERT` gives back.
    InsertReturning,
    /// The rows whose keys are in the statement.
    InsertByKey { keys: Vec<Vec<Value>> },
    /// As before, but each may be there already and stays as it is then.
    InsertOrIgnore { key: Vec<Value> },
    /// One row, by the number that the database gave it.
    InsertNumbered,
    /// The rows that a `DELETE` gives back.
    DeleteReturning,
    /// The rows that meet the statement's own condition.
    DeleteWhere { rows: RowsOf<'a, S> },
}

impl<'a, S: StatementBuilder> Plan<'a, S> {
    /// `None` where the rows cannot be told.
    pub(super) fn of(
        target: Target,
        statement: &'a S,
        announced: Option<Announcement>,
        db_backend: DbBackend,
        backend: &dyn Backend,
    ) -> Option<Self> {
        if !target.plain || !target.sure {
            return None;
        }
        match target.verb {
            Verb::Update => match announced?.what {
                What::Update(key) => Some(Self::Update { key }),
                What::Insert(_) | What::Delete => None,
            },
            Verb::Insert if target.returning => {
                let sql = statement.build(&db_backend);
                let conflict = text::on_conflict(target.table, db_backend, &sql);
                (conflict != OnConflict::Update).then_some(Self::InsertReturning)
            }
            Verb::Insert => {
                let insert = match announced.map(|announced| announced.what) {
                    Some(What::Insert(key)) => InsertText::one(key),
                    _ => text::insert(target.table, db_backend, &statement.build(&db_backend))?,
                };
                Self::insert(target, insert, backend)
            }
            Verb::Delete if target.returning => Some(Self::DeleteReturning),
            Verb::Delete => {
                let lock = backend.lock_clause_before_delete();
                let rows = RowsOf::new(target.table, db_backend, statement, lock)?;
                Some(Self::DeleteWhere { rows })
            }
        }
    }

    fn insert(target: Target, insert: InsertText, backend: &dyn Backend) -> Option<Self> {
        let one = insert.rows == 1;
        let numbered = backend.numbers_inserted_rows() && target.table.key_columns().len() == 1;
        match (insert.conflict, insert.keys) {
            (OnConflict::Fail, Some(keys)) => Some(Self::InsertByKey { keys }),
            (OnConflict::Fail, None) if one && numbered => Some(Self::InsertNumbered),
            (OnConflict::Nothing, Some(mut keys)) if one => {
                keys.pop().map(|key| Self::InsertOrIgnore { key })
            }
            _ => None,
        }
    }
}
