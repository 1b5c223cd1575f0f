//! Arrays with nulls in them, which only PostgreSQL has.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, Set};
use sea_orm_audit::{Audited, AuditedConnection};
use serde_json::json;

use crate::support::{
    case::Case,
    replay::replay,
    server::{Server, TestDb},
    shop::create_table,
    values::{Sparse, sparse},
};

pub fn cases() -> Vec<Case> {
    let case = Case::new("nulls_in_an_array_read_back", nulls_in_an_array_read_back);
    vec![case.only_on(&[Server::Postgres])]
}

/// SeaORM cannot write a null into an array, so somebody else does.
async fn nulls_in_an_array_read_back(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, sparse::Entity).await;
    let wrapped = AuditedConnection::new(db.clone());
    let row = sparse::ActiveModel {
        name: Set("a".to_owned()),
        numbers: Set(Sparse(vec![Some(1)])),
        maybe: Set(None),
        ..Default::default()
    };
    let row = row.insert(&wrapped).await.unwrap();
    db.execute_unprepared("UPDATE sparse_value SET numbers = '{NULL,2,NULL}', maybe = '{NULL}'")
        .await
        .unwrap();
    let before = sparse::Entity::find_by_id(row.id)
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(before.numbers, Sparse(vec![None, Some(2), None]));
    assert_eq!(before.maybe, Some(Sparse(vec![None])));

    let mut change = before.clone().into_active_model();
    change.name = Set("b".to_owned());
    let after = change.update(&wrapped).await.unwrap();
    let mut empty = after.clone().into_active_model();
    empty.numbers = Set(Sparse(Vec::new()));
    empty.maybe = Set(None);
    let last = empty.update(&wrapped).await.unwrap();
    let id = last.id;
    last.clone().delete(&wrapped).await.unwrap();

    let history = sparse::Entity::history(id).all(&db).await.unwrap();
    let [delete, emptied, renamed, _] = history.as_slice() else {
        panic!("{history:?}");
    };
    assert_eq!(renamed.old::<sparse::Entity>().unwrap(), Some(before));
    assert_eq!(
        renamed.new::<sparse::Entity>().unwrap(),
        Some(after.clone())
    );
    assert_eq!(emptied.old::<sparse::Entity>().unwrap(), Some(after));
    assert_eq!(emptied.new::<sparse::Entity>().unwrap(), Some(last.clone()));
    assert_eq!(delete.old::<sparse::Entity>().unwrap(), Some(last));
    let values = renamed.new_values.as_ref().unwrap();
    assert_eq!(values["numbers"], json!([null, 2, null]));
    assert_eq!(values["maybe"], json!([null]));
    // The write past the library is the application's own; of what it saw, the log and the table agree.
    assert!(sparse::Entity::find().all(&db).await.unwrap().is_empty());
    let again = sparse::ActiveModel {
        name: Set("c".to_owned()),
        numbers: Set(Sparse(vec![Some(i32::MIN), Some(i32::MAX)])),
        maybe: Set(Some(Sparse(Vec::new()))),
        ..Default::default()
    };
    again.insert(&wrapped).await.unwrap();
    db.execute_unprepared(&format!("DELETE FROM audit_log WHERE record_id = '{id}'"))
        .await
        .unwrap();
    replay::<sparse::Entity>(&db).await;
}
