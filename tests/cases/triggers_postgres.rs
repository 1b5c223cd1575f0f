//! What only PostgreSQL's triggers see, and what only PostgreSQL can do to them.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use sea_orm_audit_migration::triggers::{self, Kind, TriggerTable};
use sea_orm_migration::SchemaManager;
use serde_json::{Value as Json, json};

use crate::{
    cases,
    support::{
        case::Case,
        fold::{fold, rows_of},
        plain::{count, install, not_installed, one, refused, run},
        server::{Server, TestDb},
        store::{replay_store, store},
    },
};

pub fn cases() -> Vec<Case> {
    let cases = cases![
        one_statement_over_many_rows_has_an_entry_for_each,
        an_upsert_is_a_create_or_an_update_as_it_happened,
        statements_within_a_statement_are_recorded,
        a_copy_is_recorded,
        cascades_are_recorded,
        a_truncate_is_a_delete_of_each_row,
        a_key_that_changes_keeps_its_record,
        keys_that_change_places_fold_to_the_table,
        partitions_are_one_table,
        a_generated_column_is_recorded,
        odd_names_are_names,
        tables_of_one_name_in_two_schemas_are_two,
        a_column_that_came_later_is_recorded_and_one_that_went_is_not_missed,
        a_column_whose_type_changes_is_recorded_by_its_new_type,
        settings_of_the_session_change_nothing,
        who_writes_needs_no_right_on_the_log,
        a_context_set_by_hand_is_recorded_whatever_it_is,
        an_actor_can_be_required,
        one_row_after_many_single_ones_is_planned_anew,
        a_merge_is_recorded,
        a_dump_that_is_restored_goes_on_recording,
        a_table_of_two_hundred_columns_is_recorded,
        a_trigger_that_changes_the_table_again_is_named,
        the_documented_function_is_the_installed_one,
        a_key_that_may_be_null_is_none,
        nobody_can_put_the_function_onto_a_table_of_their_own,
    ];
    cases
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres]))
        .collect()
}

fn item() -> TriggerTable {
    TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("n", Kind::Integer)
}

/// A table of items with triggers.
async fn items(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text UNIQUE, n integer)",
    )
    .await;
    install(&db, &item()).await;
    db
}

/// Panics unless the log folds to the table.
async fn replay(db: &DatabaseConnection, table: &str, key: &[&str]) {
    assert_eq!(
        fold(db, table, |known, value| {
            // A column that came later was not there to be seen.
            known.unwrap_or(&Json::Null) == value
        })
        .await,
        rows_of(db, table, key).await
    );
}

/// The entries about a table, as `action record_id old new`.
async fn said(db: &DatabaseConnection, entity: &str) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', action, old_record_id || ' ->', record_id, old_values, '|', new_values) AS said \
               FROM audit_log WHERE entity = $1 ORDER BY id";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [entity.into()]);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "said").unwrap())
        .collect()
}

async fn one_statement_over_many_rows_has_an_entry_for_each(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 5000) i",
    )
    .await;
    run(&db, "UPDATE item SET n = n + 1 WHERE id % 2 = 0").await;
    run(&db, "UPDATE item SET n = n WHERE id % 3 = 0").await;
    run(&db, "UPDATE item SET n = 0 WHERE false").await;
    run(&db, "DELETE FROM item WHERE id > 4000").await;
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log").await,
        5000 + 2500 + 1000
    );
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log WHERE action = 'update' AND (new_values ->> 'n')::int = (old_values ->> 'n')::int + 1").await,
        2500
    );
    replay(&db, "item", &["id"]).await;
}

async fn an_upsert_is_a_create_or_an_update_as_it_happened(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'b', 1), (2, 'c', 1) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )
    .await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'x', 9), (3, 'd', 1) ON CONFLICT DO NOTHING",
    )
    .await;
    let mut said = said(&db, "item").await;
    said[1..3].sort();
    assert_eq!(
        said,
        [
            r#"create 1 | {"id":1,"name":"a","n":1}"#,
            r#"create 2 | {"id":2,"name":"c","n":1}"#,
            r#"update 1 {"name":"a"} | {"name":"b"}"#,
            r#"create 3 | {"id":3,"name":"d","n":1}"#,
        ]
    );
    replay(&db, "item", &["id"]).await;
}

async fn statements_within_a_statement_are_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
    )
    .await;
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING *), changed AS (UPDATE item SET n = 20 WHERE id = 2) \
         INSERT INTO item SELECT 4, name, n FROM gone",
    )
    .await;
    // The row that is deleted and the one that is inserted have one key.
    run(
        &db,
        "WITH gone AS (DELETE FROM item WHERE id = 3 RETURNING *) INSERT INTO item SELECT id, name, n + 1 FROM gone",
    )
    .await;
    replay(&db, "item", &["id"]).await;
}

async fn a_merge_is_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    let version = count(&db, "SELECT current_setting('server_version_num')").await;
    if version < 150_000 {
        return;
    }
    run(&db, "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2)").await;
    run(
        &db,
        "MERGE INTO item USING (VALUES (1, 'x'), (2, 'gone'), (3, 'new')) AS v(id, name) ON item.id = v.id \
         WHEN MATCHED AND v.name = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = v.name \
         WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name, 0)",
    )
    .await;
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 5);
    replay(&db, "item", &["id"]).await;
}

async fn a_copy_is_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    let file = format!("/tmp/{}.copy", one(&db, "SELECT current_database()").await);
    run(
        &db,
        &format!("COPY (SELECT i, 'item ' || i, i FROM generate_series(1, 100) i) TO '{file}'"),
    )
    .await;
    run(&db, &format!("COPY item FROM '{file}'")).await;
    std::fs::remove_file(file).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM audit_log").await, 100);
    replay(&db, "item", &["id"]).await;
}

async fn cascades_are_recorded(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TABLE part (id integer PRIMARY KEY, item_id integer REFERENCES item ON DELETE CASCADE ON UPDATE CASCADE, \
         other_id integer REFERENCES item ON DELETE SET NULL ON UPDATE CASCADE)",
    )
    .await;
    let part = TriggerTable::named("part")
        .key("id", Kind::Integer)
        .column("item_id", Kind::Integer)
        .column("other_id", Kind::Integer);
    install(&db, &part).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 20) i",
    )
    .await;
    run(
        &db,
        "INSERT INTO part SELECT i, 1 + i % 20, 1 + (i * 7) % 20 FROM generate_series(1, 200) i",
    )
    .await;
    run(&db, "DELETE FROM item WHERE id IN (1, 2, 3)").await;
    run(
        &db,
        "UPDATE item SET id = id + 100 WHERE id BETWEEN 5 AND 7",
    )
    .await;
    replay(&db, "item", &["id"]).await;
    replay(&db, "part", &["id"]).await;
}

async fn a_truncate_is_a_delete_of_each_row(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "TRUNCATE item").await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 300) i",
    )
    .await;
    run(&db, "TRUNCATE item RESTART IDENTITY CASCADE").await;
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM audit_log WHERE action = 'delete'"
        )
        .await,
        300
    );
    replay(&db, "item", &["id"]).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    let transaction = db.begin().await.unwrap();
    run(&transaction, "TRUNCATE item").await;
    transaction.rollback().await.unwrap();
    replay(&db, "item", &["id"]).await;
}

async fn a_key_that_changes_keeps_its_record(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
    )
    .await;
    run(&db, "UPDATE item SET id = id + 10, n = n * 2 WHERE id < 3").await;
    let said = said(&db, "item").await;
    assert_eq!(
        said[3..],
        [
            r#"update 1 -> 11 {"id":1,"n":1} | {"id":11,"n":2}"#,
            r#"update 2 -> 12 {"id":2,"n":2} | {"id":12,"n":4}"#,
        ]
    );
    run(&db, "UPDATE item SET id = -id").await;
    replay(&db, "item", &["id"]).await;
}

async fn keys_that_change_places_fold_to_the_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text, n integer)",
    )
    .await;
    install(&db, &item()).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 9) i",
    )
    .await;
    for sql in [
        "UPDATE item SET id = 3 - id WHERE id IN (1, 2)",
        "UPDATE item SET id = id + 1",
        "UPDATE item SET id = id + 1, n = n + 1 WHERE id > 4",
        "UPDATE item SET id = CASE id WHEN 2 THEN 3 WHEN 3 THEN 50 ELSE id END, name = name || '!'",
    ] {
        // A key may be there twice until the end of the transaction.
        run(&db, sql).await;
        replay(&db, "item", &["id"]).await;
    }
}

async fn partitions_are_one_table(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer, name text, n integer, PRIMARY KEY (id, n)) PARTITION BY RANGE (n); \
         CREATE TABLE item_low PARTITION OF item FOR VALUES FROM (0) TO (100); \
         CREATE TABLE item_high (n integer NOT NULL, name text, id integer NOT NULL); \
         ALTER TABLE item ATTACH PARTITION item_high FOR VALUES FROM (100) TO (200)",
    )
    .await;
    let table = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .key("n", Kind::Integer)
        .column("name", Kind::Text);
    install(&db, &table).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 150) i",
    )
    .await;
    run(&db, "UPDATE item SET n = n + 100 WHERE id = 1").await;
    assert_eq!(
        said(&db, "item").await.last().unwrap(),
        r#"update [1,1] -> [1,101] {"n":1} | {"n":101}"#
    );
    run(&db, "UPDATE item SET n = 199 - n").await;
    run(&db, "UPDATE item_low SET name = 'low'").await;
    run(
        &db,
        "INSERT INTO item_high (id, name, n) VALUES (500, 'straight', 150)",
    )
    .await;
    run(&db, "DELETE FROM item_high WHERE id % 2 = 0").await;
    replay(&db, "item", &["id", "n"]).await;
    run(&db, "TRUNCATE item_low").await;
    replay(&db, "item", &["id", "n"]).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'again', i - 1000 FROM generate_series(1001, 1150) i",
    )
    .await;
    run(
        &db,
        "CREATE TABLE item_later PARTITION OF item FOR VALUES FROM (200) TO (300)",
    )
    .await;
    run(&db, "INSERT INTO item VALUES (1, 'later', 250)").await;
    run(&db, "TRUNCATE item").await;
    replay(&db, "item", &["id", "n"]).await;
    assert_eq!(
        count(&db, "SELECT count(*) FROM audit_log WHERE entity <> 'item'").await,
        0
    );
    // A partition that came later has no triggers of its own until somebody installs them.
    install(&db, &table).await;
    run(&db, "INSERT INTO item_later VALUES (1, 'later', 250)").await;
    replay(&db, "item", &["id", "n"]).await;
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

async fn odd_names_are_names(test: Arc<TestDb>) {
    let db = test.connect().await;
    let long = "l".repeat(63);
    for (at, table) in [
        "select",
        "it's \"so\"",
        "per%cent %1$s $audit$ $statement$",
        "Ünï\\code",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let quoted = table.replace('"', "\"\"");
        run(
            &db,
            &format!(
                "CREATE TABLE \"{quoted}\" (\"the \"\"id\"\"\" integer PRIMARY KEY, \"order\" text, \"a'b\" text, \"%s $1\" text, \
                 \"audit_who\" text, \"{{x}}\\\" text)"
            ),
        )
        .await;
        let described = TriggerTable::named(table)
            .key("the \"id\"", Kind::Integer)
            .column("order", Kind::Text)
            .column("a'b", Kind::Text)
            .column("%s $1", Kind::Text)
            .redacted("{x}\\", Kind::Text)
            .column("audit_who", Kind::Text);
        install(&db, &described).await;
        run(
            &db,
            &format!("INSERT INTO \"{quoted}\" SELECT {at}, 'a', 'b', 'c', 'd', 'e'"),
        )
        .await;
        run(&db, &format!("UPDATE \"{quoted}\" SET \"order\" = 'x', \"a'b\" = 'it''s', \"%s $1\" = NULL, \"{{x}}\\\" = 'f'")).await;
        run(
            &db,
            &format!("UPDATE \"{quoted}\" SET \"the \"\"id\"\"\" = 77"),
        )
        .await;
        let said = said(&db, table).await;
        assert_eq!(
            said[1],
            format!(
                r#"update {at} {{"order":"a","a'b":"b","%s $1":"c","{{x}}\\":"[redacted]"}} | {{"order":"x","a'b":"it's","%s $1":null,"{{x}}\\":"[redacted]"}}"#
            )
        );
        assert_eq!(said.len(), 3);
        // And once more by the way that asks the catalogue.
        run(
            &db,
            &format!("ALTER TABLE \"{quoted}\" ADD \"new '%s\" text DEFAULT 'n'"),
        )
        .await;
        run(
            &db,
            &format!("UPDATE \"{quoted}\" SET \"new '%s\" = 'it''s'"),
        )
        .await;
        run(
            &db,
            &format!("UPDATE \"{quoted}\" SET \"the \"\"id\"\"\" = 78"),
        )
        .await;
        run(&db, &format!("TRUNCATE \"{quoted}\"")).await;
        assert_eq!(self::said(&db, table).await.len(), 6);
        described.drop(&SchemaManager::new(&db)).await.unwrap();
    }
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
        )
        .await,
        0
    );
}

async fn tables_of_one_name_in_two_schemas_are_two(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(&db, "CREATE SCHEMA archive; CREATE TABLE archive.item (id integer PRIMARY KEY, name text, n integer)").await;
    let archived = TriggerTable::named("archive.item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .column("n", Kind::Integer);
    install(&db, &archived).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1)").await;
    run(
        &db,
        "INSERT INTO archive.item VALUES (1, 'b', 1), (2, 'c', 1)",
    )
    .await;
    // Whoever writes may have any search path.
    let transaction = db.begin().await.unwrap();
    run(
        &transaction,
        "SET LOCAL search_path = archive, pg_temp; UPDATE item SET n = 2",
    )
    .await;
    transaction.commit().await.unwrap();
    assert_eq!(said(&db, "item").await.len(), 1);
    assert_eq!(said(&db, "archive.item").await.len(), 4);
    replay(&db, "item", &["id"]).await;
    replay(&db, "archive.item", &["id"]).await;
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

async fn who_writes_needs_no_right_on_the_log(test: Arc<TestDb>) {
    let db = items(&test).await;
    let role = format!("writer_{}", one(&db, "SELECT current_database()").await);
    run(
        &db,
        &format!("CREATE ROLE {role}; GRANT INSERT, UPDATE, DELETE, SELECT ON item TO {role}"),
    )
    .await;
    let transaction = db.begin().await.unwrap();
    run(
        &transaction,
        &format!(
            "SET LOCAL ROLE {role}; INSERT INTO item VALUES (1, 'a', 1); UPDATE item SET n = 2"
        ),
    )
    .await;
    transaction.commit().await.unwrap();
    replay(&db, "item", &["id"]).await;
    run(&db, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
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

/// A plan that was made for one row and kept would join the two images of many row by row.
async fn one_row_after_many_single_ones_is_planned_anew(test: Arc<TestDb>) {
    let db = test.pool(1).await;
    <sea_orm_audit_migration::Migrator as sea_orm_migration::MigratorTrait>::up(&db, None)
        .await
        .unwrap();
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, n integer)",
    )
    .await;
    install(&db, &item()).await;
    run(
        &db,
        "INSERT INTO item SELECT i, 'item ' || i, i FROM generate_series(1, 20000) i",
    )
    .await;
    for _ in 0..8 {
        run(&db, "UPDATE item SET n = n + 1 WHERE id = 1").await;
    }
    run(&db, "SET statement_timeout = '20s'; UPDATE item SET n = n + 1; UPDATE item SET id = id + 20000; RESET statement_timeout").await;
    replay(&db, "item", &["id"]).await;
}

async fn a_dump_that_is_restored_goes_on_recording(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TYPE mood AS ENUM ('sad', 'glad'); ALTER TABLE item ADD feels mood",
    )
    .await;
    install(&db, &item().column("feels", Kind::Text)).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1, 'sad')").await;
    let name = one(&db, "SELECT current_database()").await;
    let server = Server::Postgres.url().unwrap();
    let copy = TestDb::create(Server::Postgres).await;
    let dump = std::process::Command::new("pg_dump")
        .arg(format!("{server}/{name}"))
        .output()
        .unwrap();
    assert!(dump.status.success(), "{dump:?}");
    let restored = copy.pool(1).await;
    // Whatever psql alone understands is no part of what is restored.
    let sql: String = String::from_utf8(dump.stdout)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('\\'))
        .map(|line| format!("{line}\n"))
        .collect();
    let without_data: String = {
        let mut kept = String::new();
        let mut copying = false;
        for line in sql.lines() {
            if line.starts_with("COPY ") {
                copying = true;
            } else if copying {
                copying = line != "\\." && !line.is_empty();
            } else {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    };
    run(&restored, &without_data).await;
    run(&restored, "RESET ALL; INSERT INTO public.item VALUES (2, 'b', 2, 'glad'); UPDATE public.item SET feels = 'sad'").await;
    assert_eq!(
        said(&restored, "item").await,
        [
            r#"create 2 | {"id":2,"name":"b","n":2,"feels":"glad"}"#,
            r#"update 2 {"feels":"glad"} | {"feels":"sad"}"#,
        ]
    );
    restored.close().await.unwrap();
    copy.remove().await;
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

async fn a_trigger_that_changes_the_table_again_is_named(test: Arc<TestDb>) {
    let db = store(&test).await;
    run(
        &db,
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF pg_trigger_depth() = 1 THEN UPDATE store_ware SET stock = stock + 1; END IF; RETURN NULL; END $$; \
         CREATE TRIGGER a_touch AFTER UPDATE ON store_ware FOR EACH STATEMENT EXECUTE FUNCTION touch()",
    )
    .await;
    // One that fires for each statement comes after ours.
    run(&db, "INSERT INTO store_ware (name, price, stock, seen) VALUES ('tea', 1, 1, 0), ('mug', 1, 5, 0)").await;
    run(&db, "UPDATE store_ware SET price = 2").await;
    replay_store(&db).await;
    let gaps = async || {
        let status = triggers::status(&db).await.unwrap();
        status.table("store_ware").unwrap().gaps.clone()
    };
    assert!(gaps().await.is_empty());
    run(
        &db,
        "CREATE TRIGGER z_touch AFTER UPDATE ON store_ware FOR EACH ROW EXECUTE FUNCTION touch()",
    )
    .await;
    let gaps = gaps().await;
    assert!(gaps.len() == 1 && gaps[0].contains("z_touch"), "{gaps:?}");
}

/// With `AUDIT_BLESS_DOCS` set it writes the page instead of comparing it.
async fn the_documented_function_is_the_installed_one(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric(12, 2))",
    )
    .await;
    let table = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .redacted("price", Kind::Decimal);
    install(&db, &table).await;
    let function = one(&db, "SELECT pg_get_functiondef('audit_item'::regproc)").await;
    let triggers = one(
        &db,
        "SELECT string_agg(pg_get_triggerdef(oid) || ';', E'\\n' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass",
    )
    .await;
    let installed = format!("{function}\n{triggers}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/triggers.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mark = "<!-- installed on PostgreSQL -->\n```sql\n";
    let (before, documented) = page.split_once(mark).unwrap();
    let (documented, after) = documented.split_once("```").unwrap();
    if std::env::var_os("AUDIT_BLESS_DOCS").is_some() {
        std::fs::write(path, format!("{before}{mark}{installed}```{after}")).unwrap();
    } else {
        // Servers of other versions write the settings in another way.
        let version = count(
            &db,
            "SELECT current_setting('server_version_num')::int / 10000",
        )
        .await;
        assert!(
            documented == installed || version != 15,
            "docs/triggers.md shows something else than\n{installed}"
        );
    }
}

async fn a_key_that_may_be_null_is_none(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer UNIQUE, name text, n integer)",
    )
    .await;
    let err = not_installed(&db, &item()).await;
    assert!(
        matches!(
            triggers::Error::of(&err),
            Some(triggers::Error::NoKey { .. })
        ),
        "{err}"
    );
    run(&db, "ALTER TABLE item ALTER id SET NOT NULL").await;
    install(&db, &item()).await;
}

/// Its rows would be in the log as the audited table's.
async fn nobody_can_put_the_function_onto_a_table_of_their_own(test: Arc<TestDb>) {
    let db = items(&test).await;
    let role = format!("forger_{}", one(&db, "SELECT current_database()").await);
    run(
        &db,
        &format!("CREATE ROLE {role}; GRANT CREATE, USAGE ON SCHEMA public TO {role}"),
    )
    .await;
    let transaction = db.begin().await.unwrap();
    let forge = format!(
        "SET LOCAL ROLE {role}; CREATE TABLE forged (id integer, name text, n integer); \
         CREATE TRIGGER forge AFTER INSERT ON forged REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT \
         EXECUTE FUNCTION audit_item()"
    );
    let err = refused(&transaction, &forge).await;
    assert!(
        err.contains("permission denied for function audit_item"),
        "{err}"
    );
    transaction.rollback().await.unwrap();
    run(&db, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
