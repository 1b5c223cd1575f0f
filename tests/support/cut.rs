//! Futures that are dropped half way, and what they must not leave behind.

use std::{
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
    task::Poll,
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::server::TestDb;

/// When a future is dropped that waits.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// At once, while what it asked for is under way.
    Asked,
    /// When the answer is there, before it is looked at.
    Answered,
}

impl Moment {
    pub const ALL: [Self; 2] = [Self::Asked, Self::Answered];
}

/// Polls a future so many times and drops it, unless it is ready before.
///
/// However fast the server answers, each poll gets no further than one read or write of a socket: it finds
/// [tokio's budget](tokio::task::coop) used up but for one.
pub async fn cut<F: Future>(future: F, polls: u32, moment: Moment) -> Option<F::Output> {
    // What came before in the same poll has used up some of it.
    tokio::task::yield_now().await;
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        for _ in 1..BUDGET {
            let spent = std::pin::pin!(tokio::task::coop::consume_budget()).poll(cx);
            assert!(spent.is_ready());
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 && matches!(moment, Moment::Asked) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What a task may do in one poll, see <https://docs.rs/tokio/latest/tokio/task/coop/>.
const BUDGET: usize = 128;

/// How long somebody else may be kept waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection of its own that sees what others leave behind.
pub struct Observer {
    db: DatabaseConnection,
    looks: AtomicU32,
}

impl Observer {
    pub async fn new(test: &TestDb) -> Self {
        let db = test.pool(1).await;
        let patience = PATIENCE.as_secs();
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => format!("SET lock_timeout = '{patience}s'"),
            DbBackend::MySql => format!("SET innodb_lock_wait_timeout = {patience}"),
            _ => format!("PRAGMA busy_timeout = {patience}000"),
        };
        db.execute_unprepared(&sql).await.unwrap();
        Self {
            db,
            looks: AtomicU32::new(0),
        }
    }

    /// Nobody has a transaction open, and each of these tables can be written.
    pub async fn nothing_is_held(&self, tables: &[&str]) {
        tokio::time::timeout(PATIENCE, self.no_open_transaction())
            .await
            .expect("no transaction stays open");
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.db.begin_with_options(options).await.unwrap();
        for table in tables {
            tx.execute_unprepared(&format!("DELETE FROM {table}"))
                .await
                .unwrap();
        }
        tx.rollback().await.unwrap();
    }

    async fn no_open_transaction(&self) {
        match self.db.get_database_backend() {
            DbBackend::Postgres => {
                let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND xact_start IS NOT NULL \
                    AND backend_type = 'client backend'";
                while self.finds(sql).await {
                    tokio::task::yield_now().await;
                }
            }
            DbBackend::MySql => {
                // The view is no newer than the last look of anybody, unless nobody looked for 100 ms; so not each time.
                static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
                let sql = "SELECT t.trx_id FROM information_schema.innodb_trx t \
                    JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
                    WHERE p.db = DATABASE() AND p.id <> CONNECTION_ID()";
                if self.looks.fetch_add(1, Ordering::Relaxed).is_multiple_of(6) {
                    let turn = TURN.lock().await;
                    tokio::time::sleep(Duration::from_millis(120)).await;
                    while self.finds(sql).await {
                        tokio::time::sleep(Duration::from_millis(120)).await;
                    }
                    drop(turn);
                }
            }
            // Whoever has one that matters keeps the writes out that follow.
            _ => {}
        }
    }

    async fn finds(&self, sql: &str) -> bool {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        !self.db.query_all_raw(statement).await.unwrap().is_empty()
    }
}

/// Uses every connection of a pool once, so that each carries out the rollback that a dropped transaction has queued.
pub async fn use_each(pool: &DatabaseConnection, connections: u32) {
    let mut held = Vec::new();
    for _ in 0..connections {
        let tx = pool.begin().await.unwrap();
        tx.execute_unprepared("SELECT 1").await.unwrap();
        held.push(tx);
    }
    for tx in held {
        tx.rollback().await.unwrap();
    }
}
