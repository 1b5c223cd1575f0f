//! What a statement-level trigger fires for.

use super::quote::identifier;

/// What a trigger fires for; each has a trigger of its own, because transition tables ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// How often a trigger fires. One statement writes all of its entries at once; rows that something else may reach again before
/// the statement is over have theirs one by one, so that they come in the order of the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Statement,
    Row,
}

/// The events for which a table's triggers fire row by row.
#[derive(Clone, Debug, Default)]
pub(super) struct ByRow(pub(super) Vec<Event>);

impl ByRow {
    pub(super) fn level(&self, event: Event) -> Level {
        if self.0.contains(&event) {
            Level::Row
        } else {
            Level::Statement
        }
    }
}

impl Event {
    pub(super) const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Delete, Self::Truncate];

    /// The trigger's name. Triggers fire in the order of their names, and this one is to be the first: a trigger that changes the
    /// table again has its entries after those of the statement that it followed.
    pub(super) const fn trigger(self) -> &'static str {
        match self {
            Self::Insert => "0_audit_insert",
            Self::Update => "0_audit_update",
            Self::Delete => "0_audit_delete",
            Self::Truncate => "0_audit_truncate",
        }
    }

    /// `CREATE TRIGGER`; table and function are quoted and with their schemas.
    pub(super) fn create(self, level: Level, table: &str, function: &str) -> String {
        let (when, rows) = match self {
            Self::Insert => ("AFTER INSERT", "REFERENCING NEW TABLE AS new_rows "),
            Self::Update => (
                "AFTER UPDATE",
                "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows ",
            ),
            Self::Delete => ("AFTER DELETE", "REFERENCING OLD TABLE AS old_rows "),
            // Afterwards there would be nothing to see.
            Self::Truncate => ("BEFORE TRUNCATE", ""),
        };
        let each = match level {
            Level::Statement => format!("{rows}FOR EACH STATEMENT"),
            Level::Row => "FOR EACH ROW".to_owned(),
        };
        format!(
            "CREATE TRIGGER {} {when} ON {table} {each} EXECUTE FUNCTION {function}()",
            identifier(self.trigger())
        )
    }

    /// `DROP TRIGGER`.
    pub(super) fn drop(self, table: &str) -> String {
        format!("DROP TRIGGER {} ON {table}", identifier(self.trigger()))
    }

    /// `ALTER TABLE` that lets a disabled trigger fire again.
    pub(super) fn enable(self, table: &str) -> String {
        format!(
            "ALTER TABLE {table} ENABLE TRIGGER {}",
            identifier(self.trigger())
        )
    }
}
