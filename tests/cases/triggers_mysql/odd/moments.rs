//! Dates and times, of which some are none.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::json;

use super::inserted;
use crate::{
    cases,
    cases::triggers_mysql::{items, said},
    support::{
        case::Case,
        plain::{install, run, try_run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        dates_and_times_that_are_none,
        moments_are_the_same_in_every_zone,
    ]
}

async fn dates_and_times_that_are_none(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE odd (id INT PRIMARY KEY, d DATE, t TIME(2), dt DATETIME(1), ts TIMESTAMP(3) NULL, y YEAR)",
    )
    .await;
    let odd = TriggerTable::named("odd")
        .key("id", Kind::Integer)
        .column("d", Kind::Date)
        .column("t", Kind::Time)
        .column("dt", Kind::DateTime)
        .column("ts", Kind::Timestamp)
        .column("y", Kind::Integer);
    install(&db, &odd).await;
    run(
        &db,
        "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'",
    )
    .await;
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (1, '0000-00-00', '838:59:59.99', '0000-00-00', '0000-00-00', 0)").await,
        json!({"id": 1, "d": "0000-00-00", "t": "838:59:59.990000", "dt": "0000-00-00T00:00:00.000000",
               "ts": "0000-00-00T00:00:00.000000Z", "y": 0})
    );
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (2, '2024-02-31', '-100:00:01', '2024-00-00 01:02:03.4', '1970-01-01 00:00:01', 2155)").await,
        json!({"id": 2, "d": "2024-02-31", "t": "-100:00:01.000000", "dt": "2024-00-00T01:02:03.400000",
               "ts": "1970-01-01T00:00:01.000000Z", "y": 2155})
    );
    assert_eq!(
        inserted(&db, "INSERT INTO odd VALUES (3, '9999-12-31', '00:00:00', '9999-12-31 23:59:59.9', '2038-01-19 03:14:07.999', 1901)").await,
        json!({"id": 3, "d": "9999-12-31", "t": "00:00:00.000000", "dt": "9999-12-31T23:59:59.900000",
               "ts": "2038-01-19T03:14:07.999000Z", "y": 1901})
    );
    run(&db, "SET sql_mode = 'TRADITIONAL'").await;
    run(&db, "UPDATE odd SET ts = NULL").await;
    run(&db, "UPDATE odd SET t = '00:00:01' WHERE id = 1").await;
    run(&db, "DELETE FROM odd").await;
    assert_eq!(said(&db).await.len(), 7);
}

/// In an hour that a zone has twice, local time does not tell moments apart. The server's own zone may be such a one.
async fn moments_are_the_same_in_every_zone(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE moment (id INT PRIMARY KEY, ts TIMESTAMP(6) NULL)",
    )
    .await;
    let moment = TriggerTable::named("moment")
        .key("id", Kind::Integer)
        .column("ts", Kind::Timestamp);
    install(&db, &moment).await;
    run(&db, "CREATE TABLE source LIKE moment").await;
    run(&db, "SET time_zone = '+00:00'").await;
    run(
        &db,
        "INSERT INTO source VALUES (1, '2024-10-27 00:30:00.5'), (2, '2024-10-27 01:30:00.5'), (3, '2024-06-01')",
    )
    .await;
    for zone in ["SYSTEM", "+05:30", "Europe/Berlin", "America/St_Johns"] {
        if try_run(&db, &format!("SET time_zone = '{zone}'"))
            .await
            .is_err()
        {
            continue;
        }
        run(&db, "INSERT INTO moment SELECT * FROM source ORDER BY id").await;
        run(
            &db,
            "UPDATE moment SET ts = (SELECT ts FROM source WHERE id = 2) WHERE id = 1",
        )
        .await;
        run(&db, "DELETE FROM moment").await;
        let all = said(&db).await;
        assert_eq!(
            all[0].4["ts"],
            json!("2024-10-27T00:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[1].4["ts"],
            json!("2024-10-27T01:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[2].4["ts"],
            json!("2024-06-01T00:00:00.000000Z"),
            "{zone}"
        );
        assert_eq!(
            all[3].3["ts"],
            json!("2024-10-27T00:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(
            all[3].4["ts"],
            json!("2024-10-27T01:30:00.500000Z"),
            "{zone}"
        );
        assert_eq!(all.len(), 7, "{zone}");
    }
}
