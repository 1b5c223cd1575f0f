//! A statement in whichever way it is run, so that it can be run on the connection or on a transaction of its own.

use std::marker::PhantomData;

use sea_orm::{ConnectionTrait, DbErr, ExecResult, Statement, StatementBuilder};

use super::{raw, shape::Shape};

/// A statement that can be run, again if need be.
pub(super) trait Job: Sync {
    type Output: Send;

    fn run<C>(&self, db: &C) -> impl Future<Output = Result<Self::Output, DbErr>> + Send
    where
        C: ConnectionTrait;

    /// The text, where that is all there is to know what it is about.
    fn raw(&self) -> Option<&str>;

    /// Whether a transaction may be put around it.
    fn may_be_wrapped(&self) -> bool {
        self.raw().is_none_or(raw::may_be_wrapped)
    }
}

/// A builder's statement.
pub(super) struct Typed<'a, O, S> {
    statement: &'a S,
    shape: PhantomData<fn() -> O>,
}

impl<'a, O, S> Typed<'a, O, S> {
    pub(super) fn new(statement: &'a S) -> Self {
        Self {
            statement,
            shape: PhantomData,
        }
    }
}

impl<O: Shape, S: StatementBuilder> Job for Typed<'_, O, S> {
    type Output = O::Output;

    async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<O::Output, DbErr> {
        O::run(db, self.statement).await
    }

    fn raw(&self) -> Option<&str> {
        None
    }
}

/// A statement that is text and values.
pub(super) struct Raw<O> {
    statement: Statement,
    shape: PhantomData<fn() -> O>,
}

impl<O> Raw<O> {
    pub(super) fn new(statement: Statement) -> Self {
        Self {
            statement,
            shape: PhantomData,
        }
    }
}

impl<O: Shape> Job for Raw<O> {
    type Output = O::Output;

    async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<O::Output, DbErr> {
        O::run_raw(db, self.statement.clone()).await
    }

    fn raw(&self) -> Option<&str> {
        Some(&self.statement.sql)
    }
}

/// Text that may be several statements.
pub(super) struct Unprepared<'a>(pub(super) &'a str);

impl Job for Unprepared<'_> {
    type Output = ExecResult;

    async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<ExecResult, DbErr> {
        db.execute_unprepared(self.0).await
    }

    fn raw(&self) -> Option<&str> {
        Some(self.0)
    }
}
