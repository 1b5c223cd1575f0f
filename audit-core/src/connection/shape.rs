//! The three ways in which SeaORM runs a statement, and what each gives back.

use sea_orm::{ConnectionTrait, DbErr, ExecResult, QueryResult, Statement, StatementBuilder};

/// `execute`, `query_one` or `query_all`.
pub(super) trait Shape {
    type Output: Send;

    fn run<C, S>(db: &C, statement: &S) -> impl Future<Output = Result<Self::Output, DbErr>> + Send
    where
        C: ConnectionTrait,
        S: StatementBuilder;

    /// Runs a statement that is text and values.
    fn run_raw<C>(
        db: &C,
        statement: Statement,
    ) -> impl Future<Output = Result<Self::Output, DbErr>> + Send
    where
        C: ConnectionTrait;

    /// Runs a statement that changes rows, and gives back all of them that it returns.
    fn run_write<C, S>(
        db: &C,
        statement: &S,
    ) -> impl Future<Output = Result<Outcome, DbErr>> + Send
    where
        C: ConnectionTrait,
        S: StatementBuilder;

    /// What SeaORM expects, from what [`run_write`](Self::run_write) gave.
    fn finish(outcome: Outcome) -> Result<Self::Output, DbErr>;
}

/// What a statement that changes rows gave back: the rows, or how many there were.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) rows: Vec<QueryResult>,
    pub(super) result: Option<ExecResult>,
}

impl Outcome {
    /// All rows, also where only one is asked for: a statement may still change several.
    async fn of_query<C, S>(db: &C, statement: &S) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Ok(Self {
            rows: db.query_all(statement).await?,
            result: None,
        })
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

    async fn run_raw<C>(db: &C, statement: Statement) -> Result<ExecResult, DbErr>
    where
        C: ConnectionTrait,
    {
        db.execute_raw(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Ok(Outcome {
            rows: Vec::new(),
            result: Some(db.execute(statement).await?),
        })
    }

    fn finish(outcome: Outcome) -> Result<ExecResult, DbErr> {
        // It was put in above.
        outcome.result.ok_or(DbErr::RecordNotUpdated)
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

    async fn run_raw<C>(db: &C, statement: Statement) -> Result<Option<QueryResult>, DbErr>
    where
        C: ConnectionTrait,
    {
        db.query_one_raw(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Outcome::of_query(db, statement).await
    }

    fn finish(outcome: Outcome) -> Result<Option<QueryResult>, DbErr> {
        Ok(outcome.rows.into_iter().next())
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

    async fn run_raw<C>(db: &C, statement: Statement) -> Result<Vec<QueryResult>, DbErr>
    where
        C: ConnectionTrait,
    {
        db.query_all_raw(statement).await
    }

    async fn run_write<C, S>(db: &C, statement: &S) -> Result<Outcome, DbErr>
    where
        C: ConnectionTrait,
        S: StatementBuilder,
    {
        Outcome::of_query(db, statement).await
    }

    fn finish(outcome: Outcome) -> Result<Vec<QueryResult>, DbErr> {
        Ok(outcome.rows)
    }
}
