//! Entries that a newer version or a human hand has written.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait, DatabaseConnection, ModelTrait, Set};
use sea_orm_audit::{Audited, Error, audit_log};
use serde_json::{Value, json};

use crate::{
    cases,
    support::{
        case::Case,
        documents::document,
        log::log,
        replay::replay,
        secrets::MARKER,
        server::TestDb,
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        an_entry_that_cannot_be_read_does_not_hide_the_others,
        a_value_of_the_wrong_type_is_an_error_of_its_entry,
        an_entry_about_another_table_is_no_model,
    ]
}

/// An entry as somebody else wrote it.
async fn by_hand(db: &DatabaseConnection, action: &str, old: Option<Value>, new: Option<Value>) {
    let entry = audit_log::ActiveModel {
        occurred_at: Set(sea_orm::entity::prelude::DateTimeUtc::UNIX_EPOCH),
        action: Set(action.parse().unwrap()),
        entity: Set("product".to_owned()),
        record_id: Set("1".to_owned()),
        old_values: Set(old),
        new_values: Set(new),
        ..Default::default()
    };
    entry.insert(db).await.unwrap();
}

async fn an_entry_that_cannot_be_read_does_not_hide_the_others(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let object = || Some(json!({"stock": 1}));
    let strange = [
        ("merge", object(), object()),
        ("", object(), object()),
        ("update", Some(json!(7)), object()),
        ("update", Some(json!([1])), object()),
        ("update", object(), Some(json!("text"))),
        ("update", object(), None),
        ("create", None, None),
        ("create", object(), object()),
        ("delete", None, None),
        ("delete", object(), object()),
    ];
    let count = strange.len();
    for (action, old, new) in strange {
        by_hand(&db, action, old, new).await;
    }
    tea.clone().delete(&db).await.unwrap();

    let mut history = product::Entity::history(tea.id).all(&db).await.unwrap();
    history.reverse();
    assert_eq!(history.len(), count + 2);
    for entry in &history[1..=count] {
        let errors = [
            entry.changes().unwrap_err(),
            entry.old::<product::Entity>().unwrap_err(),
            entry.new::<product::Entity>().unwrap_err(),
        ];
        for err in errors {
            assert!(
                matches!(err, Error::UnreadableEntry { id, .. } if id == entry.id),
                "{entry:?}: {err}"
            );
        }
    }
    assert_eq!(history[1].action.as_str(), "merge");
    let (first, last) = (&history[0], &history[count + 1]);
    assert_eq!(first.new::<product::Entity>().unwrap(), Some(tea.clone()));
    assert_eq!(first.old::<product::Entity>().unwrap(), None);
    assert_eq!(last.old::<product::Entity>().unwrap(), Some(tea));
    assert_eq!(last.changes().unwrap().len(), 4);
}

async fn a_value_of_the_wrong_type_is_an_error_of_its_entry(test: Arc<TestDb>) {
    let db = shop(&test).await;
    let row =
        |id: Value, price: Value| json!({"id": id, "name": "tea", "price": price, "stock": 1});
    by_hand(&db, "create", None, Some(row(json!(MARKER), json!("2.50")))).await;
    by_hand(&db, "create", None, Some(row(json!(1), json!([MARKER])))).await;
    by_hand(&db, "create", None, Some(row(Value::Null, json!("2.50")))).await;
    by_hand(&db, "create", None, Some(json!({"id": 1}))).await;
    by_hand(&db, "create", None, Some(row(json!(1), json!("2.50")))).await;

    let entries = log(&db).await;
    for (entry, expected) in entries.iter().zip(["id", "price", "id"]) {
        let err = entry.new::<product::Entity>().unwrap_err();
        assert!(
            matches!(&err, Error::UnreadableValue { id, column, .. } if *id == entry.id && column == expected),
            "{err}"
        );
        assert!(!format!("{err} {err:?}").contains(MARKER));
        // What changed can be told without knowing the types.
        assert_eq!(entry.changes().unwrap().len(), 4);
    }
    let partial = entries[3].new::<product::Entity>().unwrap_err();
    assert!(
        matches!(&partial, Error::PartialImage { columns, .. } if columns == &["name", "price", "stock"]),
        "{partial}"
    );
    assert!(entries[4].new::<product::Entity>().unwrap().is_some());
}

async fn an_entry_about_another_table_is_no_model(test: Arc<TestDb>) {
    let db = shop(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let err = log(&db).await[0].new::<document::Entity>().unwrap_err();
    assert!(
        matches!(&err, Error::WrongEntity { expected, found, .. }
            if expected == "document" && found == "product"),
        "{err}"
    );
    replay::<product::Entity>(&db).await;
}
