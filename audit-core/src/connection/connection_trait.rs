//! Every statement that goes through the wrapper.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, SqlErr, SqliteTransactionMode,
    Statement, StatementBuilder, TransactionOptions, TransactionSession, TransactionTrait,
    prelude::async_trait::async_trait,
};

use super::{
    AuditedConnection, Kind, announce,
    in_context::untell,
    job::{Job, Raw, Typed, Unprepared},
    plan::Plan,
    record::Before,
    seal::Seal,
    session::tell,
    settings::OnFailure,
    shape::{Execute, QueryAll, QueryOne, Shape},
    statement::{self, Target},
};
use crate::{
    backend,
    capture::gate::{Recorder, report_suspended},
    error::Error,
    table,
};

/// How often a statement in a transaction of its own is tried while others change what it is about.
const ATTEMPTS: u32 = 5;

impl<C> AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Runs a statement, and records it if it writes to an audited table.
    async fn dispatch<O, S>(&self, statement: &S) -> Result<O::Output, DbErr>
    where
        O: Shape,
        S: StatementBuilder,
    {
        if matches!(self.kind, Kind::Mock) {
            return O::run(&self.inner, statement).await;
        }
        let job = Typed::<O, S>::new(statement);
        let db_backend = self.inner.get_database_backend();
        if announce::is_recorded_here() {
            return self.unrecorded(&job, statement, db_backend).await;
        }
        let announced = announce::take();
        let backend = backend::of(db_backend);
        let Some(mut target) = statement::target(statement, db_backend, backend) else {
            return self.unrecorded(&job, statement, db_backend).await;
        };
        let announced =
            announced.filter(|announced| announced.is_about(&statement.build(&db_backend)));
        if let Some(announced) = &announced {
            target.table = announced.table;
            target.sure = true;
        }
        if let Some(owner) = table::by_trigger(target.table, backend) {
            return self.by_trigger(owner, backend, &job).await;
        }
        let context = self.wrapper.context();
        if context.suspended_because().is_some() {
            report_suspended(target.table, target.verb, &context);
            return self.pass(self.in_context(None, &job)).await;
        }
        let recorder = Recorder::new(
            target.table,
            backend,
            context,
            self.wrapper.settings.require_actor,
        )?;
        let plan = Plan::of(target, statement, announced, db_backend, backend);
        match plan {
            None => {
                self.refuse_or_report(target, recorder.entity)?;
                self.pass(self.in_context(None, &job)).await
            }
            Some(plan) => {
                self.check_open()?;
                self.recorded::<O, S>(&recorder, &plan, statement).await
            }
        }
    }

    /// Runs a statement that is nothing for the log, but may fire triggers that are.
    async fn unrecorded<J, S>(
        &self,
        job: &J,
        statement: &S,
        db_backend: DbBackend,
    ) -> Result<J::Output, DbErr>
    where
        J: Job,
        S: StatementBuilder,
    {
        if self.tells() && statement::may_write(statement, db_backend) {
            self.in_context(None, job).await
        } else {
            job.run(&self.inner).await
        }
    }

    /// A transaction that cannot be committed takes no more audited writes: the database may not even be in it any more.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        match &self.kind {
            Kind::Transaction(seal) => match seal.reason() {
                Some(reason) => Err(Error::Uncommittable { reason }),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Takes note if the database has ended the transaction by itself.
    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let (Kind::Transaction(seal), Err(err)) = (&self.kind, &result)
            && backend::of(self.inner.get_database_backend()).ends_transaction(err)
        {
            seal.lost(err);
        }
        result
    }

    /// Runs a statement that is not to be looked at any more, by a wrapper inside this one either.
    pub(super) async fn pass<F: Future>(&self, statement: F) -> F::Output {
        if self.nested {
            announce::recorded_here(statement).await
        } else {
            statement.await
        }
    }

    pub(super) fn refuse_or_report(&self, target: Target, entity: String) -> Result<(), Error> {
        let Some(reason) = &self.wrapper.settings.bypass else {
            let verb = target.verb.as_str();
            return Err(if target.sure {
                Error::Unrecordable { entity, verb }
            } else {
                Error::AmbiguousEntity { entity, verb }
            });
        };
        tracing::warn!(
            entity,
            verb = %target.verb,
            reason = &**reason,
            "a write to an audited table is not recorded: the connection allows a bypass",
        );
        Ok(())
    }

    async fn recorded<O, S>(
        &self,
        recorder: &Recorder,
        plan: &Plan<'_, S>,
        statement: &S,
    ) -> Result<O::Output, DbErr>
    where
        O: Shape,
        S: StatementBuilder,
    {
        let (log, shared) = (recorder.log.as_str(), &self.wrapper.shared);
        let table = recorder.table.id();
        if !shared.knows(log, table) && self.wrapper.settings.on_failure == OnFailure::Fail {
            recorder.check_log(&self.inner).await?;
            if recorder.stands_back() {
                shared.saw_triggers();
                let job = Typed::<O, S>::new(statement);
                return self
                    .pass(self.in_context(Some(&recorder.entity), &job))
                    .await;
            }
            shared.remember(log, table);
        }
        if let Kind::Transaction(seal) = &self.kind {
            let turn = self.enter(None).await?;
            let output = self
                .steps::<C, O, S>(&self.inner, recorder, plan, statement)
                .await?;
            if turn.is_some() {
                seal.session().leave(&self.inner, recorder.backend).await?;
            }
            return Ok(output);
        }
        let context = Some(self.session_context()).filter(|told| self.tells() && !told.is_empty());
        let mut attempt = 1;
        loop {
            let transaction = self.inner.begin_with_options(immediate()).await?;
            let mut told = false;
            let result = async {
                if let Some(context) = &context {
                    told = tell(&transaction, recorder.backend, context).await?;
                }
                self.steps::<C::Transaction, O, S>(&transaction, recorder, plan, statement)
                    .await
            };
            match result.await {
                Ok(output) => {
                    if told {
                        untell(&transaction, recorder.backend).await?;
                    }
                    transaction.commit().await?;
                    return Ok(output);
                }
                Err(err) => {
                    if told && recorder.backend.sessions_keep_context() {
                        let _ = untell(&transaction, recorder.backend).await;
                    }
                    // Some failures roll back by themselves (SQLite's full disk), and there is nothing left to roll back
                    // then; what went wrong first is what counts.
                    if transaction.rollback().await.is_err() {
                        return Err(err);
                    }
                    let again = matches!(Error::of(&err), Some(Error::ChangedMeanwhile { .. }));
                    if !again || attempt == ATTEMPTS {
                        return Err(err);
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// Old rows, statement, new rows and entries, all in one transaction.
    async fn steps<T, O, S>(
        &self,
        db: &T,
        recorder: &Recorder,
        plan: &Plan<'_, S>,
        statement: &S,
    ) -> Result<O::Output, DbErr>
    where
        T: ConnectionTrait + TransactionTrait,
        O: Shape,
        S: StatementBuilder,
    {
        let Some(before) = self.look(db, recorder, plan).await? else {
            return self.pass(O::run(db, statement)).await;
        };
        // A pool's own transaction is rolled back when it is dropped, and needs no seal.
        let unwatched = Seal::default();
        let seal = match &self.kind {
            Kind::Transaction(seal) => seal,
            _ => &unwatched,
        };
        let watch = seal.watch(&recorder.entity);
        let ran = match plan {
            Plan::InsertIfNew { insert, .. } => self.pass(O::run_write(db, insert)).await,
            _ => self.pass(O::run_write(db, statement)).await,
        };
        let outcome = match (ran, plan) {
            (Ok(outcome), _) => outcome,
            (Err(err), Plan::InsertIfNew { .. }) if is_taken(&err) => {
                watch.over();
                return self.pass(O::run(db, statement)).await;
            }
            (Err(err), _) => {
                watch.over();
                return Err(err);
            }
        };
        let recorded = match self.wrapper.settings.on_failure {
            OnFailure::Fail => recorder.record(db, plan, before, &outcome).await,
            OnFailure::Report => {
                let recorded = async {
                    let nested = db.begin().await?;
                    recorder.record(&nested, plan, before, &outcome).await?;
                    nested.commit().await
                };
                if let Err(err) = recorded.await {
                    self.wrapper.shared.report_lost(&recorder.entity, &err);
                }
                Ok(())
            }
        };
        match recorded {
            Ok(()) => {
                watch.over();
                O::finish(outcome)
            }
            Err(err) => {
                watch.failed(&err);
                Err(err)
            }
        }
    }

    /// Looks at the old rows; `None` where that failed and the statement is to run all the same.
    async fn look<T, S>(
        &self,
        db: &T,
        recorder: &Recorder,
        plan: &Plan<'_, S>,
    ) -> Result<Option<Before>, DbErr>
    where
        T: ConnectionTrait + TransactionTrait,
        S: StatementBuilder,
    {
        if self.wrapper.settings.on_failure == OnFailure::Fail {
            return recorder.look(db, plan).await.map(Some);
        }
        let looked = async {
            let nested = db.begin().await?;
            let before = recorder.look(&nested, plan).await?;
            nested.commit().await?;
            Ok::<_, DbErr>(before)
        };
        match looked.await {
            Ok(before) => Ok(Some(before)),
            Err(err) => {
                self.wrapper.shared.report_lost(&recorder.entity, &err);
                Ok(None)
            }
        }
    }
}

/// Whether an INSERT found its row taken.
fn is_taken(err: &DbErr) -> bool {
    matches!(err.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// On SQLite a transaction that reads first cannot always write later: it must say at once that it will.
///
/// See <https://www.sqlite.org/lang_transaction.html>.
pub(crate) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

#[async_trait]
impl<C> ConnectionTrait for AuditedConnection<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    fn get_database_backend(&self) -> DbBackend {
        announce::answer(|| self.wrapper.clone());
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        let run = self.outward(self.raw(Raw::<Execute>::new(stmt)));
        self.noted(run.await)
    }

    async fn execute<S: StatementBuilder>(&self, stmt: &S) -> Result<ExecResult, DbErr> {
        let run = self.outward(self.dispatch::<Execute, S>(stmt));
        self.noted(run.await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let run = self.outward(self.raw(Unprepared(sql)));
        self.noted(run.await)
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        let run = self.outward(self.raw(Raw::<QueryOne>::new(stmt)));
        self.noted(run.await)
    }

    async fn query_one<S: StatementBuilder>(&self, stmt: &S) -> Result<Option<QueryResult>, DbErr> {
        let run = self.outward(self.dispatch::<QueryOne, S>(stmt));
        self.noted(run.await)
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let run = self.outward(self.raw(Raw::<QueryAll>::new(stmt)));
        self.noted(run.await)
    }

    async fn query_all<S: StatementBuilder>(&self, stmt: &S) -> Result<Vec<QueryResult>, DbErr> {
        let run = self.outward(self.dispatch::<QueryAll, S>(stmt));
        self.noted(run.await)
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.inner.is_mock_connection()
    }
}
