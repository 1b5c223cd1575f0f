//! The three ways in which SeaORM runs a statement, and what each gives back.

use sea_orm::{ConnectionTrait, DbErr, ExecResult, QueryResult, StatementBuilder};

/// `execute`, `query_one` or `query_all`.
pub(super) trait Shape {
    type Output: Send;

    fn run<C, S>(db: &C, statement: &S) -> impl Future<Output = Result<Self::Output, DbErr>> + Send
    where
        C: ConnectionTrait,
        S: StatementBuilder;

    /// Runs a statement that changes rows, and gives back all of them that it returns.
    fn run_write<C, S>(
        db: &C,
        statement: &S,
    ) -> impl Future<Output = Result<Outcome<Self>, DbErr>> + Send
    where
        C: ConnectionTrait,
        S: StatementBuilder,
        Self: Sized;
}

/// What a statement that changes rows gave back: the rows, or how many there were.
pub(super) struct Outcome<O: Shape> {
    pub(super) rows: Vec<QueryResult>,
    pub(super) result: Option<ExecResult>,
    finish: fn(Vec<QueryResult>, Option<ExecResult>) -> Result<O::Output, DbErr>,
}

impl<O: Shape> Outcome<O> {
    /// What SeaORM expects.
    pub(super) fn finish(self) -> Result<O::Output, DbErr> {
        (self.finish)(self.rows, self.result)
    }
}

pub(super) struct Execute;

impl Shape for Execute {
    type Output = ExecResult;

    async fn run<C, S>(db: &C, statement: &S) -> Result<ExecResult, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        db.execute(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome<Self>, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Ok(Outcome {
            rows: Vec::new(),
            result: Some(db.execute(statement).await?),
            // It was put in above.
            finish: |_, result| result.ok_or(DbErr::RecordNotUpdated),
        })
    }
}

pub(super) struct QueryOne;

impl Shape for QueryOne {
    type Output = Option<QueryResult>;

    async fn run<C, S>(db: &C, statement: &S) -> Result<Option<QueryResult>, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        db.query_one(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome<Self>, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        // Whoever asks for one row may still change several.
        Ok(Outcome {
            rows: db.query_all(statement).await?,
            result: None,
            finish: |rows, _| Ok(rows.into_iter().next()),
        })
    }
}

pub(super) struct QueryAll;

impl Shape for QueryAll {
    type Output = Vec<QueryResult>;

    async fn run<C, S>(db: &C, statement: &S) -> Result<Vec<QueryResult>, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        db.query_all(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome<Self>, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Ok(Outcome {
            rows: db.query_all(statement).await?,
            result: None,
            finish: |rows, _| Ok(rows),
        })
    }
}
