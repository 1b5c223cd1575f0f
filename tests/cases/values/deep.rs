//! JSON within JSON within JSON: what reads JSON has a limit, and an entry is one level more.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, Set, TransactionTrait};
use sea_orm_audit::{Audited, AuditedConnection, Error, audit_log};
use serde_json::json;

use crate::{
    cases,
    support::{
        bakery::Db,
        case::Case,
        replay::replay,
        server::{Server, TestDb},
        shop::create_table,
        values::{deep, nested},
    },
};

pub fn cases() -> Vec<Case> {
    cases![deep_json_reads_back_or_is_refused]
}

/// Whether a document of this depth is recorded; where it is not, nothing is written.
async fn holds<C: Db>(db: &C, depth: usize) -> Result<(), sea_orm::DbErr> {
    let row = nested::ActiveModel {
        document: Set(deep(depth)),
        ..Default::default()
    };
    let row = row.insert(db).await?;
    let entry = nested::Entity::history(row.id).one(db).await.unwrap();
    let read = entry.unwrap().new::<nested::Entity>().unwrap();
    assert_eq!(read, Some(row), "{depth}");
    Ok(())
}

async fn deep_json_reads_back_or_is_refused(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, nested::Entity).await;
    let wrapped = AuditedConnection::new(db.clone());
    // MariaDB's own limit is 32 levels, those of the entry included.
    let (held, refused) = match test.server {
        Server::MySql => (30, 130),
        _ => (126, 127),
    };
    for depth in [1, 30, held] {
        holds(&wrapped, depth).await.unwrap();
        let inside = db.begin().await.unwrap();
        holds(&inside, depth).await.unwrap();
        inside.commit().await.unwrap();
    }
    for depth in [31, 32, 33, 99, 100, refused, 200] {
        let before = counts(&db).await;
        if holds(&wrapped, depth).await.is_err() {
            assert!(depth > held, "{depth}");
            assert_eq!(counts(&db).await, before, "{depth}");
        }
        let inside = db.begin().await.unwrap();
        if holds(&inside, depth).await.is_err() {
            assert!(depth > held, "{depth}");
            inside.rollback().await.unwrap();
            assert_eq!(counts(&db).await, before, "{depth}");
        } else {
            inside.commit().await.unwrap();
        }
    }
    for depth in [refused, 200] {
        let inside = db.begin().await.unwrap();
        for result in [holds(&wrapped, depth).await, holds(&inside, depth).await] {
            let err = result.unwrap_err();
            if test.server != Server::MySql {
                assert!(
                    depth == 200
                        || matches!(
                            Error::of(&err),
                            Some(Error::Unencodable {
                                column: "document",
                                ..
                            })
                        ),
                    "{depth}: {err:?}"
                );
            }
        }
        inside.rollback().await.unwrap();
    }
    // A wrapper is a level too: a document that looks like one has one level less.
    if test.server != Server::MySql {
        for (depth, held) in [(124, true), (125, false)] {
            let row = nested::ActiveModel {
                document: Set(json!({"$json": deep(depth)})),
                ..Default::default()
            };
            assert_eq!(row.insert(&wrapped).await.is_ok(), held, "{depth}");
        }
    }
    assert!(!audit_log::Entity::find().all(&db).await.unwrap().is_empty());
    replay::<nested::Entity>(&db).await;
}

async fn counts(db: &DatabaseConnection) -> (usize, usize) {
    let rows = nested::Entity::find().all(db).await.unwrap().len();
    let entries = audit_log::Entity::find().all(db).await.unwrap().len();
    (rows, entries)
}
