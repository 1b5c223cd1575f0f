//! Ways to write that SeaORM calls no hook for: each changes the table, and the log stays as it was.
//!
//! They are listed under "what is not recorded"; a case that fails here because there is an entry means that the list can
//! be made shorter.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, Set, Statement, StreamTrait, TransactionTrait,
    entity::prelude::Decimal,
    sea_query::{Expr, OnConflict, Query},
    sqlx,
};
use sea_orm_audit::AuditContext;

use crate::{
    cases,
    support::{
        case::Case,
        log::{log, trail},
        magazine::{comment, magazine, post},
        server::{Server, TestDb},
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        entity_insert_is_unseen,
        entity_insert_many_is_unseen,
        entity_upsert_is_unseen,
        entity_insert_or_nothing_is_unseen,
        entity_update_is_unseen,
        entity_update_many_is_unseen,
        entity_delete_is_unseen,
        entity_delete_by_id_is_unseen,
        entity_delete_many_is_unseen,
        sea_query_statements_are_unseen,
        insert_from_select_is_unseen,
        raw_statements_are_unseen,
        writes_through_a_query_method_are_unseen,
        a_write_to_sqlx_itself_is_unseen,
        a_cascade_of_the_database_is_unseen,
    ];
    cases.extend(
        cases![bulk_writes_that_return_rows_are_unseen]
            .into_iter()
            .map(|case| case.only_on(&[Server::Sqlite, Server::Postgres])),
    );
    cases
}

/// Runs a write that changes the table of products, which has `tea` and `milk`, and is not recorded.
async fn unseen(test: &TestDb, write: impl AsyncFnOnce(&DatabaseConnection)) {
    let db = shop(test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    new_product("milk", 120).insert(&db).await.unwrap();
    let products = async || product::Entity::find().all(&db).await.unwrap();
    let (rows, entries) = (products().await, log(&db).await);

    AuditContext::new().actor("alice").scope(write(&db)).await;

    assert_ne!(products().await, rows, "the write did nothing");
    assert_eq!(log(&db).await, entries);
}

async fn find(db: &DatabaseConnection, name: &str) -> product::Model {
    let row = product::Entity::find().filter(product::Column::Name.eq(name));
    row.one(db).await.unwrap().unwrap()
}

fn sql(db: &DatabaseConnection, sql: &str) -> Statement {
    Statement::from_string(db.get_database_backend(), sql)
}

async fn entity_insert_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let insert = |name| product::Entity::insert(new_product(name, 1));
        insert("a").exec(db).await.unwrap();
        insert("b").exec_with_returning(db).await.unwrap();
        insert("c").exec_without_returning(db).await.unwrap();
    })
    .await;
}

async fn entity_insert_many_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let jams = [new_product("plum jam", 1), new_product("quince jam", 2)];
        product::Entity::insert_many(jams).exec(db).await.unwrap();
    })
    .await;
}

async fn entity_upsert_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let on_name = OnConflict::column(product::Column::Name)
            .update_column(product::Column::Stock)
            .to_owned();
        let tea = product::ActiveModel {
            stock: Set(Some(99)),
            ..new_product("tea", 1)
        };
        for written in [tea, new_product("jam", 320)] {
            product::Entity::insert(written)
                .on_conflict(on_name.clone())
                .exec_without_returning(db)
                .await
                .unwrap();
        }
        assert_eq!(find(db, "tea").await.stock, Some(99));
    })
    .await;
}

async fn entity_insert_or_nothing_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        for name in ["tea", "jam"] {
            product::Entity::insert(new_product(name, 1))
                .on_conflict_do_nothing_on([product::Column::Name])
                .exec_without_returning(db)
                .await
                .unwrap();
        }
    })
    .await;
}

async fn entity_update_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let mut tea = find(db, "tea").await.into_active_model();
        tea.stock = Set(Some(2));
        product::Entity::update(tea).exec(db).await.unwrap();
    })
    .await;
}

async fn entity_update_many_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let done = product::Entity::update_many()
            .col_expr(product::Column::Stock, Expr::val(0))
            .exec(db)
            .await
            .unwrap();
        assert_eq!(done.rows_affected, 2);
    })
    .await;
}

async fn bulk_writes_that_return_rows_are_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let updated = product::Entity::update_many()
            .col_expr(product::Column::Stock, Expr::val(0))
            .exec_with_returning(db)
            .await
            .unwrap();
        assert_eq!(updated.len(), 2);
        let deleted = product::Entity::delete_many()
            .filter(product::Column::Name.eq("tea"))
            .exec_with_returning(db)
            .await
            .unwrap();
        assert_eq!(deleted.len(), 1);
        let inserted = product::Entity::insert_many([new_product("jam", 1)])
            .exec_with_returning(db)
            .await
            .unwrap();
        assert_eq!(inserted.len(), 1);
    })
    .await;
}

async fn entity_delete_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let tea = find(db, "tea").await.into_active_model();
        product::Entity::delete(tea).exec(db).await.unwrap();
    })
    .await;
}

async fn entity_delete_by_id_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let tea = find(db, "tea").await.id;
        product::Entity::delete_by_id(tea).exec(db).await.unwrap();
    })
    .await;
}

async fn entity_delete_many_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let done = product::Entity::delete_many().exec(db).await.unwrap();
        assert_eq!(done.rows_affected, 2);
    })
    .await;
}

async fn sea_query_statements_are_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let insert = Query::insert()
            .into_table(product::Entity)
            .columns([product::Column::Name, product::Column::Price])
            .values_panic(["jam".into(), Decimal::new(1, 0).into()])
            .to_owned();
        db.execute(&insert).await.unwrap();
        let update = Query::update()
            .table(product::Entity)
            .value(product::Column::Stock, 5)
            .to_owned();
        db.execute(&update).await.unwrap();
        let delete = Query::delete()
            .from_table(product::Entity)
            .cond_where(product::Column::Name.eq("tea"))
            .to_owned();
        db.execute(&delete).await.unwrap();
    })
    .await;
}

async fn insert_from_select_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let copy = Query::select()
            .expr(Expr::val("copy"))
            .column(product::Column::Price)
            .from(product::Entity)
            .cond_where(product::Column::Name.eq("tea"))
            .to_owned();
        let insert = Query::insert()
            .into_table(product::Entity)
            .columns([product::Column::Name, product::Column::Price])
            .select_from(copy)
            .unwrap()
            .to_owned();
        db.execute(&insert).await.unwrap();
    })
    .await;
}

async fn raw_statements_are_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let update = sql(db, "UPDATE product SET stock = 5 WHERE name = 'tea'");
        db.execute_raw(update).await.unwrap();
        let txn = db.begin().await.unwrap();
        txn.execute_unprepared("DELETE FROM product WHERE name = 'milk'")
            .await
            .unwrap();
        txn.commit().await.unwrap();
    })
    .await;
}

async fn writes_through_a_query_method_are_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let update = |stock| {
            let update = format!("UPDATE product SET stock = {stock} WHERE name = 'tea'");
            match db.support_returning() {
                true => sql(db, &format!("{update} RETURNING id")),
                false => sql(db, &update),
            }
        };
        db.query_all_raw(update(5)).await.unwrap();
        // A stream writes when it is polled, and ends with the statement.
        let mut rows = db.stream_raw(update(6)).await.unwrap();
        while let Some(row) = futures_util::StreamExt::next(&mut rows).await {
            row.unwrap();
        }
        drop(rows);
        assert_eq!(find(db, "tea").await.stock, Some(6));
    })
    .await;
}

async fn a_write_to_sqlx_itself_is_unseen(test: Arc<TestDb>) {
    unseen(&test, async |db| {
        let update = "UPDATE product SET stock = 5";
        match test.server {
            Server::Sqlite => {
                let pool = db.get_sqlite_connection_pool();
                sqlx::query(update).execute(pool).await.map(drop)
            }
            Server::Postgres => {
                let pool = db.get_postgres_connection_pool();
                sqlx::query(update).execute(pool).await.map(drop)
            }
            Server::MySql => {
                let pool = db.get_mysql_connection_pool();
                sqlx::query(update).execute(pool).await.map(drop)
            }
        }
        .unwrap();
    })
    .await;
}

async fn a_cascade_of_the_database_is_unseen(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let post = post::ActiveModel {
        title: Set("hello".to_owned()),
        ..Default::default()
    };
    let post = post.insert(&db).await.unwrap();
    let comment = comment::ActiveModel {
        text: Set("first".to_owned()),
        post_id: Set(post.id),
        ..Default::default()
    };
    let comment = comment.insert(&db).await.unwrap();

    let id = post.id;
    ModelTrait::delete(post, &db).await.unwrap();

    // The post's own delete is recorded; the comment went with it by the foreign key.
    assert_eq!(
        trail(&db).await,
        [
            format!("create magazine_post {id}"),
            format!("create magazine_comment {}", comment.id),
            format!("delete magazine_post {id}"),
        ]
    );
    assert!(comment::Entity::find().all(&db).await.unwrap().is_empty());
}
