//! Writes that are refused, entries that cannot be read, and what the errors do not say.

mod unreadable;

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, Set, TransactionTrait,
};
use sea_orm_audit::{AuditContext, Audited, Error};
use sea_orm_audit_migration::CreateLog;
use sea_orm_migration::MigrationName;
use serde_json::json;

use crate::{
    cases,
    support::{
        case::Case,
        documents::{document, documents, new_document},
        events::Events,
        ledgers::own_log,
        log::log,
        replay::{Replay, replay},
        rights::user_who_may,
        secrets::{MARKER, new_vault, payment, vault},
        server::TestDb,
        shop::{create_table, new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        without_a_log_no_change_is_made,
        without_a_log_no_change_is_made_in_a_transaction,
        without_a_log_no_change_is_made_by_a_restricted_user,
        without_a_log_of_its_own_an_entity_is_not_written,
        a_key_that_is_too_long_is_refused,
        an_actor_or_correlation_id_that_is_too_long_is_refused,
        without_the_actor_it_requires_an_entity_is_not_written,
        a_context_that_is_no_json_is_refused,
        no_error_log_or_warning_tells_a_hidden_value,
    ];
    cases.extend(unreadable::cases());
    cases
}

fn of(err: &DbErr) -> &Error {
    Error::of(err).unwrap_or_else(|| panic!("not ours: {err}"))
}

/// Tries to create, update and delete; each is refused for want of the log.
async fn refused<C: ConnectionTrait>(db: &C, row: &product::Model) {
    let mut change = row.clone().into_active_model();
    change.stock = Set(Some(9));
    let create = new_product("milk", 120).insert(db).await.unwrap_err();
    let update = change.update(db).await.unwrap_err();
    let delete = row.clone().delete(db).await.unwrap_err();
    for err in [create, update, delete] {
        let Error::LogMissing {
            entity,
            log,
            migration,
            ..
        } = of(&err)
        else {
            panic!("{err}");
        };
        assert_eq!((entity.as_str(), log.as_str()), ("product", "audit_log"));
        let migrations = sea_orm_audit_migration::migrations();
        assert_eq!(migration, migrations[0].name());
        assert!(err.to_string().contains(migration.as_str()), "{err}");
    }
}

/// A table with one row, and no log.
async fn without_log(test: &TestDb) -> (DatabaseConnection, product::Model) {
    let db = test.pool(5).await;
    create_table(&db, product::Entity).await;
    let row = AuditContext::suspended("there is no log yet")
        .scope(async { new_product("tea", 250).insert(&db).await.unwrap() })
        .await;
    (db, row)
}

async fn unchanged(db: &DatabaseConnection, row: product::Model) {
    let rows = product::Entity::find().all(db).await.unwrap();
    assert_eq!(rows, vec![row]);
}

async fn without_a_log_no_change_is_made(test: Arc<TestDb>) {
    let (db, row) = without_log(&test).await;
    refused(&db, &row).await;
    unchanged(&db, row).await;
}

async fn without_a_log_no_change_is_made_in_a_transaction(test: Arc<TestDb>) {
    let (db, row) = without_log(&test).await;
    let txn = db.begin().await.unwrap();
    refused(&txn, &row).await;
    // It was refused before a statement failed, so the transaction is as good as before.
    txn.commit().await.unwrap();
    unchanged(&db, row).await;
}

async fn without_a_log_no_change_is_made_by_a_restricted_user(test: Arc<TestDb>) {
    let (db, row) = without_log(&test).await;
    let rights = ["select", "insert", "update", "delete"].map(|right| (right, "product"));
    let clerk = user_who_may(&db, &[&rights[..], &[("insert", "audit_log")]].concat()).await;
    refused(&clerk, &row).await;
    unchanged(&db, row).await;
}

async fn without_a_log_of_its_own_an_entity_is_not_written(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, own_log::Entity).await;
    let row = own_log::ActiveModel {
        amount: Set(1),
        ..Default::default()
    };
    let err = row.insert(&db).await.unwrap_err();

    let Error::LogMissing { log, migration, .. } = of(&err) else {
        panic!("{err}");
    };
    assert_eq!(log, "ledger_audit");
    assert_eq!(migration, CreateLog::named("ledger_audit").name());
    assert!(own_log::Entity::find().all(&db).await.unwrap().is_empty());
}

async fn a_key_that_is_too_long_is_refused(test: Arc<TestDb>) {
    let db = documents(&test).await;
    // Characters are counted, not bytes.
    let fits = "ä".repeat(512);
    let new = document::ActiveModel {
        title: Set("fits".to_owned()),
        ..new_document(&fits)
    };
    new.insert(&db).await.unwrap();

    let too_long = "ä".repeat(513);
    let new = || document::ActiveModel {
        title: Set("another".to_owned()),
        ..new_document(&too_long)
    };
    let create = new().insert(&db).await.unwrap_err();
    let update = new().update(&db).await.unwrap_err();
    let delete = new().delete(&db).await.unwrap_err();
    for err in [create, update, delete] {
        let Error::KeyTooLong {
            entity,
            length: 513,
            limit: 512,
            ..
        } = of(&err)
        else {
            panic!("{err}");
        };
        assert_eq!(entity, "document");
        assert!(!err.to_string().contains('ä'), "{err}");
    }
    assert!(matches!(
        document::Entity::history(too_long.as_str()).all(&db).await,
        Err(err) if matches!(of(&err), Error::KeyTooLong { .. })
    ));
    let history = document::Entity::history(fits.as_str()).all(&db).await;
    assert_eq!(history.unwrap().len(), 1);
    replay::<document::Entity>(&db).await;
}

async fn an_actor_or_correlation_id_that_is_too_long_is_refused(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let text = |length| "ß".repeat(length);
    let fits = AuditContext::new()
        .actor(text(255))
        .correlation_id(text(255));
    let row = fits
        .scope(async { new_product("tea", 250).insert(&db).await.unwrap() })
        .await;

    let contexts = [
        ("actor", AuditContext::new().actor(text(256))),
        (
            "correlation id",
            AuditContext::new().correlation_id(text(256)),
        ),
    ];
    for (expected, context) in contexts {
        let errors = context
            .scope(async {
                let mut change = row.clone().into_active_model();
                change.stock = Set(Some(9));
                [
                    new_product("milk", 120).insert(&db).await.unwrap_err(),
                    change.update(&db).await.unwrap_err(),
                    row.clone().delete(&db).await.unwrap_err(),
                ]
            })
            .await;
        for err in errors {
            let Error::ContextTooLong {
                field,
                length: 256,
                limit: 255,
                ..
            } = of(&err)
            else {
                panic!("{err}");
            };
            assert_eq!(*field, expected);
        }
    }
    unchanged(&db, row).await;
    assert_eq!(log(&db).await[0].actor, Some(text(255)));
    replay::<product::Entity>(&db).await;
}

async fn without_the_actor_it_requires_an_entity_is_not_written(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, payment::Entity).await;
    let new = || payment::ActiveModel {
        amount: Set(1),
        ..Default::default()
    };
    let refused = async || {
        let err = new().insert(&db).await.unwrap_err();
        match of(&err) {
            Error::ActorRequired { entity, .. } => assert_eq!(entity, "payment"),
            other => panic!("{other}"),
        }
    };

    refused().await;
    AuditContext::new().reason("nobody").scope(refused()).await;
    AuditContext::new().actor("").scope(refused()).await;
    AuditContext::new()
        .actor("alice")
        .scope(AuditContext::new().scope(refused()))
        .await;
    assert!(payment::Entity::find().all(&db).await.unwrap().is_empty());

    let row = AuditContext::new()
        .actor("alice")
        .scope(async { new().insert(&db).await.unwrap() })
        .await;
    let mut change = row.clone().into_active_model();
    change.amount = Set(2);
    for err in [
        change.update(&db).await.unwrap_err(),
        row.clone().delete(&db).await.unwrap_err(),
    ] {
        assert!(matches!(of(&err), Error::ActorRequired { .. }), "{err}");
    }
    let rows = payment::Entity::find().all(&db).await.unwrap();
    assert_eq!(rows, vec![row]);
    replay::<payment::Entity>(&db).await;
}

async fn a_context_that_is_no_json_is_refused(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let no_json = BTreeMap::from([([1, 2], MARKER)]);
    let err = AuditContext::new().try_with("limits", &no_json);
    let err = err.unwrap_err();
    assert!(matches!(&err, Error::ContextNotJson { key, .. } if key == "limits"));
    assert!(!format!("{err} {err:?}").contains(MARKER));

    let good = AuditContext::new().try_with("limits", &[1, 2]).unwrap();
    good.scope(async { new_product("tea", 250).insert(&db).await.unwrap() })
        .await;
    assert_eq!(log(&db).await[0].context, Some(json!({"limits": [1, 2]})));
    replay::<product::Entity>(&db).await;
}

/// The whole chain of an error's causes, for humans and for debuggers.
fn texts(err: &dyn std::error::Error) -> String {
    let mut text = format!("{err} {err:?}");
    let mut source = err.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    text
}

async fn no_error_log_or_warning_tells_a_hidden_value(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, vault::Entity).await;
    let events = Events::collect();
    let mut said = String::new();

    let scope = AuditContext::new().actor("alice");
    scope
        .scope(async {
            // Recorded changes, of hidden columns among others.
            let row = new_vault(1).insert(&db).await.unwrap();
            let mut change = row.clone().into_active_model();
            change.secret = Set(format!("{MARKER} another"));
            change.owner = Set("bob".to_owned());
            change.update(&db).await.unwrap();
            let mut hidden = row.clone().into_active_model();
            hidden.hidden = Set(format!("{MARKER} another"));
            hidden.update(&db).await.unwrap();
            Replay::default()
                .excluded(&["hidden"])
                .redacted(&["secret"])
                .check::<vault::Entity>(&db)
                .await;
            // Warnings: unseen, failed, suspended, without a hook before it.
            let mut unseen = row.clone().into_active_model();
            unseen.secret = Set(format!("{MARKER} unseen"));
            unseen.clone().update_without_returning(&db).await.unwrap();
            unseen.update(&db).await.unwrap();
            new_vault(1).insert(&db).await.unwrap_err();
            let seen = vault::ActiveModel::after_save(row.clone(), &db, false).await;
            seen.unwrap();
            AuditContext::suspended("for once")
                .scope(async { new_vault(2).insert(&db).await.unwrap() })
                .await;
            row.delete(&db).await.unwrap();
        })
        .await;
    let warnings = events.containing("");
    assert!(warnings.len() >= 3, "{warnings:?}");
    said += &warnings.join("\n");

    // Refusals.
    let long = AuditContext::new().actor("a".repeat(256));
    let err = long.scope(async { new_vault(3).insert(&db).await });
    said += &texts(&err.await.unwrap_err());
    for entry in log(&db).await {
        said += &format!("{entry:?} {:?}", entry.changes().unwrap());
        for model in [entry.old::<vault::Entity>(), entry.new::<vault::Entity>()] {
            match model {
                Ok(None) => {}
                Ok(Some(_)) => panic!("a model without its hidden columns"),
                Err(err) => said += &texts(&err),
            }
        }
    }
    said += &format!(
        "{:?} {:?}",
        vault::Entity::history(1),
        vault::Entity::OPTIONS
    );
    let gone = "DROP TABLE audit_log";
    db.execute_unprepared(gone).await.unwrap();
    said += &texts(&new_vault(4).insert(&db).await.unwrap_err());

    assert!(said.contains("[redacted]") && said.contains("audit_m0001_create_log"));
    assert!(!said.contains(MARKER), "{said}");
}
