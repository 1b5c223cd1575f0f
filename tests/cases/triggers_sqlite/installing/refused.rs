//! What cannot be installed.

use std::sync::Arc;

use sea_orm_audit_migration::{
    CreateTriggerSupport,
    triggers::{Error, Kind, TriggerTable},
};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use super::{assert_ours, drop_of, open};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{install, not_installed, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![what_cannot_be_recorded_is_refused_in_words,]
}

async fn what_cannot_be_recorded_is_refused_in_words(test: Arc<TestDb>) {
    let db = open(&test).await;
    for sql in [
        "CREATE VIEW seen AS SELECT * FROM item",
        "CREATE VIRTUAL TABLE words USING fts5(id, name)",
        "CREATE TABLE loose (id INTEGER, name TEXT)",
        "CREATE UNIQUE INDEX some ON loose (id) WHERE id > 0",
        "CREATE UNIQUE INDEX computed ON loose (id, abs(id))",
        "CREATE TABLE joint (id INTEGER, name TEXT, PRIMARY KEY (id, name))",
        "CREATE TABLE taken (id INTEGER PRIMARY KEY)",
        "CREATE TRIGGER audit_insert_taken AFTER INSERT ON item BEGIN SELECT 1; END",
    ] {
        run(&db, sql).await;
    }
    let of = |name: &str| TriggerTable::named(name).key("id", Kind::Integer);
    let is = |actual: &str, expected: &str| actual == expected;
    let err = async |table: TriggerTable| not_installed(&db, &table).await;
    assert_ours!(err(of("none")).await, Error::TableMissing { table } if is(table, "none"));
    assert_ours!(err(of("elsewhere.item")).await, Error::TableMissing { .. });
    assert_ours!(err(of("seen")).await, Error::NotATable { what, .. } if is(what, "a view"));
    assert_ours!(err(of("words")).await, Error::NotATable { what, .. } if is(what, "a virtual table"));
    assert_ours!(err(of("words_data")).await, Error::NotATable { what, .. } if is(what, "a shadow table"));
    assert_ours!(err(of("item").log("none")).await, Error::LogMissing { log, .. } if is(log, "none"));
    assert_ours!(err(of("item").column("x", Kind::Text)).await, Error::ColumnMissing { column, .. } if is(column, "x"));
    assert_ours!(err(of("loose")).await, Error::NoKey { .. });
    assert_ours!(err(of("joint")).await, Error::NoKey { .. });
    assert_ours!(err(of("taken")).await, Error::Unsupported { .. });
    assert_ours!(err(of("temp.item")).await, Error::TableMissing { .. });
    install(&db, &of("joint").key("name", Kind::Text)).await;
    run(&db, "CREATE UNIQUE INDEX every ON loose (id)").await;
    install(&db, &of("loose").column("name", Kind::Text)).await;
    assert_eq!(
        Error::of(&err(of("seen")).await).unwrap().to_string(),
        "`seen` is a view, and only a table can have these triggers"
    );
    drop_of(&db, &of("joint")).await;
    drop_of(&db, &of("loose")).await;
    CreateTriggerSupport
        .down(&SchemaManager::new(&db))
        .await
        .unwrap();
    assert_ours!(err(of("item")).await, Error::SupportMissing { migration } if is(migration, "audit_m0002_create_trigger_support"));
}
