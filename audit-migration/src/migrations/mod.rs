//! The migrations, in order. One that was released never changes; the next one mends it.

mod m0001_create_log;
mod m0002_create_trigger_support;

use sea_orm_migration::MigrationTrait;

pub use m0001_create_log::CreateLog;
pub use m0002_create_trigger_support::CreateTriggerSupport;

/// All migrations: the default log table, `audit_log`, and what triggers need; to begin an application's own list with.
///
/// ```
/// use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};
///
/// struct Migrator;
///
/// #[async_trait::async_trait]
/// impl MigratorTrait for Migrator {
///     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
///         let mut all = sea_orm_audit_migration::migrations();
///         // all.push(Box::new(m20260101_create_product::Migration));
///         all
///     }
/// }
///
/// assert_eq!(Migrator::migrations()[0].name(), "audit_m0001_create_log");
/// ```
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(CreateLog::default()),
        Box::new(CreateTriggerSupport),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name stands in the migration tables of every application: one that changes runs again there.
    #[test]
    fn names_are_frozen() {
        let names: Vec<String> = migrations().iter().map(|m| m.name().to_owned()).collect();
        assert_eq!(
            names,
            [
                "audit_m0001_create_log",
                "audit_m0002_create_trigger_support"
            ]
        );
    }
}
