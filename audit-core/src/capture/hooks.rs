//! The four hooks of an audited active model, on a plain connection or transaction.
//!
//! Each one is SeaORM's hook of the same name. Both looks at a row are taken in the database: what an active model
//! says of the old state may be stale, and what it says of the new state is not yet what triggers, defaults and
//! column types make of it.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, PrimaryKeyTrait, QueryTrait};

use crate::{
    audited::Audited,
    capture::{
        gate::Recorder,
        leave::Leave,
        pending::{Announced, Pending, Verb, Write},
    },
    change::{image::Image, key, values::Change},
    connection::announce::{self, Announcement, What},
    context::Scope,
    table,
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
    if announce::wrapper(db).is_some() {
        announce_next(
            &active,
            db,
            if insert { Verb::Insert } else { Verb::Update },
        );
        return Ok(active);
    }
    let verb = if insert { Verb::Insert } else { Verb::Update };
    let Some(recorder) = Recorder::before::<A::Entity, C>(db, verb)? else {
        return Ok(active);
    };
    let key = key::values_of_active(&active);
    let record_id = match &key {
        Some(key) => Some(key::record_id(&recorder.entity, key)?),
        None => None,
    };
    recorder.check_active(&active)?;
    let (look, lock) = if insert {
        // SeaORM inserts on conflict only where a key is no number of the database's.
        let own_key =
            !<<A::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::auto_increment();
        let look = own_key && recorder.backend.reports_existing_rows_as_inserted();
        (look, None)
    } else {
        (true, recorder.backend.lock_before_update())
    };
    let row = match key {
        Some(key) if look => recorder.read(db, &key, lock).await?,
        _ => None,
    };
    // SeaORM says what is wrong with an update without a row or without a key.
    if row.is_none() && insert {
        recorder.check_log(db).await?;
    }
    if Leave::note(&recorder, db) {
        return Ok(active);
    }
    match row {
        // By the row's own key: where the database ignores case, it need not be the one that was asked for.
        Some(row) => announce(&recorder, db, verb, &row.record_id, row.image)?,
        None => {
            if let Some(record_id) = record_id {
                forget(&recorder, db, &record_id);
            }
        }
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
    if announce::wrapper(db).is_some() {
        return Ok(model);
    }
    let Some(recorder) = Recorder::of::<A::Entity, C>(db)? else {
        return Ok(model);
    };
    if Leave::is_noted(&recorder, db) {
        return Ok(model);
    }
    let key = key::of_model::<A::Entity>(&recorder.entity, &model)?;
    let new = Image::of::<A::Entity>(&model);
    let verb = if insert { Verb::Insert } else { Verb::Update };
    let change = match take(&recorder, db, verb, &key) {
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
    recorder.write(db, key, change).await?;
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
    if announce::wrapper(db).is_some() {
        announce_next(&active, db, Verb::Delete);
        return Ok(active);
    }
    let Some(recorder) = Recorder::before::<A::Entity, C>(db, Verb::Delete)? else {
        return Ok(active);
    };
    // SeaORM says what is wrong with a delete without a key.
    let Some(key) = key::values_of_active(&active) else {
        return Ok(active);
    };
    let record_id = key::record_id(&recorder.entity, &key)?;
    let lock = recorder.backend.lock_before_delete();
    let row = recorder.read(db, &key, lock).await?;
    let leave = Leave::note(&recorder, db);
    match row {
        Some(row) if !leave => announce(&recorder, db, Verb::Delete, &record_id, row.image)?,
        _ => forget(&recorder, db, &record_id),
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
    if announce::wrapper(db).is_some() {
        return Ok(active);
    }
    let Some(recorder) = Recorder::of::<A::Entity, C>(db)? else {
        return Ok(active);
    };
    let Some(key) = key::values_of_active(&active) else {
        return Ok(active);
    };
    let record_id = key::record_id(&recorder.entity, &key)?;
    let Some(old) = take(&recorder, db, Verb::Delete, &record_id) else {
        return Ok(active);
    };
    // The hook is not told how many rows were deleted, and a trigger may have turned the delete into an update.
    let change = match recorder.read(db, &key, None).await? {
        None => Change::Delete(old),
        Some(still_there) => Change::Update {
            old: Some(old),
            new: still_there.image,
        },
    };
    recorder.write(db, record_id, change).await?;
    Ok(active)
}

/// Tells the wrapper what the next statement is about: the entity, and the row where the statement does not show it.
///
/// An active model from which no statement can be made is SeaORM's to refuse.
fn announce_next<A, C>(active: &A, db: &C, verb: Verb)
where
    A: ActiveModelTrait,
    A::Entity: Audited,
    C: ConnectionTrait,
{
    let backend = db.get_database_backend();
    let key = key::values_of_active(active);
    let active = active.clone();
    let next = match verb {
        Verb::Insert => {
            let insert = A::Entity::insert(active);
            Some((insert.build(backend), What::Insert(key)))
        }
        Verb::Update => A::Entity::update(active)
            .validate()
            .ok()
            .zip(key)
            .map(|(update, key)| (update.build(backend), What::Update(key))),
        Verb::Delete => A::Entity::delete(active)
            .validate()
            .ok()
            .map(|delete| (delete.build(backend), What::Delete)),
    };
    if let Some((statement, what)) = next {
        Announcement::new(statement, table::of::<A::Entity>(), what).publish();
    }
}

/// Keeps the image of a row until the hook after the write.
fn announce<C>(
    recorder: &Recorder,
    db: &C,
    verb: Verb,
    key: &str,
    image: Image,
) -> Result<(), DbErr> {
    recorder.check_image(&image)?;
    let announced = Announced {
        table: recorder.table.name(),
        verb,
        image,
    };
    let write = Write::new(db, recorder.table.id(), key);
    Scope::with_pending(|pending| pending.announce(write, announced));
    Ok(())
}

/// Gives up what an earlier write of this record may have left: there is no row now.
fn forget<C>(recorder: &Recorder, db: &C, key: &str) {
    let write = Write::new(db, recorder.table.id(), key);
    Scope::with_pending(|pending: &Pending| pending.forget(&write));
}

fn take<C>(recorder: &Recorder, db: &C, verb: Verb, key: &str) -> Option<Image> {
    let write = Write::new(db, recorder.table.id(), key);
    Scope::with_pending(|pending: &Pending| pending.take(&write, verb))
}
