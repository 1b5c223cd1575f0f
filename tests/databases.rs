//! Every case on every database.
//!
//! SQLite always runs. PostgreSQL runs where `AUDIT_TEST_POSTGRES_URL` names a server, MySQL or MariaDB where
//! `AUDIT_TEST_MYSQL_URL` does; each case makes a database of its own there and drops it. A test is called
//! `<server>::<file or folder in cases>::<case>`. One that cannot be tried where it runs is listed as ignored, with the reason.

mod cases;
mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use support::{case::Case, server::Server, writer};

fn main() -> ExitCode {
    if let Some(code) = writer::run_if_asked() {
        return code;
    }
    let args = Arguments::from_args();
    let mut trials = Vec::new();
    for server in Server::ALL {
        if server.url().is_none() {
            if !args.list {
                println!("{server}: not run, {} is not set", server.variable());
            }
            continue;
        }
        for (topic, cases) in cases::all() {
            trials.extend(
                cases
                    .into_iter()
                    .filter(|case| case.runs_on(server))
                    .map(|case| trial(server, topic, case)),
            );
        }
    }
    libtest_mimic::run(&args, trials).exit_code()
}

fn trial(server: Server, topic: &str, case: Case) -> Trial {
    let name = format!("{server}::{topic}::{}", case.name);
    Trial::ignorable_test(name, move || Ok(case.run(server)))
}
