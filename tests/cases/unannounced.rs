//! What an `AuditedConnection` does with statements that no active model announces: it records them or refuses them.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    MockDatabase, MockExecResult, Set, Statement, StatementBuilder, StreamTrait,
    TransactionSession, TransactionTrait, TryInsertResult,
    entity::prelude::*,
    sea_query::{
        CommonTableExpression, OnConflict, Query, SelectStatement, Table, WithClause, WithQuery,
    },
};
use sea_orm_audit::{AuditContext, AuditedConnection, Error};

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        replay::{entries, replay},
        server::{Server, TestDb},
        shop::{audited, create_table, new_product, product},
    },
};

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

pub fn cases() -> Vec<Case> {
    cases![
        an_insert_that_gives_nothing_back_is_recorded_by_its_key_or_refused,
        keys_that_come_back_are_enough,
        an_insert_or_nothing_is_recorded_where_it_inserts,
        a_numbered_row_that_is_there_already_makes_no_entry,
        statements_of_the_query_builder_are_recorded_or_refused,
        an_insert_from_a_select_is_recorded_where_its_rows_come_back,
        what_hides_in_a_with_is_refused,
        a_truncate_is_refused,
        a_stream_of_writes_is_refused,
        raw_statements_pass,
        a_suspended_scope_lets_everything_pass_and_says_so,
        a_mock_and_its_transactions_see_nothing_of_it,
        an_outer_wrapper_takes_the_inner_ones_settings_over,
    ]
}

async fn count(db: &DatabaseConnection) -> usize {
    entries(db, "audit_log", "product").await.len()
}

fn refused<T: std::fmt::Debug>(result: Result<T, DbErr>) {
    let err = result.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::Unrecordable { entity, .. }) if entity == "product"),
        "{err}"
    );
}

fn keyed(id: i32, name: &str) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(id),
        ..new_product(name, 1)
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

async fn statements_of_the_query_builder_are_recorded_or_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let insert = Query::insert()
        .into_table(product::Entity)
        .columns([
            product::Column::Id,
            product::Column::Name,
            product::Column::Price,
        ])
        .values_panic([4.into(), "a".into(), 2.into()])
        .to_owned();
    db.execute(&insert).await.unwrap();
    assert_eq!(count(&plain).await, 1);
    replay::<product::Entity>(&plain).await;

    // An expression instead of a value hides the key.
    let hidden = Query::insert()
        .into_table(product::Entity)
        .columns([
            product::Column::Id,
            product::Column::Name,
            product::Column::Price,
        ])
        .values_panic([Expr::cust("2 + 3"), "b".into(), 2.into()])
        .to_owned();
    let hidden = db.execute(&hidden).await;
    refused(hidden);

    let update = Query::update()
        .table(product::Entity)
        .value(product::Column::Price, 3)
        .to_owned();
    refused(db.execute(&update).await);
    if test.server != Server::MySql {
        let returning = update.clone().returning_all().to_owned();
        refused(db.query_all(&returning).await);
        refused(db.query_one(&returning).await);
    }

    let upsert = insert
        .clone()
        .on_conflict(
            OnConflict::column(product::Column::Id)
                .update_column(product::Column::Name)
                .to_owned(),
        )
        .to_owned();
    refused(db.execute(&upsert).await);

    let delete = Query::delete()
        .from_table(product::Entity)
        .and_where(product::Column::Name.eq("a"))
        .to_owned();
    assert_eq!(db.execute(&delete).await.unwrap().rows_affected(), 1);
    assert_eq!(count(&plain).await, 2);
    replay::<product::Entity>(&plain).await;
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

async fn what_hides_in_a_with_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    keyed(1, "a").insert(&db).await.unwrap();
    let one: SelectStatement = Query::select().expr(Expr::cust("1")).to_owned();
    let with = |query| {
        let cte = CommonTableExpression::new()
            .query(query)
            .table_name("w")
            .to_owned();
        WithClause::new().cte(cte).to_owned()
    };
    let mut delete = Query::delete().from_table(product::Entity).to_owned();
    let outside: WithQuery = delete.clone().with(with(one.clone()));
    refused(db.execute(&outside).await);
    if test.server == Server::Postgres {
        let inside: WithQuery = one
            .clone()
            .from("w")
            .to_owned()
            .with(with_delete(delete.returning_all().to_owned()));
        refused(db.query_all(&inside).await);
    }
    assert_eq!(count(&plain).await, 1);
    replay::<product::Entity>(&plain).await;
}

fn with_delete(delete: sea_orm::sea_query::DeleteStatement) -> WithClause {
    let cte = CommonTableExpression::new()
        .query(delete)
        .table_name("w")
        .to_owned();
    WithClause::new().cte(cte).to_owned()
}

async fn a_truncate_is_refused(test: Arc<TestDb>) {
    if test.server == Server::Sqlite {
        // It has none; this is what it has instead, and it is recorded.
        let (plain, db) = audited(&test).await;
        keyed(1, "a").insert(&db).await.unwrap();
        product::Entity::delete_many().exec(&db).await.unwrap();
        assert_eq!(count(&plain).await, 2);
        return;
    }
    let (plain, db) = audited(&test).await;
    keyed(1, "a").insert(&db).await.unwrap();
    let truncate = Table::truncate().table(product::Entity).to_owned();
    refused(db.execute(&truncate).await);
    replay::<product::Entity>(&plain).await;
}

async fn a_stream_of_writes_is_refused(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    keyed(1, "a").insert(&db).await.unwrap();
    let delete = Query::delete()
        .from_table(product::Entity)
        .returning_all()
        .to_owned();
    if test.server != Server::MySql {
        let err = StreamTrait::stream(&db, &delete).await.err().unwrap();
        assert!(
            matches!(Error::of(&err), Some(Error::Unrecordable { .. })),
            "{err}"
        );
    }
    let read: Vec<_> = product::Entity::find()
        .stream(&db)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(read.len(), 1);
    replay::<product::Entity>(&plain).await;
}

async fn raw_statements_pass(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    keyed(1, "a").insert(&db).await.unwrap();
    let update = Query::update()
        .table(product::Entity)
        .value(product::Column::Stock, 9)
        .to_owned();
    let update: Statement = StatementBuilder::build(&update, &test.backend());
    assert_eq!(db.execute_raw(update).await.unwrap().rows_affected(), 1);
    db.execute_unprepared("UPDATE product SET stock = 10")
        .await
        .unwrap();
    assert_eq!(
        product::Entity::find()
            .one(&plain)
            .await
            .unwrap()
            .unwrap()
            .stock,
        Some(10)
    );
    assert_eq!(count(&plain).await, 1);
}

async fn a_suspended_scope_lets_everything_pass_and_says_so(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let events = Events::collect();
    AuditContext::suspended("moving house")
        .scope(async {
            let tea = keyed(1, "a").insert(&db).await.unwrap();
            let mut change = tea.into_active_model();
            change.stock = Set(None);
            change.update(&db).await.unwrap();
            let all =
                product::Entity::update_many().col_expr(product::Column::Stock, Expr::value(3));
            all.exec(&db).await.unwrap();
            product::Entity::delete_many().exec(&db).await.unwrap();
        })
        .await;
    assert_eq!(count(&plain).await, 0);
    assert_eq!(events.containing("moving house").len(), 4);
    replay::<product::Entity>(&plain).await;
}

async fn a_mock_and_its_transactions_see_nothing_of_it(test: Arc<TestDb>) {
    let backend = test.backend();
    let tea = product::Model {
        id: 1,
        name: "a".to_owned(),
        price: 1.into(),
        stock: None,
    };
    let mock = || {
        let done = MockExecResult {
            last_insert_id: 1,
            rows_affected: 1,
        };
        MockDatabase::new(backend)
            .append_query_results([[tea.clone()]])
            .append_exec_results([done])
            .into_connection()
    };
    // What SeaORM sends when no hook runs.
    let bare = mock();
    let tx = bare.begin().await.unwrap();
    let insert = product::Entity::insert(keyed(1, "a"));
    assert_eq!(insert.exec_with_returning(&tx).await.unwrap(), tea);
    tx.commit().await.unwrap();

    let db = AuditedConnection::new(mock());
    let tx = db.begin().await.unwrap();
    assert_eq!(keyed(1, "a").insert(&tx).await.unwrap(), tea);
    tx.commit().await.unwrap();
    assert_eq!(
        db.into_inner().into_transaction_log(),
        bare.into_transaction_log()
    );
}

async fn an_outer_wrapper_takes_the_inner_ones_settings_over(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let inner = db.require_actor().allow_bypass("inner");
    let outer = AuditedConnection::new(inner);
    let err = keyed(1, "a").insert(&outer).await.unwrap_err();
    assert!(
        matches!(Error::of(&err), Some(Error::ActorRequired { .. })),
        "{err}"
    );
    let outer = outer.acting_as("outer");
    keyed(1, "a").insert(&outer).await.unwrap();
    let tx = outer.begin().await.unwrap();
    keyed(2, "b").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let update = product::Entity::update_many().col_expr(product::Column::Stock, Expr::value(1));
    update.exec(&outer).await.unwrap();
    let log = sea_orm_audit::audit_log::Entity::find()
        .all(&plain)
        .await
        .unwrap();
    assert_eq!(log.len(), 2);
    assert!(
        log.iter()
            .all(|entry| entry.actor.as_deref() == Some("outer"))
    );
    replay::<product::Entity>(&plain).await;
}
