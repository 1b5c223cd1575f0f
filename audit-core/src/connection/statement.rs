//! Which audited table a typed statement writes to.

use std::any::TypeId;

use sea_orm::{
    DbBackend, StatementBuilder,
    sea_query::{
        DeleteStatement, InsertStatement, SelectStatement, Table as Ddl, TableTruncateStatement,
        UpdateStatement, WithQuery,
        audit::{AccessType, QueryAccessAudit, QueryAccessRequest},
    },
};

use super::raw;
use crate::{
    backend::Backend,
    capture::pending::Verb,
    table::{self, Table},
};

/// A statement that changes rows of an audited table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) table: &'static dyn Table,
    pub(super) verb: Verb,
    /// Whether this is the only entity that the table is known by.
    pub(super) sure: bool,
    /// Whether this is all that the statement does, so that its rows can be told.
    pub(super) plain: bool,
    /// Whether the statement gives rows back.
    pub(super) returning: bool,
}

/// The audited table that this statement writes to, if it does.
pub(super) fn target<S: StatementBuilder>(
    statement: &S,
    db_backend: DbBackend,
    backend: &dyn Backend,
) -> Option<Target> {
    let of = typeid::of::<S>();
    let is = |other| of == other;
    if is(TypeId::of::<TableTruncateStatement>()) {
        return truncated(statement, db_backend);
    }
    // Only these know what they touch; the others change no rows, and SeaORM's answer for them is a panic.
    let main = [
        TypeId::of::<InsertStatement>(),
        TypeId::of::<UpdateStatement>(),
        TypeId::of::<DeleteStatement>(),
    ]
    .contains(&of);
    if !main && !is(TypeId::of::<SelectStatement>()) && !is(TypeId::of::<WithQuery>()) {
        return None;
    }
    let Ok(audit) = statement.audit() else {
        return unclear(statement, db_backend, backend);
    };
    let written: Vec<(Verb, &QueryAccessRequest)> = audit
        .requests
        .iter()
        .filter_map(|request| Some((verb(request.access_type)?, request)))
        .collect();
    let mut targets = written.iter().filter_map(|(verb, request)| {
        let tables = table::find(&request.schema_table, backend);
        let table = ours_first(tables.iter().copied(), backend)?;
        Some((*verb, table, tables.len() == 1))
    });
    let (verb, table, sure) = {
        let first = targets.next()?;
        let is_ours = |table| table::by_trigger(table, backend).is_none();
        let ours = targets.find(|(_, table, _)| is_ours(*table));
        ours.filter(|_| !is_ours(first.1)).unwrap_or(first)
    };
    let first = audit.requests.first();
    Some(Target {
        table,
        sure,
        verb,
        plain: main && written.len() == 1,
        returning: first.is_some_and(|request| request.access_type == AccessType::Select),
    })
}

/// One of several tables: one that we have to capture, rather than one that triggers do.
fn ours_first(
    mut tables: impl Iterator<Item = &'static dyn Table>,
    backend: &dyn Backend,
) -> Option<&'static dyn Table> {
    let is_ours = |table: &&'static dyn Table| table::by_trigger(*table, backend).is_none();
    let first = tables.next()?;
    if is_ours(&first) {
        return Some(first);
    }
    Some(tables.find(is_ours).unwrap_or(first))
}

/// Whether a statement may change rows of any table, audited or not: cascades reach further than its text.
pub(super) fn may_write<S: StatementBuilder>(statement: &S, db_backend: DbBackend) -> bool {
    let of = typeid::of::<S>();
    let is = |other| of == other;
    if is(TypeId::of::<SelectStatement>()) {
        return false;
    }
    if is(TypeId::of::<WithQuery>()) {
        let writes = |audit: QueryAccessAudit| {
            let mut requests = audit.requests.iter();
            requests.any(|request| verb(request.access_type).is_some())
        };
        return statement.audit().map_or(true, writes);
    }
    let known = [
        TypeId::of::<InsertStatement>(),
        TypeId::of::<UpdateStatement>(),
        TypeId::of::<DeleteStatement>(),
        TypeId::of::<TableTruncateStatement>(),
    ];
    known.contains(&of) || raw::may_write(&statement.build(&db_backend).sql)
}

fn verb(access: AccessType) -> Option<Verb> {
    match access {
        AccessType::Insert => Some(Verb::Insert),
        AccessType::Update => Some(Verb::Update),
        AccessType::Delete => Some(Verb::Delete),
        _ => None,
    }
}

/// A TRUNCATE does not say what it touches, but there are only so many it could be.
fn truncated<S: StatementBuilder>(statement: &S, db_backend: DbBackend) -> Option<Target> {
    // There is none on SQLite, and SeaQuery panics there.
    if db_backend == DbBackend::Sqlite {
        return None;
    }
    let sql = statement.build(&db_backend).sql;
    let table = table::all().find(|table| {
        let truncate = Ddl::truncate().table(table.table_ref()).to_owned();
        StatementBuilder::build(&truncate, &db_backend).sql == sql
    })?;
    Some(Target {
        table,
        verb: Verb::Delete,
        sure: true,
        plain: false,
        returning: false,
    })
}

/// A statement that cannot say what it touches touches every audited table whose name is in it.
fn unclear<S: StatementBuilder>(
    statement: &S,
    db_backend: DbBackend,
    backend: &dyn Backend,
) -> Option<Target> {
    if typeid::of::<S>() == TypeId::of::<SelectStatement>() {
        return None;
    }
    let sql = statement.build(&db_backend).sql;
    let named = table::all().filter(|table| sql.contains(table.name()));
    let table = ours_first(named, backend)?;
    Some(Target {
        table,
        verb: Verb::Update,
        sure: true,
        plain: false,
        returning: false,
    })
}
