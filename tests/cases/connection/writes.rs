//! Each way to write.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
    Set, entity::prelude::*, sea_query::OnConflict,
};
use sea_orm_audit::{AuditedConnection, Error};

use super::is_unrecordable;
use crate::{
    cases,
    support::{
        case::Case,
        log::actions,
        replay::{entries, replay},
        server::{Server, TestDb},
        shop::{audited, create_table, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        every_write_of_an_active_model_is_recorded,
        an_update_without_returning_is_recorded,
        an_unannounced_insert_is_recorded,
        an_unannounced_insert_of_many_is_recorded_or_refused,
        an_upsert_is_refused,
        an_unannounced_update_is_refused,
        an_unannounced_delete_is_recorded,
        a_failed_write_leaves_nothing,
        of_two_entities_of_a_table_the_one_that_writes_is_recorded,
    ]
}

async fn every_write_of_an_active_model_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let mut change = tea.clone().into_active_model();
    change.stock = Set(None);
    let tea = change.update(&db).await.unwrap();
    // Nothing is set, so nothing is written.
    tea.clone().into_active_model().update(&db).await.unwrap();
    // The same value again is no change.
    let mut same = tea.clone().into_active_model();
    same.name = Set("tea".to_owned());
    same.update(&db).await.unwrap();
    new_product("oil", 900).save(&db).await.unwrap();
    assert_eq!(tea.delete(&db).await.unwrap().rows_affected, 1);
    assert_eq!(
        actions(&plain, "product").await,
        ["create", "update", "create", "delete"]
    );
    replay::<product::Entity>(&plain).await;
}

async fn an_update_without_returning_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let mut change = tea.into_active_model();
    change.stock = Set(Some(9));
    change.update_without_returning(&db).await.unwrap();
    assert_eq!(actions(&plain, "product").await, ["create", "update"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_insert_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    product::Entity::insert(new_product("tea", 250))
        .exec(&db)
        .await
        .unwrap();
    let oil = product::Entity::insert(new_product("oil", 900))
        .exec_with_returning(&db)
        .await;
    assert_eq!(oil.unwrap().name, "oil");
    let mut given = new_product("rye", 100);
    given.id = Set(77);
    product::Entity::insert(given).exec(&db).await.unwrap();
    assert_eq!(
        actions(&plain, "product").await,
        ["create", "create", "create"]
    );
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_insert_of_many_is_recorded_or_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let many = || ["a", "b", "c"].map(|name| new_product(name, 1));
    let inserted = product::Entity::insert_many(many()).exec(&db).await;
    if test.server == Server::MySql {
        // The numbers that it gave to several rows are not in its answer.
        assert!(is_unrecordable(&inserted.unwrap_err(), "insert"));
        assert!(actions(&plain, "product").await.is_empty());
    } else {
        inserted.unwrap();
        assert_eq!(
            actions(&plain, "product").await,
            ["create", "create", "create"]
        );
    }
    // With their keys given, they can be told everywhere.
    let given = [(11, "x"), (12, "y")].map(|(id, name)| product::ActiveModel {
        id: Set(id),
        ..new_product(name, 2)
    });
    product::Entity::insert_many(given)
        .exec_without_returning(&db)
        .await
        .unwrap();
    replay::<product::Entity>(&plain).await;
}

async fn an_upsert_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    let upsert = product::Entity::insert(new_product("tea", 300)).on_conflict(
        OnConflict::column(product::Column::Name)
            .update_column(product::Column::Price)
            .to_owned(),
    );
    assert!(is_unrecordable(
        &upsert.exec(&db).await.unwrap_err(),
        "insert"
    ));
    assert_eq!(actions(&plain, "product").await, ["create"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_update_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    let many = product::Entity::update_many()
        .col_expr(product::Column::Stock, Expr::value(5))
        .filter(product::Column::Id.eq(tea.id));
    assert!(is_unrecordable(
        &many.exec(&db).await.unwrap_err(),
        "update"
    ));
    let mut one = tea.into_active_model();
    one.stock = Set(Some(5));
    assert!(is_unrecordable(
        &product::Entity::update(one).exec(&db).await.unwrap_err(),
        "update"
    ));
    assert_eq!(actions(&plain, "product").await, ["create"]);
    replay::<product::Entity>(&plain).await;
}

async fn an_unannounced_delete_is_recorded(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    for name in ["a", "b", "c", "d"] {
        new_product(name, 1).insert(&db).await.unwrap();
    }
    let two = product::Entity::delete_many().filter(product::Column::Name.is_in(["a", "b"]));
    assert_eq!(two.exec(&db).await.unwrap().rows_affected, 2);
    product::Entity::delete_by_id(3).exec(&db).await.unwrap();
    product::Entity::delete_by_id(3).exec(&db).await.unwrap();
    if test.server == Server::MySql {
        product::Entity::delete_many().exec(&db).await.unwrap();
    } else {
        let rest = product::Entity::delete_many()
            .exec_with_returning(&db)
            .await
            .unwrap();
        assert_eq!(rest.len(), 1);
    }
    assert_eq!(actions(&plain, "product").await[4..], ["delete"; 4]);
    replay::<product::Entity>(&plain).await;
}

async fn a_failed_write_leaves_nothing(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let tea = new_product("tea", 250).insert(&db).await.unwrap();
    new_product("tea", 1).insert(&db).await.unwrap_err();
    let gone = product::ActiveModel {
        id: Set(99),
        stock: Set(None),
        ..Default::default()
    };
    assert_eq!(
        gone.clone().update(&db).await.unwrap_err(),
        DbErr::RecordNotUpdated
    );
    assert_eq!(gone.delete(&db).await.unwrap().rows_affected, 0);
    let oil = new_product("oil", 1).insert(&db).await.unwrap();
    let mut clash = oil.into_active_model();
    clash.name = Set(tea.name);
    clash.update(&db).await.unwrap_err();
    assert_eq!(actions(&plain, "product").await, ["create", "create"]);
    replay::<product::Entity>(&plain).await;
}

/// Another entity of the products' table, which knows less of it.
mod label {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "shared")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }
}

mod shared {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "shared")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub note: Option<String>,
    }
}

async fn of_two_entities_of_a_table_the_one_that_writes_is_recorded(test: Arc<TestDb>) {
    let plain = test.connect().await;
    create_table(&plain, shared::Entity).await;
    let db = AuditedConnection::new(plain.clone());
    let whole = shared::ActiveModel {
        name: Set("a".to_owned()),
        note: Set(Some("n".to_owned())),
        ..Default::default()
    };
    let row = whole.insert(&db).await.unwrap();
    let mut change = row.clone().into_active_model();
    change.note = Set(None);
    let row = change.update(&db).await.unwrap();
    replay::<shared::Entity>(&plain).await;
    let err = shared::Entity::delete_many().exec(&db).await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::AmbiguousEntity { entity, .. }) if entity == "shared"),
        "{err}"
    );
    row.delete(&db).await.unwrap();
    let log = entries(&plain, "audit_log", "shared").await;
    assert!(log[2].old.as_ref().unwrap().contains_key("note"));
    replay::<shared::Entity>(&plain).await;
    assert_eq!(label::Entity::find().count(&plain).await.unwrap(), 0);
}
