//! Futures of writes that are dropped at each of their awaits in turn.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, IntoActiveModel, Set, TransactionSession,
    TransactionTrait, entity::prelude::*,
};
use sea_orm_audit::{AuditedConnection, Error};

use crate::{
    cases,
    support::{
        blog::{self, create_blog, load_author, new_author, replay_blog, rewrite},
        case::Case,
        cut::{Moment, Observer, cut, use_each},
        replay::replay,
        server::{Server, TestDb},
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_write_dropped_at_any_await_leaves_nothing_half_done,
        a_write_dropped_in_a_transaction_is_complete_or_uncommittable,
        a_nested_write_dropped_at_any_await_leaves_nothing_half_done,
        a_nested_write_dropped_in_a_transaction_is_complete_or_uncommittable,
    ]
}

/// A way to write, to one of two products or to a blog.
#[derive(Clone, Copy, Debug)]
enum Path {
    Insert,
    Update,
    UpdateWithoutReturning,
    SaveNew,
    SaveOld,
    Delete,
    EntityInsert,
    InsertMany,
    DeleteMany,
    NestedInsert,
    NestedUpdate,
    NestedDelete,
}

const PRODUCT_PATHS: [Path; 9] = [
    Path::Insert,
    Path::Update,
    Path::UpdateWithoutReturning,
    Path::SaveNew,
    Path::SaveOld,
    Path::Delete,
    Path::EntityInsert,
    Path::InsertMany,
    Path::DeleteMany,
];

const BLOG_PATHS: [Path; 3] = [Path::NestedInsert, Path::NestedUpdate, Path::NestedDelete];

/// What is there before each write.
#[derive(Clone)]
struct Rows {
    tea: product::Model,
    author: blog::author::ModelEx,
}

impl Path {
    async fn write<C>(self, db: &C, rows: Rows) -> Result<(), DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let Rows { tea, author } = rows;
        let restocked = product::ActiveModel {
            stock: Set(Some(7)),
            ..tea.clone().into_active_model()
        };
        match self {
            Self::Insert => new_product("rye", 100).insert(db).await.map(drop),
            Self::Update => restocked.update(db).await.map(drop),
            Self::UpdateWithoutReturning => restocked.update_without_returning(db).await.map(drop),
            Self::SaveNew => new_product("rye", 100).save(db).await.map(drop),
            Self::SaveOld => restocked.save(db).await.map(drop),
            Self::Delete => restocked.delete(db).await.map(drop),
            Self::EntityInsert => {
                let insert = product::Entity::insert(new_product("rye", 100));
                insert.exec(db).await.map(drop)
            }
            Self::InsertMany => {
                let new = [1, 2].map(|more| product::ActiveModel {
                    id: Set(tea.id + 1000 + more),
                    ..new_product(&format!("new {more}"), 1)
                });
                let insert = product::Entity::insert_many(new);
                insert.exec_without_returning(db).await.map(drop)
            }
            Self::DeleteMany => {
                let delete = product::Entity::delete_many();
                let named = product::Column::Name.is_in(["tea", "oil"]);
                delete.filter(named).exec(db).await.map(drop)
            }
            Self::NestedInsert => new_author().insert(db).await.map(drop),
            Self::NestedUpdate => rewrite(author, db).await,
            Self::NestedDelete => author.delete(db).await.map(drop),
        }
    }
}

/// How many connections the pool has.
fn connections(server: Server) -> u32 {
    match server {
        // The one on which each statement was prepared: see `Bench::prepare`.
        Server::MySql => 1,
        _ => 2,
    }
}

const TABLES: [&str; 6] = ["post_tag", "post", "tag", "author", "product", "audit_log"];

/// A database with both sets of tables, and somebody who looks at it from outside.
struct Bench {
    server: Server,
    plain: DatabaseConnection,
    db: AuditedConnection<DatabaseConnection>,
    observer: Observer,
}

impl Bench {
    async fn new(test: &TestDb) -> Self {
        let setup = shop(test).await;
        create_blog(&setup).await;
        setup.close().await.unwrap();
        let plain = test.pool(connections(test.server)).await;
        Self {
            server: test.server,
            db: AuditedConnection::new(plain.clone()),
            plain,
            observer: Observer::new(test).await,
        }
    }

    /// The same rows each time.
    async fn rows(&self) -> Rows {
        let tx = self.plain.begin().await.unwrap();
        for table in TABLES {
            let delete = format!("DELETE FROM {table}");
            tx.execute_unprepared(&delete).await.unwrap();
        }
        tx.commit().await.unwrap();
        let tx = self.db.begin().await.unwrap();
        let tea = new_product("tea", 250).insert(&tx).await.unwrap();
        new_product("oil", 900).insert(&tx).await.unwrap();
        new_author().insert(&tx).await.unwrap();
        let author = load_author(&tx).await.unwrap();
        tx.commit().await.unwrap();
        Rows { tea, author }
    }

    /// Does the write once undisturbed, so that its statements are prepared.
    ///
    /// `sqlx-mysql` 0.9 loses count of the server's answers where a statement is dropped while it is prepared, and the
    /// connection is then never given back to its pool; the transactions of a plain pool are no better off.
    async fn prepare(&self, path: Path) {
        if self.server == Server::MySql {
            let rows = self.rows().await;
            path.write(&self.db, rows).await.unwrap();
        }
    }

    /// Change and entry are both there or neither is, and nobody is in anybody's way.
    async fn check(&self) {
        use_each(&self.plain, connections(self.server)).await;
        self.observer.nothing_is_held(&TABLES).await;
        replay::<product::Entity>(&self.plain).await;
        replay_blog(&self.plain).await;
    }
}

async fn a_write_dropped_at_any_await_leaves_nothing_half_done(test: Arc<TestDb>) {
    drop_on_the_pool(&test, &PRODUCT_PATHS).await;
}

async fn a_nested_write_dropped_at_any_await_leaves_nothing_half_done(test: Arc<TestDb>) {
    drop_on_the_pool(&test, &BLOG_PATHS).await;
}

async fn a_write_dropped_in_a_transaction_is_complete_or_uncommittable(test: Arc<TestDb>) {
    let refused = drop_in_a_transaction(&test, &PRODUCT_PATHS).await;
    assert!(refused > 0, "no write was dropped half way");
}

async fn a_nested_write_dropped_in_a_transaction_is_complete_or_uncommittable(test: Arc<TestDb>) {
    // What is half way is rolled back to its savepoint, and nothing need be refused.
    drop_in_a_transaction(&test, &BLOG_PATHS).await;
}

async fn drop_on_the_pool(test: &TestDb, paths: &[Path]) {
    let bench = Bench::new(test).await;
    let mut total = 0;
    for (path, moment) in in_each(paths) {
        let mut cuts = 0;
        loop {
            bench.prepare(path).await;
            let rows = bench.rows().await;
            let write = path.write(&bench.db, rows);
            let done = cut(write, cuts + 1, moment).await;
            bench.check().await;
            if let Some(written) = done {
                written.unwrap();
                break;
            }
            cuts += 1;
        }
        total += cuts;
    }
    let least = u32::try_from(paths.len()).unwrap() * 4;
    assert!(
        total >= least,
        "all of them were dropped only {total} times"
    );
}

/// Gives back how often a transaction was refused.
async fn drop_in_a_transaction(test: &TestDb, paths: &[Path]) -> u32 {
    let bench = Bench::new(test).await;
    let mut refused = 0;
    for (path, moment) in in_each(paths) {
        let mut cuts = 0;
        loop {
            bench.prepare(path).await;
            let rows = bench.rows().await;
            let tx = bench.db.begin().await.unwrap();
            new_product("before", 1).insert(&tx).await.unwrap();
            let done = cut(path.write(&tx, rows), cuts + 1, moment).await;
            let committed = tx.commit().await;
            bench.check().await;
            if let Some(written) = done {
                written.unwrap();
                committed.unwrap();
                break;
            }
            if let Err(err) = committed {
                // The other is sqlx's: it rolls back to a savepoint whose release was under way when it was dropped.
                let expected = matches!(Error::of(&err), Some(Error::Uncommittable { .. }))
                    || err.to_string().to_lowercase().contains("savepoint");
                assert!(expected, "{path:?} after {cuts} polls: {err}");
                refused += 1;
            }
            cuts += 1;
        }
    }
    refused
}

fn in_each(paths: &[Path]) -> impl Iterator<Item = (Path, Moment)> {
    let both = |path: &Path| Moment::ALL.map(|moment| (*path, moment));
    paths.iter().flat_map(both)
}
