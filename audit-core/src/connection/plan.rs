//! How the rows that a statement changes can be told, decided before it runs.

use sea_orm::{DbBackend, StatementBuilder, Value};

use super::{
    announce::{Announcement, What},
    statement::Target,
    text::{self, InsertText, MustBeNew, OnConflict, RowsOf},
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
    /// One row that stays as it is where it is there already. `insert` fails then instead, and makes the two cases apart.
    InsertIfNew {
        insert: MustBeNew<'a, S>,
        row: NewRow,
    },
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
                Self::insert(target, insert, statement, backend)
            }
            Verb::Delete if target.returning => Some(Self::DeleteReturning),
            Verb::Delete => {
                let lock = backend.lock_clause_before_delete();
                let rows = RowsOf::new(target.table, db_backend, statement, lock)?;
                Some(Self::DeleteWhere { rows })
            }
        }
    }

    fn insert(
        target: Target,
        insert: InsertText,
        statement: &'a S,
        backend: &dyn Backend,
    ) -> Option<Self> {
        let one = insert.rows == 1;
        let numbered =
            one && backend.numbers_inserted_rows() && target.table.key_columns().len() == 1;
        match (insert.conflict, insert.keys) {
            (OnConflict::Fail, Some(keys)) => Some(Self::InsertByKey { keys }),
            (OnConflict::Fail, None) if numbered => Some(Self::InsertNumbered),
            (OnConflict::Nothing, keys) if one => {
                let key = keys.and_then(|mut keys| keys.pop());
                let row = match key {
                    Some(key) => NewRow::Key(key),
                    None if numbered => NewRow::Numbered,
                    None => return None,
                };
                let insert = MustBeNew::new(statement, backend)?;
                Some(Self::InsertIfNew { insert, row })
            }
            _ => None,
        }
    }
}

/// How a row that was inserted can be found.
#[derive(Debug)]
pub(super) enum NewRow {
    /// By its key.
    Key(Vec<Value>),
    /// By the number that the database gave it.
    Numbered,
}
