//! Whether a write is recorded at all, and whether it may be: everything that is checked before it is touched.

use std::{
    any::TypeId,
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError, atomic::AtomicBool},
};

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseConnection, IdenStatic,
    RestrictedConnection,
};

use crate::{
    audit_log::{CONTEXT_LENGTH, ENTITY_LENGTH},
    audited::Audited,
    backend::{self, Backend},
    capture::pending::Verb,
    change::{
        image::{Image, audited_columns},
        values::{Rules, UnencodableColumn},
    },
    context::AuditContext,
    error::{Error, Result},
    log_table::LogTable,
    table::{self, Table, entity_name},
};

/// A write that is to be recorded: where it goes, by whose hand, and by which rules.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) backend: &'static dyn Backend,
    pub(crate) table: &'static dyn Table,
    /// The table's name as the log writes it.
    pub(crate) entity: String,
    pub(crate) log: LogTable,
    pub(crate) rules: Rules,
    pub(crate) context: AuditContext,
    /// Whether triggers were found that record the table.
    pub(super) triggers: AtomicBool,
}

impl Recorder {
    /// Who records writes to a table in this context.
    ///
    /// # Errors
    ///
    /// [`Error::ActorRequired`], [`Error::ContextTooLong`], [`Error::EntityNameTooLong`].
    pub(crate) fn new(
        table: &'static dyn Table,
        backend: &'static dyn Backend,
        context: AuditContext,
        require_actor: bool,
    ) -> Result<Self> {
        let entity = entity_name(table, backend);
        check_length(&entity, ENTITY_LENGTH).map_err(|length| Error::EntityNameTooLong {
            entity: entity.clone(),
            length,
            limit: ENTITY_LENGTH,
        })?;
        let options = table.options();
        check_context(&entity, &context, options.require_actor || require_actor)?;
        Ok(Self {
            backend,
            table,
            entity,
            log: LogTable::new(options.log),
            rules: table.rules(),
            context,
            triggers: AtomicBool::new(false),
        })
    }

    /// Who records writes to `E` on this plain connection now; `None` where they are not recorded.
    ///
    /// # Errors
    ///
    /// As [`Recorder::new`].
    pub(crate) fn of<E, C>(db: &C) -> Result<Option<Self>>
    where
        E: Audited,
        C: ConnectionTrait,
    {
        // A mock answers from a queue, and our statements would take what is meant for the application's.
        if db.is_mock_connection() {
            return Ok(None);
        }
        let backend = backend::of(db.get_database_backend());
        if table::by_trigger(table::of::<E>(), backend).is_some() {
            return Ok(None);
        }
        let context = AuditContext::ambient().unwrap_or_default();
        if context.suspended_because().is_some() {
            return Ok(None);
        }
        Self::new(table::of::<E>(), backend, context, false).map(Some)
    }

    /// [`Recorder::of`] for the hook before a write, which also reports what is out of the ordinary.
    pub(crate) fn before<E, C>(db: &C, verb: Verb) -> Result<Option<Self>>
    where
        E: Audited,
        C: ConnectionTrait,
    {
        let backend = backend::of(db.get_database_backend());
        if !db.is_mock_connection()
            && table::by_trigger(table::of::<E>(), backend).is_none()
            && let Some(context) = AuditContext::ambient()
        {
            report_suspended(table::of::<E>(), verb, &context);
        }
        let recorder = Self::of::<E, C>(db)?;
        if recorder.is_some() && is_pool::<C>() {
            warn_once_that_a_pool_is_not_atomic::<E>();
        }
        Ok(recorder)
    }

    /// Checks that every value which an active model is about to write can be recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Unencodable`].
    pub(crate) fn check_active<A>(&self, active: &A) -> Result<()>
    where
        A: ActiveModelTrait,
        A::Entity: Audited,
    {
        for column in audited_columns::<A::Entity>() {
            if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = active.get(column) {
                self.rules
                    .value(column.as_str(), &value)
                    .map_err(|err| self.unencodable(err))?;
            }
        }
        Ok(())
    }

    /// Checks that every value of a row can be recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Unencodable`].
    pub(crate) fn check_image(&self, image: &Image) -> Result<()> {
        for (column, value) in image.iter() {
            self.rules
                .value(column, value)
                .map_err(|err| self.unencodable(err))?;
        }
        Ok(())
    }

    pub(crate) fn unencodable(
        &self,
        UnencodableColumn { column, source }: UnencodableColumn,
    ) -> Error {
        Error::Unencodable {
            entity: self.entity.clone(),
            column,
            source,
        }
    }
}

/// Says that a write is not recorded, if auditing is suspended in this context.
pub(crate) fn report_suspended(table: &dyn Table, verb: Verb, context: &AuditContext) {
    if let Some(reason) = context.suspended_because() {
        tracing::warn!(
            entity = table.name(),
            %verb,
            reason,
            "a write to an audited table is not recorded: auditing is suspended here",
        );
    }
}

/// Whether a write in this context may go into the log.
///
/// # Errors
///
/// [`Error::ActorRequired`], [`Error::ContextTooLong`].
pub(crate) fn check_context(
    entity: &str,
    context: &AuditContext,
    require_actor: bool,
) -> Result<()> {
    let fields = [
        ("actor", context.actor_name()),
        ("correlation id", context.correlation()),
    ];
    for (field, text) in fields {
        check_length(text.unwrap_or_default(), CONTEXT_LENGTH).map_err(|length| {
            Error::ContextTooLong {
                field,
                length,
                limit: CONTEXT_LENGTH,
            }
        })?;
    }
    if require_actor && context.actor_name().is_none_or(str::is_empty) {
        return Err(Error::ActorRequired {
            entity: entity.to_owned(),
        });
    }
    Ok(())
}

/// The text's length in characters, as the databases count, if it is above the limit.
fn check_length(text: &str, limit: usize) -> Result<(), usize> {
    // A character is a byte or more, so most texts need no count.
    if text.len() <= limit || text.chars().count() <= limit {
        Ok(())
    } else {
        Err(text.chars().count())
    }
}

/// Whether each statement on this connection is a transaction of its own.
fn is_pool<C>() -> bool {
    let of = typeid::of::<C>();
    of == TypeId::of::<DatabaseConnection>() || of == TypeId::of::<RestrictedConnection>()
}

fn warn_once_that_a_pool_is_not_atomic<E: Audited>() {
    static WARNED: LazyLock<Mutex<HashSet<TypeId>>> = LazyLock::new(Mutex::default);
    let first = WARNED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(TypeId::of::<E>());
    if first {
        tracing::warn!(
            entity = E::default().table_name(),
            "audited rows are written outside of a transaction: a crash between a change and its entry loses the \
             entry; write through an `AuditedConnection` or inside `db.transaction(..)`",
        );
    }
}
