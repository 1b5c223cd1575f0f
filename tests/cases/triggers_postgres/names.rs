//! Names of every kind, in every schema.

use std::sync::Arc;

use sea_orm::TransactionTrait;
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use sea_orm_migration::SchemaManager;

use super::{items, replay, said};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{count, install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        odd_names_are_names,
        tables_of_one_name_in_two_schemas_are_two,
    ]
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
