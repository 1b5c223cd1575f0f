//! One case: a function that gets a database of its own.

use std::{fmt::Display, future::Future, panic, pin::Pin, sync::Arc};

use libtest_mimic::Completion;

use super::server::{Server, TestDb};

type Run = Box<dyn Fn(Arc<TestDb>) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

/// A test that runs on each of its servers.
pub struct Case {
    pub name: &'static str,
    servers: &'static [Server],
    run: Run,
}

impl Case {
    pub fn new<F, Fut>(name: &'static str, run: F) -> Self
    where
        F: Fn(Arc<TestDb>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        Self {
            name,
            servers: &Server::ALL,
            run: Box::new(move |db| Box::pin(run(db))),
        }
    }

    /// Only on these, because the others have no such thing.
    pub fn only_on(mut self, servers: &'static [Server]) -> Self {
        self.servers = servers;
        self
    }

    pub fn runs_on(&self, server: Server) -> bool {
        self.servers.contains(&server)
    }

    /// Runs the case on a fresh database, which is dropped however the case ends.
    pub fn run(&self, server: Server) -> Completion {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let db = Arc::new(runtime.block_on(TestDb::create(server)));
        let result = {
            let run = panic::AssertUnwindSafe(|| runtime.block_on((self.run)(db.clone())));
            panic::catch_unwind(run)
        };
        runtime.block_on(db.remove());
        match result {
            Ok(()) => Completion::Completed,
            Err(end) => match end.downcast::<LeftOut>() {
                Ok(left_out) => Completion::ignored_with(left_out.0),
                Err(panic) => panic::resume_unwind(panic),
            },
        }
    }
}

/// Why a case was left out.
struct LeftOut(String);

/// Ends a case that cannot be tried on this server: it is listed as ignored, with the reason, and not as passed.
pub fn left_out(why: impl Display) -> ! {
    panic::resume_unwind(Box::new(LeftOut(why.to_string())))
}

/// The cases of a file: `cases![a, b; only Server::Postgres => c]`.
#[macro_export]
macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        vec![$($crate::support::case::Case::new(stringify!($case), $case)),*]
    };
}
