//! What one statement over 100,000 rows costs on PostgreSQL with triggers, as ratios within one run.
//!
//! ```sh
//! AUDIT_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:5432 cargo bench -p sea-orm-audit-tests --bench triggers --profile dev
//! ```
//!
//! All work is the database's, so the profile does not matter. Four tables are written alike:
//!
//! * `none` has no triggers;
//! * `row` has a row trigger written by hand that stores `to_jsonb(OLD)` and `to_jsonb(NEW)`;
//! * `statement` has statement triggers written by hand that store the changed columns;
//! * `ours` has the triggers that this project installs.
//!
//! The three logs have the same columns and indexes; the two written by hand keep `jsonb`. The tables take turns, and each time is
//! the median of its rounds.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_audit_migration::{
    CreateLog, Migrator,
    triggers::{Kind, TriggerTable},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

const ROWS: u32 = 100_000;
const ROUNDS: usize = 7;
const VARIANTS: [&str; 4] = ["none", "row", "statement", "ours"];
const COLUMNS: [&str; 8] = [
    "name", "price", "stock", "note", "active", "rating", "added", "seen",
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Ok(server) = std::env::var("AUDIT_TEST_POSTGRES_URL") else {
        println!("not run, AUDIT_TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("audit_bench_{}", std::process::id());
    let admin = connect(&format!("{server}/postgres")).await;
    run(&admin, &format!("CREATE DATABASE {name}")).await;
    let db = connect(&format!("{server}/{name}")).await;
    prepare(&db).await;
    measure(&db).await;
    db.close().await.unwrap();
    if std::env::var("AUDIT_BENCH_KEEP").is_err() {
        run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn run(db: &DatabaseConnection, sql: &str) {
    if let Err(err) = db.execute_unprepared(sql).await {
        panic!("{sql}\n{err}");
    }
}

async fn prepare(db: &DatabaseConnection) {
    Migrator::up(db, None).await.unwrap();
    let manager = SchemaManager::new(db);
    for variant in VARIANTS {
        run(
            db,
            &format!(
                "CREATE TABLE item_{variant} (id integer PRIMARY KEY, name text NOT NULL, price numeric(12, 2) NOT NULL, stock integer, \
                 note text, active boolean NOT NULL, rating double precision, added date, seen timestamptz)"
            ),
        )
        .await;
        CreateLog::named(format!("log_{variant}"))
            .up(&manager)
            .await
            .unwrap();
    }
    for variant in ["row", "statement"] {
        run(
            db,
            &format!(
                "ALTER TABLE log_{variant} ALTER old_values TYPE jsonb, ALTER new_values TYPE jsonb"
            ),
        )
        .await;
    }
    run(db, BY_ROW).await;
    run(db, &by_statement()).await;
    TriggerTable::named("item_ours")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("price", Kind::Decimal)
        .column("stock", Kind::Integer)
        .column("note", Kind::Text)
        .column("active", Kind::Bool)
        .column("rating", Kind::Double)
        .column("added", Kind::Date)
        .column("seen", Kind::Timestamp)
        .log("log_ours")
        .install(&manager)
        .await
        .unwrap();
}

const BY_ROW: &str = "
CREATE FUNCTION by_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_row (occurred_at, action, entity, record_id, actor, old_values, new_values)
    VALUES (
        clock_timestamp(),
        CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
        TG_TABLE_NAME,
        CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END::text,
        current_setting('audit.actor', true),
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
    );
    RETURN NULL;
END $$;
CREATE TRIGGER by_row AFTER INSERT OR UPDATE OR DELETE ON item_row FOR EACH ROW EXECUTE FUNCTION by_row();
";

fn by_statement() -> String {
    let changed = |side: &str| {
        let pairs: Vec<String> = COLUMNS
            .iter()
            .map(|c| format!("'{c}', CASE WHEN o.{c} IS DISTINCT FROM n.{c} THEN {side}.{c} END"))
            .collect();
        format!(
            "jsonb_strip_nulls(jsonb_build_object({}))",
            pairs.join(", ")
        )
    };
    let columns = "occurred_at, action, entity, record_id, actor, old_values, new_values";
    let actor = "current_setting('audit.actor', true)";
    format!(
        "
CREATE FUNCTION by_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO log_statement ({columns})
        SELECT clock_timestamp(), 'create', TG_TABLE_NAME, n.id::text, {actor}, NULL, to_jsonb(n) FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO log_statement ({columns})
        SELECT clock_timestamp(), 'update', TG_TABLE_NAME, n.id::text, {actor}, {}, {}
        FROM old_rows o JOIN new_rows n ON o.id = n.id WHERE o IS DISTINCT FROM n;
    ELSE
        INSERT INTO log_statement ({columns})
        SELECT clock_timestamp(), 'delete', TG_TABLE_NAME, o.id::text, {actor}, to_jsonb(o), NULL FROM old_rows o;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER by_insert AFTER INSERT ON item_statement REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION by_statement();
CREATE TRIGGER by_update AFTER UPDATE ON item_statement REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION by_statement();
CREATE TRIGGER by_delete AFTER DELETE ON item_statement REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION by_statement();
",
        changed("o"),
        changed("n"),
    )
}

/// The statements, in the order in which each round runs them.
fn statements(variant: &str) -> [(&'static str, String); 3] {
    [
        (
            "INSERT .. SELECT",
            format!(
                "INSERT INTO item_{variant} SELECT i, 'item ' || i, i / 7.0, i % 100, 'a note about item ' || i, i % 2 = 0, i / 3.0, \
                 DATE '2026-01-01' + i % 300, TIMESTAMPTZ '2026-01-01 00:00:00+00' + i * interval '1 second' \
                 FROM generate_series(1, {ROWS}) AS i"
            ),
        ),
        (
            "UPDATE",
            format!("UPDATE item_{variant} SET stock = stock + 1, price = price * 1.1"),
        ),
        ("DELETE", format!("DELETE FROM item_{variant}")),
    ]
}

async fn measure(db: &DatabaseConnection) {
    // Compiling what runs once helps nobody here, and those least that have more to compile.
    run(db, "SET audit.actor = 'bench'; SET jit = off").await;
    let mut times = vec![[const { Vec::new() }; 3]; VARIANTS.len()];
    let mut sizes = vec![[0_i64; 3]; VARIANTS.len()];
    for round in 0..ROUNDS {
        for turn in 0..VARIANTS.len() {
            let at = (round + turn) % VARIANTS.len();
            let variant = VARIANTS[at];
            run(db, &format!("TRUNCATE item_{variant}")).await;
            for (kind, (_, sql)) in statements(variant).into_iter().enumerate() {
                run(db, &format!("TRUNCATE log_{variant}")).await;
                run(db, &format!("VACUUM ANALYZE item_{variant}")).await;
                run(db, "CHECKPOINT").await;
                let start = Instant::now();
                run(db, &sql).await;
                times[at][kind].push(start.elapsed());
                sizes[at][kind] = size(db, variant).await;
            }
        }
    }
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    println!(
        "{ROWS} rows in one statement, median of {ROUNDS} rounds; the times of `ours` over those of the others\n"
    );
    println!(
        "| statement | none | row | statement | ours | ours/none | ours/row | ours/statement | log of row | of statement | of ours |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for (kind, (name, _)) in statements("ours").into_iter().enumerate() {
        let seconds: Vec<f64> = times.iter().map(|of| median(&of[kind])).collect();
        let ours = seconds[3];
        let mib = |at: usize| format!("{:.1} MiB", sizes[at][kind] as f64 / f64::from(1 << 20));
        println!(
            "| {name} | {:.3} s | {:.3} s | {:.3} s | {ours:.3} s | {:.2} | {:.2} | {:.2} | {} | {} | {} |",
            seconds[0],
            seconds[1],
            seconds[2],
            ours / seconds[0],
            ours / seconds[1],
            ours / seconds[2],
            mib(1),
            mib(2),
            mib(3),
        );
    }
}

async fn size(db: &DatabaseConnection, variant: &str) -> i64 {
    let sql = format!("SELECT pg_total_relation_size('log_{variant}') AS size");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get("", "size").unwrap()
}
