//! The four hooks of an audited active model, on a plain connection or transaction.
//!
//! Each one is SeaORM's hook of the same name. Both looks at a row are taken in the database: what an active model
//! says of the old state may be stale, and what it says of the new state is not yet what triggers, defaults and
//! column types make of it.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, PrimaryKeyTrait};

use crate::{
    audited::Audited,
    capture::{
        gate::Recorder,
        pending::{Announced, Pending, Verb, Write},
    },
    change::{image::Image, key, values::Change},
    context::Scope,
};

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// Looks at the row that is about to be written.
///
/// # Errors
///
/// Whatever stands in the way of an entry, before anything is written.
pub async fn before_save<A, C>(active: A, db: &C, insert: bool) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    let verb = if insert { Verb::Insert } else { Verb::Update };
    let Some(recorder) = Recorder::before::<A::Entity, C>(db, verb)? else {
        return Ok(active);
    };
    let key = key::values_of_active(&active);
    let record_id = match &key {
        Some(key) => Some(key::record_id::<A::Entity>(&recorder.entity, key)?),
        None => None,
    };
    recorder.check_active(&active)?;
    let (look, lock) = if insert {
        // SeaORM inserts on conflict only where a key is no number of the database's.
        let own_key =
            !<<A::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::auto_increment();
        (
            own_key && recorder.backend.reports_existing_rows_as_inserted(),
            None,
        )
    } else {
        (true, recorder.backend.lock_before_update())
    };
    let row = match key {
        Some(key) if look => recorder.read::<A::Entity, C>(db, &key, lock).await?,
        _ => None,
    };
    if let (None, Some(record_id)) = (&row, &record_id) {
        forget::<A::Entity, C>(db, record_id);
    }
    match row {
        Some(row) => {
            // The row's own key: where the database ignores case, it need not be the key that was asked for.
            let key = key::of_model::<A::Entity>(&recorder.entity, &row)?;
            announce::<A::Entity, C>(&recorder, db, verb, &key, &row)?;
        }
        None if insert => recorder.check_log(db).await?,
        // SeaORM says what is wrong with an update without a row or without a key.
        None => {}
    }
    Ok(active)
}

/// Compares the row that was written with what it was, and writes the entry.
///
/// # Errors
///
/// If the entry cannot be written.
pub async fn after_save<A, C>(model: ModelOf<A>, db: &C, insert: bool) -> Result<ModelOf<A>, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    let Some(recorder) = Recorder::of::<A::Entity, C>(db)? else {
        return Ok(model);
    };
    let key = key::of_model::<A::Entity>(&recorder.entity, &model)?;
    let new = Image::of::<A::Entity>(&model);
    let verb = if insert { Verb::Insert } else { Verb::Update };
    let change = match take::<A::Entity, C>(db, &key, verb) {
        Some(old) => Change::Update {
            old: Some(old),
            new,
        },
        None if insert => Change::Create(new),
        None => {
            tracing::warn!(
                entity = recorder.entity,
                record_id = key,
                "an update of an audited row had no hook before it: its entry holds the new state only",
            );
            Change::Update { old: None, new }
        }
    };
    recorder.write(db, key, &change).await?;
    Ok(model)
}

/// Looks at the row that is about to be deleted.
///
/// # Errors
///
/// Whatever stands in the way of an entry, before anything is deleted.
pub async fn before_delete<A, C>(active: A, db: &C) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    let Some(recorder) = Recorder::before::<A::Entity, C>(db, Verb::Delete)? else {
        return Ok(active);
    };
    // SeaORM says what is wrong with a delete without a key.
    let Some(key) = key::values_of_active(&active) else {
        return Ok(active);
    };
    let record_id = key::record_id::<A::Entity>(&recorder.entity, &key)?;
    let lock = recorder.backend.lock_before_delete();
    match recorder.read::<A::Entity, C>(db, &key, lock).await? {
        Some(row) => announce::<A::Entity, C>(&recorder, db, Verb::Delete, &record_id, &row)?,
        None => forget::<A::Entity, C>(db, &record_id),
    }
    Ok(active)
}

/// Makes sure that the row is gone, and writes the entry.
///
/// # Errors
///
/// If the entry cannot be written.
pub async fn after_delete<A, C>(active: A, db: &C) -> Result<A, DbErr>
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    let Some(recorder) = Recorder::of::<A::Entity, C>(db)? else {
        return Ok(active);
    };
    let Some(key) = key::values_of_active(&active) else {
        return Ok(active);
    };
    let record_id = key::record_id::<A::Entity>(&recorder.entity, &key)?;
    let Some(old) = take::<A::Entity, C>(db, &record_id, Verb::Delete) else {
        return Ok(active);
    };
    // The hook is not told how many rows were deleted, and a trigger may have turned the delete into an update.
    let change = match recorder.read::<A::Entity, C>(db, &key, None).await? {
        None => Change::Delete(old),
        Some(still_there) => Change::Update {
            old: Some(old),
            new: Image::of::<A::Entity>(&still_there),
        },
    };
    recorder.write(db, record_id, &change).await?;
    Ok(active)
}

/// Keeps the image of a row until the hook after the write.
fn announce<E, C>(
    recorder: &Recorder,
    db: &C,
    verb: Verb,
    key: &str,
    row: &E::Model,
) -> Result<(), DbErr>
where
    E: Audited,
{
    let image = Image::of::<E>(row);
    recorder.check_image(&image)?;
    let announced = Announced {
        table: E::default().table_name(),
        verb,
        image,
    };
    Scope::with_pending(|pending| pending.announce(Write::new::<E, C>(db, key), announced));
    Ok(())
}

fn take<E: Audited, C>(db: &C, key: &str, verb: Verb) -> Option<Image> {
    Scope::with_pending(|pending: &Pending| pending.take(&Write::new::<E, C>(db, key), verb))
}

fn forget<E: Audited, C>(db: &C, key: &str) {
    Scope::with_pending(|pending: &Pending| pending.forget(&Write::new::<E, C>(db, key)));
}
