//! `kill -9` of a process that writes, at any moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait, entity::prelude::*,
};

use crate::{
    cases,
    support::{
        case::Case,
        dice::Dice,
        replay::{entries, replay},
        server::TestDb,
        shop::{product, shop},
        writer::{Through, Writer},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_killed_writer_leaves_a_change_and_its_entry_or_neither,
        without_a_transaction_a_kill_tears_a_change_from_its_entry,
    ]
}

const KILLS: u32 = 200;

/// After so many kills, table and log begin anew: a long log takes long to replay.
const KILLS_IN_ONE_LOG: u32 = 20;

/// The counter-proof is over long before.
const MOST_KILLS: u32 = 200;

async fn a_killed_writer_leaves_a_change_and_its_entry_or_neither(test: Arc<TestDb>) {
    let started = Instant::now();
    let db = single(&test).await;
    let mut dice = Dice::random();
    let mut written = 0;
    for kill in 1..=KILLS {
        kill_one(Through::AuditedConnection, &test, &mut dice);
        wait_until_alone(&db).await;
        replay::<product::Entity>(&db).await;
        if kill % KILLS_IN_ONE_LOG == 0 {
            written += entries(&db, "audit_log", "product").await.len();
            clear(&db).await;
        }
    }
    assert!(written > 1000, "so few entries prove little: {written}");
    println!(
        "{}: {KILLS} kills of an audited writer, {written} entries, no loss, {:.1?}",
        test.server,
        started.elapsed()
    );
}

/// The counter-proof: the same kills are seen where hooks write an entry after the change.
async fn without_a_transaction_a_kill_tears_a_change_from_its_entry(test: Arc<TestDb>) {
    let started = Instant::now();
    let db = single(&test).await;
    let mut dice = Dice::random();
    // Left in peace, this writer loses nothing.
    let mut writer = Writer::start(Through::PlainConnection, &test.url());
    writer.wait_for(100);
    writer.stop();
    replay::<product::Entity>(&db).await;
    assert_eq!(losses(&db).await, 0);
    for kill in 1..=MOST_KILLS {
        kill_one(Through::PlainConnection, &test, &mut dice);
        wait_until_alone(&db).await;
        let losses = losses(&db).await;
        if losses > 0 {
            println!(
                "{}: {kill} kills of a writer without transactions, {losses} changes without an entry, {:.1?}",
                test.server,
                started.elapsed()
            );
            return;
        }
        if kill % KILLS_IN_ONE_LOG == 0 {
            clear(&db).await;
        }
    }
    panic!("{MOST_KILLS} kills, and no change lost its entry: the kills prove nothing");
}

/// Starts a writer and kills it at a random moment of its work.
fn kill_one(through: Through, test: &TestDb, dice: &mut Dice) {
    let mut writer = Writer::start(through, &test.url());
    writer.wait_for(1 + dice.below(25));
    std::thread::sleep(Duration::from_micros(dice.below(20_000)));
    writer.kill();
}

/// The only connection that is left once the writer is gone.
async fn single(test: &TestDb) -> DatabaseConnection {
    shop(test).await.close().await.unwrap();
    test.pool(1).await
}

/// Waits until the server has noticed that the writer is gone: what was sent before may still be carried out.
async fn wait_until_alone(db: &DatabaseConnection) {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
             AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        }
        DbBackend::MySql => {
            "SELECT id FROM information_schema.processlist \
             WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        }
        // The locks of a process end with it.
        _ => return,
    };
    let others = || db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
    let wait = async {
        while !others().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait)
        .await
        .expect("the writer's connections end");
}

async fn clear(db: &DatabaseConnection) {
    let tx = db.begin().await.unwrap();
    for table in ["product", "audit_log"] {
        tx.execute_unprepared(&format!("DELETE FROM {table}"))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// How many products are there, gone or changed without an entry that says so.
///
/// The oracle would stop at the first; this one counts.
async fn losses(db: &DatabaseConnection) -> usize {
    let mut logged = BTreeMap::<String, Option<i64>>::new();
    for entry in entries(db, "audit_log", "product").await {
        match entry.new {
            None => logged.remove(&entry.record_id),
            Some(new) => logged.insert(entry.record_id, new["stock"].as_i64()),
        };
    }
    let products = product::Entity::find().all(db).await.unwrap();
    let table: BTreeMap<String, Option<i64>> = products
        .into_iter()
        .map(|product| (product.id.to_string(), product.stock))
        .collect();
    let keys: BTreeSet<&String> = logged.keys().chain(table.keys()).collect();
    keys.into_iter()
        .filter(|key| logged.get(*key) != table.get(*key))
        .count()
}
