//! Where entries go: the log table's name and what follows from it.

use sea_orm::sea_query::{Alias, IntoTableRef, TableRef};

/// A log table's name as `#[audited(log = "..")]` gives it: `table` or `schema.table`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogTable(&'static str);

impl LogTable {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }

    /// The schema, where one is named, and the table.
    pub(crate) fn parts(self) -> (Option<&'static str>, &'static str) {
        match self.0.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, self.0),
        }
    }

    pub(crate) fn table_ref(self) -> TableRef {
        match self.parts() {
            (Some(schema), table) => (Alias::new(schema), Alias::new(table)).into_table_ref(),
            (None, table) => Alias::new(table).into_table_ref(),
        }
    }

    /// The migration that creates this table; the same text as in `sea-orm-audit-migration`, and tests compare the two.
    pub(crate) fn migration(self) -> String {
        if self.0 == crate::audit_log::TABLE {
            "audit_m0001_create_log".to_owned()
        } else {
            format!("audit_m0001_create_log:{}", self.0)
        }
    }
}
