//! Inserts, by their keys or by what they give back.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set, TryInsertResult,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};

use super::{count, keyed, refused};
use crate::{
    cases,
    support::{
        case::Case,
        replay::{entries, replay},
        server::{Server, TestDb},
        shop::{audited, create_table, new_product, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        an_insert_that_gives_nothing_back_is_recorded_by_its_key_or_refused,
        keys_that_come_back_are_enough,
        an_insert_or_nothing_is_recorded_where_it_inserts,
        a_numbered_row_that_is_there_already_makes_no_entry,
        an_insert_from_a_select_is_recorded_where_its_rows_come_back,
    ]
}

/// Two columns that are one of a kind together, under a number of its own.
mod pair {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "pair")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
    }
}

async fn an_insert_that_gives_nothing_back_is_recorded_by_its_key_or_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let insert = product::Entity::insert(keyed(7, "a"));
    assert_eq!(insert.exec_without_returning(&db).await.unwrap(), 1);
    let numbered = product::Entity::insert(new_product("b", 1))
        .exec_without_returning(&db)
        .await;
    if test.server == Server::Postgres {
        // It tells the number to nobody who does not ask for it.
        refused(numbered);
        assert_eq!(count(&plain).await, 1);
    } else {
        assert_eq!(numbered.unwrap(), 1);
        assert_eq!(count(&plain).await, 2);
    }
    replay::<product::Entity>(&plain).await;
}

async fn keys_that_come_back_are_enough(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let many = product::Entity::insert_many([new_product("a", 1), new_product("b", 2)]);
    let keys = many.exec_with_returning_keys(&db).await;
    if test.server == Server::MySql {
        assert!(matches!(keys, Err(DbErr::BackendNotSupported { .. })));
        assert_eq!(count(&plain).await, 0);
    } else {
        assert_eq!(keys.unwrap().len(), 2);
        assert_eq!(count(&plain).await, 2);
    }
    replay::<product::Entity>(&plain).await;
}

async fn an_insert_or_nothing_is_recorded_where_it_inserts(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let first = product::Entity::insert(keyed(1, "a")).on_conflict_do_nothing();
    assert!(matches!(
        first.exec(&db).await.unwrap(),
        TryInsertResult::Inserted(_)
    ));
    assert_eq!(count(&plain).await, 1);
    // MySQL says that it inserted; the log knows better.
    let again = product::Entity::insert(keyed(1, "a")).on_conflict_do_nothing();
    again.exec(&db).await.unwrap();
    assert_eq!(count(&plain).await, 1);
    // Nothing comes back here, so that only what fails can be told.
    let quiet = product::Entity::insert(keyed(3, "c")).on_conflict_do_nothing();
    let quiet = quiet.exec_without_returning(&db).await;
    let expected = if test.server == Server::Postgres {
        refused(quiet);
        1
    } else {
        quiet.unwrap();
        let again = product::Entity::insert(keyed(3, "c")).on_conflict_do_nothing();
        again.exec_without_returning(&db).await.unwrap();
        2
    };
    assert_eq!(count(&plain).await, expected);
    let both = [keyed(1, "a"), keyed(2, "b")];
    let both = product::Entity::insert_many(both)
        .on_conflict_do_nothing()
        .exec(&db)
        .await;
    if test.server == Server::MySql {
        refused(both);
        assert_eq!(count(&plain).await, expected);
    } else {
        both.unwrap();
        assert_eq!(count(&plain).await, expected + 1);
    }
    replay::<product::Entity>(&plain).await;
}

async fn a_numbered_row_that_is_there_already_makes_no_entry(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    create_table(&plain, pair::Entity).await;
    let insert = |name: &str| {
        let row = pair::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        let nothing = OnConflict::new()
            .do_nothing_on([pair::Column::Id])
            .to_owned();
        pair::Entity::insert(row).on_conflict(nothing)
    };
    for name in ["a", "a", "b", "a"] {
        let inserted = insert(name).exec(&db).await;
        assert!(
            matches!(inserted, Ok(_) | Err(DbErr::RecordNotInserted)),
            "{inserted:?}"
        );
    }
    let log = entries(&plain, "audit_log", "pair").await;
    assert_eq!(log.len(), 2);
    assert_eq!(pair::Entity::find().count(&plain).await.unwrap(), 2);
    replay::<pair::Entity>(&plain).await;
}

async fn an_insert_from_a_select_is_recorded_where_its_rows_come_back(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    keyed(1, "a").insert(&db).await.unwrap();
    let rows = Query::select()
        .expr(Expr::cust("id + 100"))
        .expr(Expr::cust("'copy'"))
        .column(product::Column::Price)
        .from(product::Entity)
        .to_owned();
    let copy = Query::insert()
        .into_table(product::Entity)
        .columns([
            product::Column::Id,
            product::Column::Name,
            product::Column::Price,
        ])
        .select_from(rows)
        .unwrap()
        .to_owned();
    refused(db.execute(&copy).await);
    assert_eq!(count(&plain).await, 1);
    if test.server != Server::MySql {
        let returning = copy.clone().returning_all().to_owned();
        assert_eq!(db.query_all(&returning).await.unwrap().len(), 1);
        assert_eq!(count(&plain).await, 2);
    }
    replay::<product::Entity>(&plain).await;
}
