//! Errors that come of working at the same time as others.

use sea_orm::{DbErr, SqlErr};
use sea_orm_audit::Error;

/// What the databases say where the same work may succeed when it is tried again.
const AGAIN: [&str; 7] = [
    "database is locked",
    "deadlock detected",
    "Deadlock found",
    "Lock wait timeout exceeded",
    "could not serialize access",
    "Record has changed since last read",
    "current transaction is aborted",
];

/// Whether the transaction was in the way of another one, and may be tried again.
pub fn is_conflict(err: &DbErr) -> bool {
    if matches!(Error::of(err), Some(Error::ChangedMeanwhile { .. })) {
        return true;
    }
    let text = err.to_string();
    AGAIN.iter().any(|again| text.contains(again))
}

/// Whether somebody else was there first: the row is there already, or is not there any more.
pub fn is_overtaken(err: &DbErr) -> bool {
    *err == DbErr::RecordNotUpdated
        || matches!(err.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        || matches!(err, DbErr::RecordNotFound(_))
}
