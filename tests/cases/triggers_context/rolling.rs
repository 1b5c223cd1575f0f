//! A program that still says hooks, on a database that has triggers already.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, IntoActiveModel, Set, TransactionSession,
    TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection};

use crate::{
    cases,
    support::{
        airport::{airport, luggage, new_luggage, who},
        case::Case,
        log::{log, trail},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        hooks_stand_back_where_triggers_record,
        a_wrapper_stands_back_and_tells_the_triggers,
        triggers_of_another_log_or_not_of_every_change_count_for_nothing,
        hooks_record_again_when_the_triggers_are_gone,
    ]
}

const VERBS: [&str; 3] = ["INSERT", "UPDATE", "DELETE"];

/// Triggers that say they are ours, and do nothing.
async fn announce(db: &DatabaseConnection, log: &str, verbs: &[&str]) {
    let mark = format!("-- sea-orm-audit triggers {{\"generator\":1,\"log\":\"{log}\"}}");
    if db.get_database_backend() == DbBackend::Postgres {
        let function = format!(
            "CREATE OR REPLACE FUNCTION stamped() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n{mark}\n\
             RETURN NULL; END $$"
        );
        db.execute_unprepared(&function).await.unwrap();
    }
    // One connection, which on SQLite looks at the schema before it says that there is such a trigger already.
    let db = db.begin().await.unwrap();
    if db.get_database_backend() == DbBackend::Sqlite {
        let look = "SELECT count(*) FROM sqlite_master";
        db.execute_unprepared(look).await.unwrap();
    }
    for verb in verbs {
        let name = name(verb);
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => format!(
                "CREATE TRIGGER \"{name}\" AFTER {verb} ON airport_luggage \
                 FOR EACH STATEMENT EXECUTE FUNCTION stamped()"
            ),
            DbBackend::MySql => format!(
                "CREATE TRIGGER {name} AFTER {verb} ON airport_luggage FOR EACH ROW BEGIN\n{mark}\n\
                 SET @nothing = 1; END"
            ),
            _ => format!(
                "CREATE TRIGGER \"{name}\" AFTER {verb} ON airport_luggage FOR EACH ROW BEGIN\n{mark}\n\
                 SELECT 1; END"
            ),
        };
        db.execute_unprepared(&sql).await.unwrap();
    }
    db.commit().await.unwrap();
}

async fn withdraw(db: &DatabaseConnection) {
    for verb in VERBS {
        let name = name(verb);
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => format!("DROP TRIGGER \"{name}\" ON airport_luggage"),
            DbBackend::MySql => format!("DROP TRIGGER {name}"),
            _ => format!("DROP TRIGGER \"{name}\""),
        };
        db.execute_unprepared(&sql).await.unwrap();
    }
}

fn name(verb: &str) -> String {
    let verb = verb.to_lowercase();
    format!("0_audit_{verb}")
}

/// Creates, changes and deletes rows in every way that hooks record.
async fn work<C>(db: &C)
where
    C: ConnectionTrait + TransactionTrait,
{
    let one = new_luggage("one").insert(db).await.unwrap();
    let mut active = one.into_active_model();
    active.name = Set("uno".to_owned());
    active.update(db).await.unwrap().delete(db).await.unwrap();

    let tx = db.begin().await.unwrap();
    new_luggage("two").save(&tx).await.unwrap();
    tx.commit().await.unwrap();

    let rows = ["three", "four"].map(new_luggage);
    let inserted = luggage::Entity::audited_insert_many(rows);
    assert_eq!(inserted.exec(db).await.unwrap().rows_affected, 2);
    let update = luggage::Entity::audited_update_many()
        .col_expr(luggage::Column::Name, Expr::value("many"))
        .filter(luggage::Column::Name.ne("two"));
    let updated = update.exec_with_returning(db).await.unwrap();
    assert_eq!(updated.len(), 2);
    let deleted = luggage::Entity::audited_delete_many();
    assert_eq!(deleted.exec(db).await.unwrap().rows_affected, 3);
}

/// The entries of [`work`].
const ENTRIES: usize = 3 + 1 + 2 + 2 + 3;

async fn hooks_stand_back_where_triggers_record(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    announce(&plain, "audit_log", &VERBS).await;
    work(&plain).await;
    assert_eq!(log(&plain).await, []);
    assert_eq!(who(&plain).await.len(), ENTRIES);
}

async fn a_wrapper_stands_back_and_tells_the_triggers(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    announce(&plain, "audit_log", &VERBS).await;
    let db = AuditedConnection::new(plain.clone());
    AuditContext::new().actor("alice").scope(work(&db)).await;
    assert_eq!(log(&plain).await, []);
    let written = who(&plain).await;
    assert_eq!(written.len(), ENTRIES);
    assert!(
        written
            .iter()
            .all(|(_, actor)| actor.as_deref() == Some("alice"))
    );
    let outer = AuditedConnection::new(AuditedConnection::new(plain.clone()));
    AuditContext::new().actor("bob").scope(work(&outer)).await;
    assert_eq!(log(&plain).await, []);
    let written = who(&plain).await;
    assert!(
        written
            .iter()
            .all(|(_, actor)| actor.as_deref() == Some("bob"))
    );
}

async fn triggers_of_another_log_or_not_of_every_change_count_for_nothing(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    announce(&plain, "other_log", &VERBS).await;
    work(&plain).await;
    assert_eq!(log(&plain).await.len(), ENTRIES);
    work(&AuditedConnection::new(plain.clone())).await;
    assert_eq!(log(&plain).await.len(), 2 * ENTRIES);
    withdraw(&plain).await;
    announce(&plain, "audit_log", &VERBS[..2]).await;
    work(&plain).await;
    assert_eq!(log(&plain).await.len(), 3 * ENTRIES);
}

async fn hooks_record_again_when_the_triggers_are_gone(test: Arc<TestDb>) {
    let plain = airport(&test).await;
    let (first, second) = (
        AuditedConnection::new(plain.clone()),
        AuditedConnection::new(plain.clone()),
    );
    announce(&plain, "audit_log", &VERBS).await;
    work(&plain).await;
    work(&first).await;
    assert_eq!(trail(&plain).await, [""; 0]);
    withdraw(&plain).await;
    work(&plain).await;
    work(&first).await;
    work(&second).await;
    assert_eq!(log(&plain).await.len(), 3 * ENTRIES);
}
