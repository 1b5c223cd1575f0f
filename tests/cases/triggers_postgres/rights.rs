//! Who needs which rights.

use std::sync::Arc;

use sea_orm::TransactionTrait;

use super::{items, replay};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{one, refused, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        who_writes_needs_no_right_on_the_log,
        nobody_can_put_the_function_onto_a_table_of_their_own,
    ]
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
