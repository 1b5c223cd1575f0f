//! Old images between a `before_*` hook and its `after_*` hook.
//!
//! SeaORM gives the two hooks of a write nothing in common but the connection, the entity and the key, so these
//! are what an image is found by. A hook that never runs (the statement failed, the future was dropped,
//! `update_without_returning`) leaves its image behind. A scope keeps its own images, so that they end with it; those
//! of writes outside of all scopes are kept for the process, and are given up when they are too old or too many.

use std::{
    any::TypeId,
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::change::image::Image;

/// More writes than this are not under way at one time: it is far above any pool, and above any batch of junction rows.
const CAPACITY: usize = 65_536;

/// A statement that runs longer than this has lost its image; lock waits end sooner on every database.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Which write an image belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Write {
    connection: usize,
    task: Option<tokio::task::Id>,
    entity: TypeId,
    key: String,
}

impl Write {
    /// The write to the record `key` of `E` that the current task does on `connection`.
    ///
    /// The connection is known by its address: SeaORM hands both hooks of a write the same reference.
    pub(crate) fn new<E: 'static, C>(connection: &C, key: &str) -> Self {
        Self {
            connection: std::ptr::from_ref(connection).addr(),
            task: tokio::task::try_id(),
            entity: TypeId::of::<E>(),
            key: key.to_owned(),
        }
    }
}

/// An old image, with what a report about it must name.
#[derive(Debug)]
pub(crate) struct Announced {
    pub(crate) table: &'static str,
    pub(crate) verb: Verb,
    pub(crate) image: Image,
}

/// What the hook was called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Insert,
    Update,
    Delete,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// The writes under way in one scope, or outside of all scopes.
pub(crate) struct Pending {
    writes: Mutex<Option<Writes>>,
    capacity: usize,
    max_age: Duration,
}

#[derive(Default)]
struct Writes {
    announced: HashMap<Write, (u64, Announced)>,
    /// The announcements by their number, the oldest first.
    order: BTreeMap<u64, (Instant, Write)>,
    last: u64,
}

impl Pending {
    const fn new(capacity: usize, max_age: Duration) -> Self {
        Self {
            writes: Mutex::new(None),
            capacity,
            max_age,
        }
    }
}

/// The writes under way outside of all scopes.
static UNSCOPED: Pending = Pending::new(CAPACITY, MAX_AGE);

impl Pending {
    pub(crate) fn unscoped() -> &'static Self {
        &UNSCOPED
    }

    /// Keeps the image of a write until its after hook.
    pub(crate) fn announce(&self, write: Write, announced: Announced) {
        let mut guard = self.lock();
        let writes = guard.get_or_insert_default();
        if let Some(left) = writes.remove(&write)
            && left.verb == Verb::Update
            && !left.image.same(&announced.image)
        {
            // The record was announced before and is not what it was then, so that write did happen.
            tracing::warn!(
                entity = left.table,
                record_id = write.key,
                "an update of an audited row is not in the log: `update_without_returning` has no hook after it",
            );
        }
        while let Some((write, left)) = writes.pop_stale(self.capacity, self.max_age) {
            report(&write, &left);
        }
        writes.insert(write, announced);
    }

    /// The image of a write, which is then forgotten.
    ///
    /// An image that was announced for another verb belongs to a write that failed, and says nothing of this one.
    pub(crate) fn take(&self, write: &Write, verb: Verb) -> Option<Image> {
        let announced = self.lock().as_mut()?.remove(write)?;
        if announced.verb == verb {
            return Some(announced.image);
        }
        report(write, &announced);
        None
    }

    /// Gives up what a write that failed has left, before a write that has no image of its own.
    pub(crate) fn forget(&self, write: &Write) {
        let left = self.lock().as_mut().and_then(|writes| writes.remove(write));
        if let Some(left) = left {
            report(write, &left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Writes>> {
        // Whole values are put in and taken out, so a panic elsewhere leaves nothing half done.
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writes {
    fn insert(&mut self, write: Write, announced: Announced) {
        self.last += 1;
        self.order
            .insert(self.last, (Instant::now(), write.clone()));
        self.announced.insert(write, (self.last, announced));
    }

    fn remove(&mut self, write: &Write) -> Option<Announced> {
        let (number, announced) = self.announced.remove(write)?;
        self.order.remove(&number);
        Some(announced)
    }

    /// The oldest announcement, if it is too old or if there is no room for another.
    fn pop_stale(&mut self, capacity: usize, max_age: Duration) -> Option<(Write, Announced)> {
        let (since, write) = self.order.first_key_value()?.1;
        if self.announced.len() < capacity && since.elapsed() <= max_age {
            return None;
        }
        let write = write.clone();
        let announced = self.remove(&write)?;
        Some((write, announced))
    }
}

impl Default for Pending {
    fn default() -> Self {
        Self::new(CAPACITY, MAX_AGE)
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self
            .lock()
            .as_ref()
            .map_or(0, |writes| writes.announced.len());
        f.debug_struct("Pending").field("count", &count).finish()
    }
}

/// The scope is over, and what is still here has no entry.
impl Drop for Pending {
    fn drop(&mut self) {
        for (write, (_, announced)) in self.lock().take().unwrap_or_default().announced {
            report(&write, &announced);
        }
    }
}

/// Says that a write was announced and has no entry.
///
/// Only of an update it is unknown whether it happened. SeaORM calls the after hook of every insert and delete that did.
fn report(write: &Write, announced: &Announced) {
    if announced.verb == Verb::Update {
        tracing::warn!(
            entity = announced.table,
            record_id = write.key,
            "an update of an audited row has no entry: either its statement failed, or it was made by \
             `update_without_returning`, which capture by hooks cannot see",
        );
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Value;

    use super::*;

    struct Product;

    fn image(price: i32) -> Announced {
        Announced {
            table: "product",
            verb: Verb::Update,
            image: Image::from_values([("price", Value::from(price))]),
        }
    }

    #[test]
    fn an_image_is_taken_once_and_only_by_its_own_write() {
        let (pending, connection) = (Pending::default(), 0_u8);
        let write = Write::new::<Product, _>(&connection, "1");
        pending.announce(write.clone(), image(10));

        assert!(
            pending
                .take(&Write::new::<Product, _>(&connection, "2"), Verb::Update)
                .is_none()
        );
        assert!(
            pending
                .take(&Write::new::<String, _>(&connection, "1"), Verb::Update)
                .is_none()
        );
        let other = (0_u8, 0_u8);
        assert!(
            pending
                .take(&Write::new::<Product, _>(&other.1, "1"), Verb::Update)
                .is_none()
        );

        assert!(pending.take(&write, Verb::Update).is_some());
        assert!(pending.take(&write, Verb::Update).is_none());
    }

    #[test]
    fn an_image_left_by_another_verb_is_given_up() {
        let (pending, connection) = (Pending::default(), 0_u8);
        let write = Write::new::<Product, _>(&connection, "1");
        pending.announce(write.clone(), image(10));
        assert!(pending.take(&write, Verb::Insert).is_none());
        assert!(pending.take(&write, Verb::Update).is_none());

        pending.announce(write.clone(), image(10));
        pending.forget(&write);
        assert!(pending.take(&write, Verb::Update).is_none());
    }

    #[test]
    fn the_latest_image_counts() {
        let (pending, connection) = (Pending::default(), 0_u8);
        let write = Write::new::<Product, _>(&connection, "1");
        pending.announce(write.clone(), image(10));
        pending.announce(write.clone(), image(11));
        let image = pending.take(&write, Verb::Update).unwrap();
        assert_eq!(image.get("price"), Some(&Value::from(11)));
    }

    #[test]
    fn the_oldest_is_given_up_when_there_are_too_many() {
        let pending = Pending::new(2, MAX_AGE);
        let connection = 0_u8;
        let write = |key: &str| Write::new::<Product, _>(&connection, key);
        for key in ["1", "2", "3"] {
            pending.announce(write(key), image(1));
        }
        assert!(pending.take(&write("1"), Verb::Update).is_none());
        assert!(pending.take(&write("2"), Verb::Update).is_some());
        assert!(pending.take(&write("3"), Verb::Update).is_some());
    }

    #[test]
    fn what_is_too_old_is_given_up() {
        let pending = Pending::new(CAPACITY, Duration::ZERO);
        let connection = 0_u8;
        let write = |key: &str| Write::new::<Product, _>(&connection, key);
        pending.announce(write("1"), image(1));
        pending.announce(write("2"), image(1));
        assert!(pending.take(&write("1"), Verb::Update).is_none());
        assert!(pending.take(&write("2"), Verb::Update).is_some());
    }
}
