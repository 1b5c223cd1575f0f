//! What the session of a writer says, and what it does not change.

use std::sync::Arc;

use sea_orm::TransactionTrait;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use super::{item, items, replay};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{count, install, one, refused, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        settings_of_the_session_change_nothing,
        a_context_set_by_hand_is_recorded_whatever_it_is,
        an_actor_can_be_required,
    ]
}

async fn settings_of_the_session_change_nothing(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, at timestamptz, local timestamp, day date, f real, d double precision, \
         b bytea, span interval, x xml, m money)",
    )
    .await;
    let table = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("at", Kind::Timestamp)
        .column("local", Kind::DateTime)
        .column("day", Kind::Date)
        .column("f", Kind::Float)
        .column("d", Kind::Double)
        .column("b", Kind::Bytes)
        .column("span", Kind::Text)
        .column("x", Kind::Text);
    install(&db, &table).await;
    let write = |id: u32| {
        format!(
            "INSERT INTO item VALUES ({id}, '2026-11-21 12:34:56.5+00'::timestamptz, TIMESTAMP '2026-11-21 12:34:56', DATE '2026-11-21', \
             0.1::real, 0.1::float8 + 0.2::float8, decode('00ff', 'hex'), interval 'P1DT2H', '<a/>')"
        )
    };
    let quiet = "UPDATE item SET at = at, local = local, f = f, d = d, b = b, span = span";
    run(&db, &write(1)).await;
    let settings = [
        "SET LOCAL TimeZone = 'Asia/Kathmandu'",
        "SET LOCAL bytea_output = 'escape'",
        "SET LOCAL IntervalStyle = 'sql_standard'",
        "SET LOCAL DateStyle = 'German, DMY'",
        "SET LOCAL extra_float_digits = -15",
        "SET LOCAL standard_conforming_strings = off",
        "SET LOCAL backslash_quote = on",
        "SET LOCAL search_path = pg_temp",
        "SET LOCAL plan_cache_mode = force_generic_plan",
        "SET LOCAL xmlbinary = 'hex'",
        "SET LOCAL lc_numeric = 'C'",
    ];
    for (at, setting) in settings.into_iter().enumerate() {
        let transaction = db.begin().await.unwrap();
        run(&transaction, setting).await;
        run(
            &transaction,
            &write(at as u32 + 2).replace("INTO item", "INTO public.item"),
        )
        .await;
        run(
            &transaction,
            &quiet.replace("UPDATE item", "UPDATE public.item"),
        )
        .await;
        transaction.commit().await.unwrap();
    }
    let entries = "SELECT count(DISTINCT regexp_replace(new_values::text, '\"id\":[0-9]+', '')) FROM audit_log";
    assert_eq!(count(&db, entries).await, 1);
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log").await,
        1 + settings.len() as i64
    );
}

async fn a_context_set_by_hand_is_recorded_whatever_it_is(test: Arc<TestDb>) {
    let db = items(&test).await;
    let cases = [
        (
            "SET LOCAL audit.actor = 'alice'",
            json!(["alice", null, null]),
        ),
        (
            "SET LOCAL audit.correlation_id = 'r-1'",
            json!([null, "r-1", null]),
        ),
        (
            r#"SET LOCAL audit.context = '{"reason": "why"}'"#,
            json!([null, null, {"reason": "why"}]),
        ),
        (
            "SET LOCAL audit.context = 'not json'",
            json!([null, null, {"context": "not json"}]),
        ),
        (
            "SET LOCAL audit.context = '[1]'",
            json!([null, null, {"context": [1]}]),
        ),
        (
            "SET LOCAL audit.actor = ''",
            json!([null, null, {"database_user": "postgres"}]),
        ),
        (
            "SELECT 1",
            json!([null, null, {"database_user": "postgres"}]),
        ),
    ];
    for (at, (setting, expected)) in cases.into_iter().enumerate() {
        let transaction = db.begin().await.unwrap();
        run(&transaction, setting).await;
        run(
            &transaction,
            &format!("INSERT INTO item VALUES ({at}, 'item {at}', 1)"),
        )
        .await;
        transaction.commit().await.unwrap();
        let said = one(
            &db,
            "SELECT json_build_array(actor, correlation_id, context) FROM audit_log ORDER BY id DESC LIMIT 1",
        )
        .await;
        assert_eq!(
            serde_json::from_str::<Json>(&said).unwrap(),
            expected,
            "{setting}"
        );
    }
    let transaction = db.begin().await.unwrap();
    let err = refused(
        &transaction,
        &format!(
            "SET LOCAL audit.actor = '{}'; DELETE FROM item",
            "x".repeat(256)
        ),
    )
    .await;
    assert!(
        err.contains("(audit) audit.actor has 256 characters"),
        "{err}"
    );
    transaction.rollback().await.unwrap();
    replay(&db, "item", &["id"]).await;
}

async fn an_actor_can_be_required(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, n integer)",
    )
    .await;
    install(&db, &item().require_actor()).await;
    let err = refused(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    assert!(
        err.contains("(audit) a change of item needs an actor"),
        "{err}"
    );
    run(
        &db,
        "UPDATE item SET n = 1; DELETE FROM item; TRUNCATE item",
    )
    .await;
    run(
        &db,
        "BEGIN; SET LOCAL audit.actor = 'alice'; INSERT INTO item VALUES (1, 'a', 1); COMMIT",
    )
    .await;
    let err = refused(&db, "TRUNCATE item").await;
    assert!(
        err.contains("(audit) a change of item needs an actor"),
        "{err}"
    );
    replay(&db, "item", &["id"]).await;
}
