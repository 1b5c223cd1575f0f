//! An `AuditedConnection` around whatever SeaORM has, and all of SeaORM through it.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, IntoActiveModel,
    LoaderTrait, MockDatabase, MockExecResult, QueryOrder, Set, Statement, TransactionOptions,
    TransactionSession, TransactionTrait,
    entity::prelude::*,
    rbac::{RbacContext, RbacUserId},
};
use sea_orm_audit::AuditedConnection;

use crate::{
    cases,
    support::{
        blog::{
            author, create_blog, load_author, new_author, post, post_tag, replay_blog, rewrite, tag,
        },
        case::Case,
        log::actions,
        replay::{entries, replay},
        server::TestDb,
        shop::{audited, new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_transaction_that_was_begun_before_is_recorded,
        a_restricted_connection_is_recorded,
        a_mock_sees_nothing_of_it,
        every_way_to_read_works,
        nested_models_are_recorded_row_by_row,
        every_way_to_begin_a_transaction_works,
        what_changes_nothing_gives_what_seaorm_gives,
        a_missing_table_gives_what_seaorm_gives,
    ]
}

/// Creates, updates and deletes a product, and deletes another one without its active model.
async fn write_each_way<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let tea = new_product("tea", 250).insert(db).await?;
    new_product("oil", 900).insert(db).await?;
    let mut change = tea.into_active_model();
    change.stock = Set(None);
    let tea = change.update(db).await?;
    tea.delete(db).await?;
    product::Entity::delete_many().exec(db).await.map(drop)
}

const EACH_WAY: [&str; 5] = ["create", "create", "update", "delete", "delete"];

async fn a_transaction_that_was_begun_before_is_recorded(test: Arc<TestDb>) {
    let plain = shop(&test).await;
    let lost = AuditedConnection::new(plain.begin().await.unwrap());
    write_each_way(&lost).await.unwrap();
    lost.rollback().await.unwrap();
    assert!(actions(&plain, "product").await.is_empty());

    let tx = AuditedConnection::new(AuditedConnection::new(plain.begin().await.unwrap()));
    write_each_way(&tx).await.unwrap();
    let nested = tx.begin().await.unwrap();
    new_product("rye", 100).insert(&nested).await.unwrap();
    nested.commit().await.unwrap();
    tx.commit().await.unwrap();
    let all = [EACH_WAY.as_slice(), &["create"]].concat();
    assert_eq!(actions(&plain, "product").await, all);
    replay::<product::Entity>(&plain).await;
}

/// Users of a database whose tables each role may use in its own way.
async fn restrict(db: &DatabaseConnection) {
    sea_orm::rbac::schema::create_tables(db, Default::default())
        .await
        .unwrap();
    let mut rbac = RbacContext::load(db).await.unwrap();
    rbac.add_tables(db, &["product", "audit_log"])
        .await
        .unwrap();
    rbac.add_crud_permissions(db).await.unwrap();
    rbac.add_roles(db, &["clerk", "stranger"]).await.unwrap();
    rbac.assign_user_role(db, &[(1, "clerk"), (2, "stranger")])
        .await
        .unwrap();
    let all = ["select", "insert", "update", "delete"];
    for (role, rights, table) in [
        ("clerk", all.as_slice(), "product"),
        ("clerk", &["insert"], "audit_log"),
        ("stranger", &all, "product"),
    ] {
        rbac.add_role_permissions(db, role, rights, &[table])
            .await
            .unwrap();
    }
    db.load_rbac().await.unwrap();
}

async fn a_restricted_connection_is_recorded(test: Arc<TestDb>) {
    let plain = shop(&test).await;
    restrict(&plain).await;
    let clerk = AuditedConnection::new(plain.restricted_for(RbacUserId(1)).unwrap());
    write_each_way(&clerk).await.unwrap();
    clerk
        .transaction::<_, (), DbErr>(|tx| Box::pin(async move { write_each_way(tx).await }))
        .await
        .unwrap();
    let twice = [EACH_WAY, EACH_WAY].concat();
    assert_eq!(actions(&plain, "product").await, twice);

    // Whoever may not write the log may not change what is in it.
    let stranger = AuditedConnection::new(plain.restricted_for(RbacUserId(2)).unwrap());
    let denied = |err: DbErr| matches!(err, DbErr::AccessDenied { .. });
    assert!(denied(write_each_way(&stranger).await.unwrap_err()));
    let tx = stranger.begin().await.unwrap();
    assert!(denied(write_each_way(&tx).await.unwrap_err()));
    tx.commit().await.unwrap_err();
    assert_eq!(actions(&plain, "product").await, twice);
    replay::<product::Entity>(&plain).await;
}

async fn a_mock_sees_nothing_of_it(test: Arc<TestDb>) {
    let row = product::Model {
        id: 1,
        name: "tea".to_owned(),
        price: Decimal::new(250, 2),
        stock: None,
    };
    let mock = || {
        let result = MockExecResult {
            last_insert_id: 1,
            rows_affected: 1,
        };
        MockDatabase::new(test.backend())
            .append_query_results(vec![[row.clone()]; 8])
            .append_exec_results(vec![result; 8])
            .into_connection()
    };
    async fn write<C: ConnectionTrait + TransactionTrait>(db: &C) -> Vec<String> {
        let insert = product::Entity::insert(new_product("tea", 250));
        let found = product::Entity::find_by_id(1).one(db).await.unwrap();
        let mut change = found.clone().unwrap().into_active_model();
        change.stock = Set(Some(1));
        let changed = change.update(db).await.unwrap();
        let tx = db.begin().await.unwrap();
        let inserted = insert.exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();
        let deleted = changed.clone().delete(db).await.unwrap();
        vec![
            format!("{found:?}"),
            format!("{changed:?}"),
            format!("{inserted:?}"),
            format!("{deleted:?}"),
        ]
    }
    let (plain, db) = (mock(), AuditedConnection::new(mock()));
    assert_eq!(write(&plain).await, write(&db).await);
    let logs = [plain, db.into_inner()].map(DatabaseConnection::into_transaction_log);
    assert!(!logs[0].is_empty());
    assert_eq!(logs[0], logs[1]);
}

async fn every_way_to_read_works(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    create_blog(&plain).await;
    let tx = db.begin().await.unwrap();
    new_author().insert(&tx).await.unwrap();
    for name in ["a", "b", "c", "d", "e"] {
        new_product(name, 1).insert(&tx).await.unwrap();
    }
    read(&tx).await;
    let streamed: Vec<_> = product::Entity::find()
        .stream(&tx)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(streamed.len(), 5);
    tx.commit().await.unwrap();
    read(&db).await;
    let streamed: Vec<_> = product::Entity::find()
        .stream(&db)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(streamed.len(), 5);
    replay::<product::Entity>(&plain).await;
    replay_blog(&plain).await;
}

async fn read<C: ConnectionTrait>(db: &C) {
    let authors = author::Entity::find().all(db).await.unwrap();
    let posts = authors.load_many(post::Entity, db).await.unwrap();
    assert_eq!(posts[0].len(), 1);
    let tags = posts[0].load_many(tag::Entity, db).await.unwrap();
    assert_eq!(tags[0].len(), 2);
    assert_eq!(
        posts[0].load_one(author::Entity, db).await.unwrap()[0],
        Some(authors[0].clone())
    );
    assert_eq!(load_author(db).await.unwrap().posts.len(), 1);
    let related = post::Entity::find()
        .find_with_related(tag::Entity)
        .all(db)
        .await
        .unwrap();
    assert_eq!(related[0].1.len(), 2);

    let by_id = || product::Entity::find().order_by_asc(product::Column::Id);
    let pages = by_id().paginate(db, 2);
    assert_eq!(pages.num_items().await.unwrap(), 5);
    assert_eq!(pages.fetch_page(2).await.unwrap().len(), 1);
    let mut cursor = product::Entity::find().cursor_by(product::Column::Id);
    assert_eq!(cursor.after(2).first(2).all(db).await.unwrap().len(), 2);

    #[derive(FromQueryResult)]
    struct Named {
        name: String,
    }
    let sql = Statement::from_string(
        db.get_database_backend(),
        "SELECT name FROM product WHERE name = 'c'",
    );
    let named = Named::find_by_statement(sql.clone()).one(db).await.unwrap();
    assert_eq!(named.unwrap().name, "c");
    assert!(db.query_one_raw(sql.clone()).await.unwrap().is_some());
    assert_eq!(db.query_all_raw(sql.clone()).await.unwrap().len(), 1);
    // Raw SQL passes: nobody reads it.
    let nothing = "UPDATE product SET stock = 1 WHERE id < 0";
    assert_eq!(
        db.execute_unprepared(nothing)
            .await
            .unwrap()
            .rows_affected(),
        0
    );
    let nothing = Statement::from_string(db.get_database_backend(), nothing);
    assert_eq!(db.execute_raw(nothing).await.unwrap().rows_affected(), 0);
}

async fn nested_models_are_recorded_row_by_row(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    create_blog(&plain).await;
    new_author().insert(&db).await.unwrap();
    assert_eq!(actions(&plain, "post_tag").await, ["create", "create"]);
    replay_blog(&plain).await;

    let author = load_author(&db).await.unwrap();
    rewrite(author, &db).await.unwrap();
    assert_eq!(actions(&plain, "author").await, ["create", "update"]);
    assert_eq!(actions(&plain, "post").await, ["create", "create"]);
    assert_eq!(actions(&plain, "tag").await, ["create"; 3]);
    let mut links = actions(&plain, "post_tag").await;
    links.sort();
    assert_eq!(links, ["create", "create", "create", "delete", "delete"]);
    replay_blog(&plain).await;

    // The same links again are no change.
    let author = load_author(&db).await.unwrap();
    let entries = entries(&plain, "audit_log", "post_tag").await.len();
    author.into_active_model().save(&db).await.unwrap();
    assert_eq!(actions(&plain, "post_tag").await.len(), entries);
    replay_blog(&plain).await;

    // Deleting a post takes its links along, which SeaORM does without any hook.
    let authors = author::Entity::find().all(&db).await.unwrap();
    authors[0].clone().cascade_delete(&db).await.unwrap();
    assert_eq!(post_tag::Entity::find().count(&plain).await.unwrap(), 0);
    assert_eq!(actions(&plain, "post_tag").await[entries..], ["delete"]);
    assert_eq!(
        actions(&plain, "author").await,
        ["create", "update", "delete"]
    );
    replay_blog(&plain).await;
}

async fn every_way_to_begin_a_transaction_works(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    let write = |name: &'static str| new_product(name, 1);
    db.transaction::<_, _, DbErr>(|tx| Box::pin(write("a").insert(tx)))
        .await
        .unwrap();
    db.transaction_with_config::<_, _, DbErr>(|tx| Box::pin(write("b").insert(tx)), None, None)
        .await
        .unwrap();
    db.transaction_async(async |tx| write("c").insert(tx).await)
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    write("d").insert(&tx).await.unwrap();
    let nested = tx
        .begin_with_options(TransactionOptions::default())
        .await
        .unwrap();
    write("e").insert(&nested).await.unwrap();
    nested.commit().await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin_with_config(None, None).await.unwrap();
    write("f").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db
        .begin_with_options(TransactionOptions::default())
        .await
        .unwrap();
    write("g").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let dropped = db.begin().await.unwrap();
    write("h").insert(&dropped).await.unwrap();
    drop(dropped);
    assert_eq!(actions(&plain, "product").await, ["create"; 7]);
    replay::<product::Entity>(&plain).await;
}

async fn what_changes_nothing_gives_what_seaorm_gives(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    new_product("tea", 250).insert(&db).await.unwrap();
    async fn nothing<C: ConnectionTrait>(db: &C) -> Vec<String> {
        let none = || Vec::<product::ActiveModel>::new();
        let gone = || product::ActiveModel {
            id: Set(77),
            stock: Set(None),
            ..Default::default()
        };
        let keyless = <product::ActiveModel as Default>::default;
        let nobody = product::Entity::delete_many().filter(product::Column::Id.lt(0));
        vec![
            format!("{:?}", product::Entity::insert_many(none()).exec(db).await),
            format!(
                "{:?}",
                product::Entity::insert_many(none())
                    .exec_without_returning(db)
                    .await
            ),
            format!("{:?}", nobody.exec(db).await),
            format!("{:?}", product::Entity::delete_by_id(77).exec(db).await),
            format!("{:?}", gone().update(db).await),
            format!("{:?}", gone().update_without_returning(db).await),
            format!("{:?}", gone().delete(db).await),
            format!("{:?}", keyless().update(db).await),
            format!("{:?}", keyless().delete(db).await),
            format!(
                "{:?}",
                new_product("tea", 1)
                    .insert(db)
                    .await
                    .unwrap_err()
                    .sql_err()
            ),
        ]
    }
    assert_eq!(nothing(&db).await, nothing(&plain).await);
    assert_eq!(actions(&plain, "product").await, ["create"]);
    replay::<product::Entity>(&plain).await;
}

async fn a_missing_table_gives_what_seaorm_gives(test: Arc<TestDb>) {
    let (plain, db) = audited(&test).await;
    async fn write<C: ConnectionTrait>(db: &C) -> Vec<String> {
        let ada = || author::ActiveModel {
            id: Set(1),
            name: Set("Ada".to_owned()),
        };
        let errors = [
            ada().insert(db).await.unwrap_err(),
            ada().update(db).await.unwrap_err(),
            ada().delete(db).await.unwrap_err(),
            author::Entity::delete_many().exec(db).await.unwrap_err(),
        ];
        // The hooks of a plain connection look before they leap.
        errors
            .map(|err| err.to_string().replace("Query Error", "Execution Error"))
            .to_vec()
    }
    let expected = match test.backend() {
        DbBackend::Sqlite => "no such table: author",
        DbBackend::Postgres => "relation \"author\" does not exist",
        _ => "author' doesn't exist",
    };
    for (ours, theirs) in write(&db).await.into_iter().zip(write(&plain).await) {
        assert!(ours.contains(expected), "{ours}");
        assert!(theirs.contains(expected), "{theirs}");
    }
    let tx = db.begin().await.unwrap();
    write_each_way(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(actions(&plain, "author").await.is_empty());
    replay::<product::Entity>(&plain).await;
}
