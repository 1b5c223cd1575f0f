//! Other statements of the query builder, and raw ones.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, Statement, StatementBuilder, StreamTrait,
    entity::prelude::*,
    sea_query::{
        CommonTableExpression, OnConflict, Query, SelectStatement, Table, WithClause, WithQuery,
    },
};
use sea_orm_audit::Error;

use super::{count, keyed, refused};
use crate::{
    cases,
    support::{
        case::Case,
        replay::replay,
        server::{Server, TestDb},
        shop::{audited, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        statements_of_the_query_builder_are_recorded_or_refused,
        what_hides_in_a_with_is_refused,
        a_truncate_is_refused,
        a_stream_of_writes_is_refused,
        raw_statements_pass,
    ]
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
