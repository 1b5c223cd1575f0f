//! Columns that come, go, change, or are many.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{Kind, TriggerTable};

use super::{item, items, replay, said};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{install, refused, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_generated_column_is_recorded,
        a_column_that_came_later_is_recorded_and_one_that_went_is_not_missed,
        a_column_whose_type_changes_is_recorded_by_its_new_type,
        a_table_of_two_hundred_columns_is_recorded,
    ]
}

async fn a_generated_column_is_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, n integer GENERATED ALWAYS AS (id * 2) STORED)",
    )
    .await;
    install(&db, &item()).await;
    run(&db, "INSERT INTO item (id, name) VALUES (1, 'a')").await;
    run(&db, "UPDATE item SET id = 5").await;
    assert_eq!(
        said(&db, "item").await,
        [
            r#"create 1 | {"id":1,"name":"a","n":2}"#,
            r#"update 1 -> 5 {"id":1,"n":2} | {"id":5,"n":10}"#,
        ]
    );
    replay(&db, "item", &["id"]).await;
}

async fn a_column_that_came_later_is_recorded_and_one_that_went_is_not_missed(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "ALTER TABLE item ADD price numeric(8, 2) DEFAULT 1.10, ADD seen timestamptz",
    )
    .await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', 1, 2.50, '2026-11-21 12:00:00+01')",
    )
    .await;
    run(
        &db,
        "UPDATE item SET price = 2.500, n = 2, seen = '2026-11-21 11:00:00+00'",
    )
    .await;
    run(&db, "UPDATE item SET price = 3, seen = NULL, id = 7").await;
    run(&db, "ALTER TABLE item DROP n, DROP name").await;
    run(&db, "UPDATE item SET price = 4").await;
    run(&db, "DELETE FROM item").await;
    assert_eq!(
        said(&db, "item").await,
        [
            r#"create 1 | {"id":1,"name":"a","n":1,"price":"2.50","seen":"2026-11-21T11:00:00.000000Z"}"#,
            r#"update 1 {"n":1} | {"n":2}"#,
            r#"update 1 -> 7 {"id":1,"price":"2.50","seen":"2026-11-21T11:00:00.000000Z"} | {"id":7,"price":"3.00","seen":null}"#,
            r#"update 7 {"price":"3.00"} | {"price":"4.00"}"#,
            r#"delete 7 {"id":7,"price":"4.00","seen":null} |"#,
        ]
    );
    run(&db, "ALTER TABLE item RENAME id TO number").await;
    let err = refused(&db, "INSERT INTO item VALUES (1)").await;
    assert!(
        err.contains("(audit) the key column id of public.item is gone"),
        "{err}"
    );
}

async fn a_column_whose_type_changes_is_recorded_by_its_new_type(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    run(
        &db,
        "ALTER TABLE item ALTER n TYPE numeric(6, 2), ALTER name TYPE bytea USING name::bytea",
    )
    .await;
    run(&db, "UPDATE item SET n = 1.000, name = '\\xff'").await;
    run(&db, "ALTER TABLE item ALTER n TYPE point USING point(n, n)").await;
    run(&db, "UPDATE item SET n = point(2, 2)").await;
    assert_eq!(
        said(&db, "item").await[1..],
        [
            r#"update 1 {"name":"61"} | {"name":"ff"}"#,
            r#"update 1 {"n":"(1,1)"} | {"n":"(2,2)"}"#,
        ]
    );
}

async fn a_table_of_two_hundred_columns_is_recorded(test: Arc<TestDb>) {
    let db = test.connect().await;
    let columns: Vec<String> = (0..200)
        .map(|at| format!("c{at} integer DEFAULT {at}"))
        .collect();
    run(
        &db,
        &format!(
            "CREATE TABLE item (id integer PRIMARY KEY, {})",
            columns.join(", ")
        ),
    )
    .await;
    let table = (0..200).fold(
        TriggerTable::named("item").key("id", Kind::Integer),
        |table, at| table.column(format!("c{at}"), Kind::Integer),
    );
    install(&db, &table).await;
    run(&db, "INSERT INTO item (id) VALUES (1)").await;
    run(&db, "UPDATE item SET c7 = 8, c199 = NULL").await;
    assert_eq!(
        said(&db, "item").await[1],
        r#"update 1 {"c7":7,"c199":199} | {"c7":8,"c199":null}"#
    );
    replay(&db, "item", &["id"]).await;
}
