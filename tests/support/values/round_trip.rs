//! Any row, written, changed and deleted, and read back from the log.

use std::fmt::Debug;

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ColumnType, ConnectionTrait,
    DatabaseConnection, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, TransactionTrait, TryIntoModel,
    sea_query::ArrayType,
};
use sea_orm_audit::{Audited, AuditedConnection};
use tokio::{runtime::Handle, task::block_in_place};

use super::{Row, assert_equal, by_value, row};
use crate::support::{
    bakery::Db,
    replay::{Replay, replay},
    server::TestDb,
    shadow,
    shop::create_table,
};

/// How many rows each kind of table is tried with.
pub const ROWS: u32 = 120;

/// Creates the table of an entity, with columns that lose as little as the database lets them.
pub async fn create<E: EntityTrait>(db: &DatabaseConnection, entity: E) {
    create_table(db, entity).await;
    let backend = db.get_database_backend();
    for column in E::Column::iter() {
        let definition = column.def();
        let (table, name) = (E::default().table_name().to_owned(), column.as_str());
        // PostgreSQL has no such integers. SeaORM creates others than it writes and reads.
        let own = match definition.get_column_type() {
            ColumnType::TinyInteger => Some("\"char\""),
            ColumnType::Unsigned => Some("oid"),
            _ => None,
        };
        if let Some(ty) = own.filter(|_| backend == DbBackend::Postgres) {
            db.execute_unprepared(&format!("ALTER TABLE {table} DROP {name}, ADD {name} {ty}"))
                .await
                .unwrap();
        }
        if backend != DbBackend::MySql {
            continue;
        }
        // What SeaORM creates on MySQL has whole seconds, ends in 2038, or has no places after the point.
        let ty = match definition.get_column_type() {
            ColumnType::DateTime | ColumnType::TimestampWithTimeZone => "datetime(6)",
            ColumnType::Time => "time(6)",
            ColumnType::Decimal(None) => "decimal(65, 30)",
            _ => continue,
        };
        let null = if definition.is_null() { "" } else { "NOT NULL" };
        db.execute_unprepared(&format!(
            "ALTER TABLE `{table}` MODIFY `{name}` {ty} {null}"
        ))
        .await
        .unwrap();
    }
}

/// Runs a property on any of these values; panics with the smallest that fails.
pub fn for_any<T: Debug, F: Future<Output = ()>>(
    cases: u32,
    strategy: impl Strategy<Value = T>,
    property: impl Fn(T) -> F,
) {
    let mut runner = TestRunner::new(Config {
        cases,
        max_shrink_iters: 500,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&strategy, |value| {
        block_in_place(|| Handle::current().block_on(property(value)));
        Ok::<_, TestCaseError>(())
    });
    if let Err(err) = result {
        panic!("{err}");
    }
}

/// Any row of the entity is in the log as it is in the table: created, updated to any other, updated to itself, and
/// deleted. What the hooks write of it and what triggers write is the same.
pub async fn rows_round_trip<E>(test: &TestDb, entity: E)
where
    E: Audited<PrimaryKey: PrimaryKeyTrait<ValueType = i64>, Column: Debug>,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
{
    let db = test.connect().await;
    if test.backend() == DbBackend::Postgres {
        super::create_types(&db).await;
    }
    create(&db, entity).await;
    shadow::create_log(&db).await;
    shadow::watch::<E>(&db).await;
    let rows = (
        row::<E>(test.server),
        row::<E>(test.server),
        any::<bool>(),
        any::<bool>(),
    );
    for_any(ROWS, rows, async |(first, second, wrapped, stays)| {
        if wrapped {
            let db = AuditedConnection::new(db.clone());
            comes_and_goes::<E, _>(&db, first, second, stays).await;
        } else {
            let inside = db.begin().await.unwrap();
            comes_and_goes::<E, _>(&inside, first, second, stays).await;
            inside.commit().await.unwrap();
        }
    });
    replay::<E>(&db).await;
    assert!(shadow::compare::<E>(&db).await > ROWS as usize);
    // A `BigDecimal` is read with every digit of SQLite's float, and PostgreSQL writes some floats in another way than
    // Rust: of these the two logs are alike, and the text in one of them is not the table's.
    let apart = match test.backend() {
        DbBackend::Sqlite => Some(ArrayType::BigDecimal),
        DbBackend::Postgres => Some(ArrayType::Float),
        _ => None,
    };
    let read_apart =
        E::Column::iter().any(|column| Some(E::Model::get_value_type(column)) == apart);
    if !read_apart {
        Replay::default().log(shadow::LOG).check::<E>(&db).await;
    }
}

/// Whether what is read of a column may be written back and changes nothing. SQLite keeps a decimal as a float, and SeaORM
/// may read the last digit of that wrong.
fn reads_exactly<E: EntityTrait>(db: &impl ConnectionTrait, column: E::Column) -> bool {
    let ty = E::Model::get_value_type(column);
    db.get_database_backend() != DbBackend::Sqlite
        || !matches!(ty, ArrayType::Decimal | ArrayType::BigDecimal)
}

async fn comes_and_goes<E, C>(db: &C, first: Row<E>, second: Row<E>, stays: bool)
where
    C: Db,
    E: Audited<PrimaryKey: PrimaryKeyTrait<ValueType = i64>>,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + Sync,
    E::ActiveModel: ActiveModelBehavior + TryIntoModel<E::Model> + Send,
{
    let key = E::PrimaryKey::iter().next().unwrap().into_column();
    let mut active = <E::ActiveModel as ActiveModelTrait>::default();
    for (column, value) in first {
        active.set(column, value);
    }
    let created = active.insert(db).await.unwrap();
    let id = created.get(key);
    let stored = async || {
        let row = E::find().filter(key.eq(id.clone())).one(db).await.unwrap();
        row.unwrap()
    };
    let first = stored().await;

    let mut active = <E::ActiveModel as ActiveModelTrait>::default();
    active.set(key, id.clone());
    for (column, value) in second {
        active.set(column, value);
    }
    active.update(db).await.unwrap();
    let second = stored().await;
    let mut again = <E::ActiveModel as ActiveModelTrait>::default();
    again.set(key, id.clone());
    for column in E::Column::iter().filter(|column| reads_exactly::<E>(db, *column)) {
        again.set(column, second.get(column));
    }
    again.update(db).await.unwrap();
    if !stays {
        second.clone().delete(db).await.unwrap();
    }

    let same = |column| by_value(&first.get(column), &second.get(column));
    let changed = !E::Column::iter().all(same);
    let id: i64 = sea_orm::sea_query::ValueType::unwrap(id.clone());
    let history = E::history(id).all(db).await.unwrap();
    assert_eq!(
        history.len(),
        1 + usize::from(changed) + usize::from(!stays),
        "{history:?}"
    );
    let mut entries = history.iter().rev();
    let create = entries.next().unwrap();
    assert!(create.old::<E>().unwrap().is_none());
    let read = create.new::<E>().unwrap();
    assert_equal::<E>("the create's new row", read.as_ref(), &first);
    if changed {
        let update = entries.next().unwrap();
        let read = update.old::<E>().unwrap();
        assert_equal::<E>("the update's old row", read.as_ref(), &first);
        // A column that did not change says so with one text on both sides: 1.10 stays 1.10 where it became 1.1.
        let mut expected = second.clone().into_active_model();
        for column in E::Column::iter().filter(|column| same(*column)) {
            expected.set(column, first.get(column));
        }
        let expected = expected.try_into_model().unwrap();
        let read = update.new::<E>().unwrap();
        assert_equal::<E>("the update's new row", read.as_ref(), &expected);
    }
    if !stays {
        let delete = entries.next().unwrap();
        assert!(delete.new::<E>().unwrap().is_none());
        let read = delete.old::<E>().unwrap();
        assert_equal::<E>("the delete's old row", read.as_ref(), &second);
    }
}
