//! A bakery: related tables, and columns and keys of every kind. All of it is audited.

mod chain;
mod kinds;
mod log;
mod sample;

use sea_orm::{
    ActiveEnum, ConnectionTrait, DatabaseConnection, DbBackend, Schema, TransactionTrait,
};

use sea_orm_audit_migration::Migrator;
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;

pub use self::{chain::*, kinds::*, log::*, sample::*};
use super::{
    replay::{Replay, replay},
    server::{Server, TestDb},
    shadow,
    shop::create_table,
};

/// A connection that a piece of work runs on, whichever it is.
pub trait Db: ConnectionTrait + TransactionTrait {}

impl<C: ConnectionTrait + TransactionTrait> Db for C {}

/// The whole bakery as a file of SQLite's: each of its connections reads all triggers again whenever one of them is created.
static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// A database with the log and all tables of the bakery.
pub async fn open(test: &TestDb) -> DatabaseConnection {
    if test.server == Server::Sqlite {
        let bytes = FILE.get_or_init(async || {
            let db = test.pool(1).await;
            build(&db).await;
            db.close().await.unwrap();
            std::fs::read(test.file()).unwrap()
        });
        std::fs::write(test.file(), bytes.await).unwrap();
        return test.pool(5).await;
    }
    let db = test.pool(5).await;
    build(&db).await;
    db
}

async fn build(db: &DatabaseConnection) {
    Migrator::up(db, None).await.unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        create_type::<Heat>(db).await;
    }
    create_table(db, bakery::Entity).await;
    create_table(db, baker::Entity).await;
    create_table(db, badge::Entity).await;
    create_table(db, locker::Entity).await;
    create_table(db, oven::Entity).await;
    create_table(db, inspection::Entity).await;
    create_table(db, cake::Entity).await;
    create_table(db, cake_baker::Entity).await;
    create_table(db, label::Entity).await;
    create_table(db, cake_label::Entity).await;
    create_table(db, employee::Entity).await;
    create_table(db, recipe::Entity).await;
    create_table(db, full_recipe::Entity).await;
    create_table(db, by_text::Entity).await;
    create_table(db, by_uuid::Entity).await;
    create_table(db, by_date::Entity).await;
    create_table(db, by_big::Entity).await;
    create_table(db, by_course::Entity).await;
    create_table(db, by_effort::Entity).await;
    create_table(db, by_heat::Entity).await;
    create_table(db, by_bytes::Entity).await;
    create_table(db, shelf::Entity).await;
    create_table(db, supplier::Entity).await;
    watch_all(db).await;
}

/// Runs a macro for each entity.
macro_rules! for_each_entity {
    ($module:ident :: $run:ident, $db:expr) => {
        $module::$run::<bakery::Entity>($db).await;
        $module::$run::<baker::Entity>($db).await;
        $module::$run::<badge::Entity>($db).await;
        $module::$run::<locker::Entity>($db).await;
        $module::$run::<oven::Entity>($db).await;
        $module::$run::<inspection::Entity>($db).await;
        $module::$run::<cake::Entity>($db).await;
        $module::$run::<cake_baker::Entity>($db).await;
        $module::$run::<label::Entity>($db).await;
        $module::$run::<cake_label::Entity>($db).await;
        $module::$run::<employee::Entity>($db).await;
        $module::$run::<recipe::Entity>($db).await;
        $module::$run::<full_recipe::Entity>($db).await;
        $module::$run::<by_text::Entity>($db).await;
        $module::$run::<by_uuid::Entity>($db).await;
        $module::$run::<by_date::Entity>($db).await;
        $module::$run::<by_big::Entity>($db).await;
        $module::$run::<by_course::Entity>($db).await;
        $module::$run::<by_effort::Entity>($db).await;
        $module::$run::<by_heat::Entity>($db).await;
        $module::$run::<by_bytes::Entity>($db).await;
        $module::$run::<shelf::Entity>($db).await;
        $module::$run::<supplier::Entity>($db).await;
    };
}

async fn watch_all(db: &DatabaseConnection) {
    shadow::create_log(db).await;
    for_each_entity!(shadow::watch, db);
}

/// Panics where the triggers have not recorded what the hooks have.
pub async fn compare_engines(db: &DatabaseConnection) {
    for_each_entity!(shadow::compare, db);
}

async fn create_type<E: ActiveEnum>(db: &DatabaseConnection) {
    let create = Schema::new(db.get_database_backend()).create_enum_from_active_enum::<E>();
    db.execute(&create.unwrap()).await.unwrap();
}

/// Folds the log of every table and compares.
pub async fn replay_all(db: &DatabaseConnection) {
    replay_all_but_links(db).await;
    replay::<cake_baker::Entity>(db).await;
    replay::<cake_label::Entity>(db).await;
    compare_engines(db).await;
}

/// Folds the log of every table that is not a junction, and compares.
pub async fn replay_all_but_links(db: &DatabaseConnection) {
    replay::<bakery::Entity>(db).await;
    replay::<baker::Entity>(db).await;
    replay::<badge::Entity>(db).await;
    replay::<locker::Entity>(db).await;
    replay::<oven::Entity>(db).await;
    replay::<inspection::Entity>(db).await;
    replay::<cake::Entity>(db).await;
    replay::<label::Entity>(db).await;
    replay::<employee::Entity>(db).await;
    replay::<recipe::Entity>(db).await;
    replay::<full_recipe::Entity>(db).await;
    replay::<by_text::Entity>(db).await;
    replay::<by_uuid::Entity>(db).await;
    replay::<by_date::Entity>(db).await;
    replay::<by_big::Entity>(db).await;
    replay::<by_course::Entity>(db).await;
    replay::<by_effort::Entity>(db).await;
    replay::<by_heat::Entity>(db).await;
    replay::<by_bytes::Entity>(db).await;
    replay::<shelf::Entity>(db).await;
    Replay::default()
        .excluded(&["seen"])
        .redacted(&["api_key"])
        .check::<supplier::Entity>(db)
        .await;
}

/// Cases that run their work on a pool, in a transaction, in one within another and on a pool in a context, then through an
/// audited connection and a transaction of it, and replay every table after each.
#[macro_export]
macro_rules! on_every_connection {
    ($($work:ident),* $(,)?) => {
        vec![$($crate::support::case::Case::new(stringify!($work), |test| async move {
            use ::sea_orm::TransactionTrait;
            use $crate::support::bakery;

            let db = bakery::open(&test).await;
            $work(&db).await;
            bakery::replay_all(&db).await;

            let outer = db.begin().await.unwrap();
            $work(&outer).await;
            outer.commit().await.unwrap();
            bakery::replay_all(&db).await;

            let outer = db.begin().await.unwrap();
            let inner = outer.begin().await.unwrap();
            $work(&inner).await;
            inner.commit().await.unwrap();
            outer.commit().await.unwrap();
            bakery::replay_all(&db).await;

            ::sea_orm_audit::AuditContext::new().actor("alice").scope($work(&db)).await;
            bakery::replay_all(&db).await;

            let audited = ::sea_orm_audit::AuditedConnection::new(db.clone());
            $work(&audited).await;
            bakery::replay_all(&db).await;

            let outer = audited.begin().await.unwrap();
            $work(&outer).await;
            ::sea_orm::TransactionSession::commit(outer).await.unwrap();
            bakery::replay_all(&db).await;
        })),*]
    };
}
