//! Random work: whatever happens, the log folds to the table.

use std::{fmt, sync::Arc};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryOrder, Set, TransactionTrait, entity::prelude::Decimal,
};
use tokio::runtime::Handle;

use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        replay::replay,
        server::TestDb,
        shadow,
        shop::{new_product, product, shop},
    },
};

pub fn cases() -> Vec<Case> {
    cases![any_sequence_of_writes_folds_to_the_table]
}

/// One step; a row is meant by its place among those that are there, a name by its number.
#[derive(Clone, Copy)]
enum Step {
    Create {
        name: u8,
        cents: i16,
    },
    Update {
        row: u8,
        name: Option<u8>,
        cents: Option<i16>,
        stock: Option<i8>,
    },
    Rewrite {
        row: u8,
    },
    Nothing {
        row: u8,
    },
    Delete {
        row: u8,
    },
    UpdateMissing,
    DeleteMissing,
    Begin,
    Commit,
    Rollback,
}

/// Short, because a failing sequence is printed.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Create { name, cents } => write!(f, "create({name}, {cents})"),
            Self::Update {
                row,
                name,
                cents,
                stock,
            } => {
                write!(f, "update({row}, {name:?}, {cents:?}, {stock:?})")
            }
            Self::Rewrite { row } => write!(f, "rewrite({row})"),
            Self::Nothing { row } => write!(f, "nothing({row})"),
            Self::Delete { row } => write!(f, "delete({row})"),
            Self::UpdateMissing => f.write_str("update(missing)"),
            Self::DeleteMissing => f.write_str("delete(missing)"),
            Self::Begin => f.write_str("begin"),
            Self::Commit => f.write_str("commit"),
            Self::Rollback => f.write_str("rollback"),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    // Few names, so that many writes fail because the name is taken.
    let name = || 0..5_u8;
    let cents = -2..3_i16;
    let update = (
        any::<u8>(),
        prop::option::of(name()),
        prop::option::of(cents.clone()),
    );
    prop_oneof![
        4 => (name(), cents).prop_map(|(name, cents)| Step::Create { name, cents }),
        4 => (update, prop::option::of(-2..3_i8)).prop_map(|((row, name, cents), stock)| {
            Step::Update { row, name, cents, stock }
        }),
        1 => any::<u8>().prop_map(|row| Step::Rewrite { row }),
        1 => any::<u8>().prop_map(|row| Step::Nothing { row }),
        2 => any::<u8>().prop_map(|row| Step::Delete { row }),
        1 => Just(Step::UpdateMissing),
        1 => Just(Step::DeleteMissing),
        3 => Just(Step::Begin),
        2 => Just(Step::Commit),
        2 => Just(Step::Rollback),
    ]
}

async fn any_sequence_of_writes_folds_to_the_table(test: Arc<TestDb>) {
    let db = shop(&test).await;
    shadow::create_log(&db).await;
    shadow::watch::<product::Entity>(&db).await;
    let config = Config {
        cases: 40,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let sequences = prop::collection::vec(step(), 1..40);
    let result = TestRunner::new(config).run(&sequences, |steps| {
        tokio::task::block_in_place(|| Handle::current().block_on(run(&db, &steps)));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Does the steps on empty tables, gives up what is not committed at the end, and replays.
async fn run(db: &DatabaseConnection, steps: &[Step]) {
    for table in ["product", "audit_log", shadow::LOG] {
        let clear = format!("DELETE FROM {table}");
        db.execute_unprepared(&clear).await.unwrap();
    }
    let mut open: Vec<DatabaseTransaction> = Vec::new();
    for step in steps {
        match (step, open.last()) {
            (Step::Begin, None) => open.push(db.begin().await.unwrap()),
            (Step::Begin, Some(outer)) => {
                let inner = outer.begin().await.unwrap();
                open.push(inner);
            }
            (Step::Commit | Step::Rollback, None) => {}
            (Step::Commit, Some(_)) => open.pop().unwrap().commit().await.unwrap(),
            (Step::Rollback, Some(_)) => open.pop().unwrap().rollback().await.unwrap(),
            (write, None) => done_or_refused(do_one(db, write).await),
            (write, Some(outer)) => {
                // On PostgreSQL a statement that fails spoils its transaction, so an application takes a savepoint.
                let savepoint = outer.begin().await.unwrap();
                let done = do_one(&savepoint, write).await;
                match done.is_ok() {
                    true => savepoint.commit().await.unwrap(),
                    false => savepoint.rollback().await.unwrap(),
                }
                done_or_refused(done);
            }
        }
    }
    while let Some(innermost) = open.pop() {
        innermost.rollback().await.unwrap();
    }
    replay::<product::Entity>(db).await;
    shadow::compare::<product::Entity>(db).await;
    // The replay knows that what is logged happened; this, that nothing is logged twice or without a change.
    for entry in log(db).await {
        assert_ne!(entry.old_values, entry.new_values, "{entry:?}");
    }
}

/// Only failures that were meant to be.
fn done_or_refused(done: Result<(), DbErr>) {
    if let Err(err) = done {
        assert!(
            err.sql_err().is_some() || err == DbErr::RecordNotUpdated,
            "{err}"
        );
    }
}

async fn do_one<C: ConnectionTrait>(db: &C, step: &Step) -> Result<(), DbErr> {
    let price = |cents: i16| Decimal::new(i64::from(cents) * 10, 2);
    let missing = || product::ActiveModel {
        id: Set(-1),
        ..new_product("missing", 1)
    };
    let rows = product::Entity::find().order_by_asc(product::Column::Id);
    let rows = rows.all(db).await?;
    let pick = |row: u8| {
        let row = rows.get(usize::from(row) % rows.len().max(1));
        row.map(|row| row.clone().into_active_model())
    };
    match *step {
        Step::Create { name, cents } => {
            let new = product::ActiveModel {
                price: Set(price(cents)),
                ..new_product(&name.to_string(), 0)
            };
            new.insert(db).await?;
        }
        Step::Update {
            row,
            name,
            cents,
            stock,
        } => {
            let Some(mut change) = pick(row) else {
                return Ok(());
            };
            if let Some(name) = name {
                change.name = Set(name.to_string());
            }
            if let Some(cents) = cents {
                change.price = Set(price(cents));
            }
            if let Some(stock) = stock {
                change.stock = Set((stock != 0).then_some(i64::from(stock)));
            }
            change.save(db).await?;
        }
        Step::Rewrite { row } => {
            if let Some(row) = pick(row) {
                row.reset_all().update(db).await?;
            }
        }
        Step::Nothing { row } => {
            if let Some(row) = pick(row) {
                row.update(db).await?;
            }
        }
        Step::Delete { row } => {
            if let Some(row) = pick(row) {
                row.delete(db).await?;
            }
        }
        Step::UpdateMissing => {
            missing().update(db).await?;
        }
        Step::DeleteMissing => {
            missing().delete(db).await?;
        }
        Step::Begin | Step::Commit | Step::Rollback => {}
    }
    Ok(())
}
