//! A program that writes without end, to be killed: this very binary with another beginning.

use std::{
    io::{BufRead, BufReader, Lines, Read, Write},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionSession, TransactionTrait,
};
use sea_orm_audit::AuditedConnection;

use super::{
    conflict::{is_conflict, is_overtaken},
    dice::Dice,
    writes::{write_any, write_by_active_model},
};

/// Says to the test binary that it is the writer: what it writes through, and where.
const VARIABLE: &str = "AUDIT_TEST_WRITER";

const TASKS: i32 = 4;
const CONNECTIONS: u32 = 3;

/// What the writer writes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// Any write, with and without transactions, all tasks on the same rows.
    AuditedConnection,
    /// Active models without a transaction, each task on rows of its own.
    PlainConnection,
}

/// A writer that runs; it ends with this value.
pub struct Writer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub fn start(through: Through, url: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(VARIABLE, format!("{through:?} {url}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until it has written so many times more.
    pub fn wait_for(&mut self, writes: u64) {
        for _ in 0..writes {
            let line = self.lines.next().expect("the writer goes on").unwrap();
            assert_eq!(line, "written");
        }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it ended by itself");
    }

    /// Lets each of its tasks finish what it is at.
    pub fn stop(mut self) {
        drop(self.child.stdin.take());
        for line in self.lines.by_ref() {
            assert_eq!(line.unwrap(), "written");
        }
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Both fail where it is gone already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Is the writer, if this process was started to be one.
pub fn run_if_asked() -> Option<ExitCode> {
    let asked = std::env::var(VARIABLE).ok()?;
    let (through, url) = asked.split_once(' ').unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    // It ends with whoever started it.
    std::thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        STOP.store(true, Ordering::Relaxed);
    });
    let audited = through == format!("{:?}", Through::AuditedConnection);
    let result = runtime.block_on(write(audited, url));
    if let Err(err) = result {
        report(&err.to_string());
        return Some(ExitCode::FAILURE);
    }
    Some(ExitCode::SUCCESS)
}

static STOP: AtomicBool = AtomicBool::new(false);

fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody may listen any more.
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

async fn write(audited: bool, url: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(CONNECTIONS).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::from_secs(60)));
    let db = Database::connect(options).await?;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let db = db.clone();
        tasks.spawn(async move {
            let mut dice = Dice::random();
            let audited_db = AuditedConnection::new(db.clone()).acting_as("writer");
            while !STOP.load(Ordering::Relaxed) {
                let done = if audited {
                    write_audited(&audited_db, &mut dice).await
                } else {
                    write_plain(&db, &mut dice, task).await
                };
                match done {
                    Ok(()) => report("written"),
                    Err(err) if is_conflict(&err) || is_overtaken(&err) => {}
                    Err(err) => return Err(err),
                }
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|err| DbErr::Custom(err.to_string()))??;
    }
    db.close().await
}

async fn write_audited(
    db: &AuditedConnection<DatabaseConnection>,
    dice: &mut Dice,
) -> Result<(), DbErr> {
    if dice.once_in(2) {
        return write_any(db, dice).await;
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    for _ in 0..=dice.below(3) {
        if dice.once_in(3) {
            let nested = tx.begin().await?;
            // Where this fails, all of it is given up: a deadlock takes the savepoint away with the transaction.
            write_any(&nested, dice).await?;
            if dice.once_in(2) {
                nested.commit().await?;
            } else {
                nested.rollback().await?;
            }
        } else {
            write_any(&tx, dice).await?;
        }
    }
    if dice.once_in(4) {
        tx.rollback().await
    } else {
        tx.commit().await
    }
}

/// Rows of the task's own: on a plain connection, two tasks on one row may miss each other's changes without any kill.
async fn write_plain(db: &DatabaseConnection, dice: &mut Dice, task: i32) -> Result<(), DbErr> {
    let id = task * 100 + dice.within(1..10);
    write_by_active_model(db, dice, id).await
}
