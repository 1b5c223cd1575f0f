//! The statements by which a trigger function writes entries.

use super::{
    event::{Event, Level},
    quote::{identifier, literal},
};

/// The columns of an entry, in the order in which every statement here writes them.
const COLUMNS: &str = "occurred_at, action, entity, record_id, old_record_id, actor, correlation_id, old_values, new_values, context";

/// The column that numbers the rows of an update; [`Relation::check`](super::catalog::Relation::check) refuses a table that has it.
pub(super) const PLACE: &str = "audit position";

/// What `audit_lists` makes of a table's columns: expressions and lists of expressions.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    pub(super) record_old: String,
    pub(super) record_new: String,
    pub(super) same_key: String,
    pub(super) whole_old: String,
    pub(super) whole_new: String,
    pub(super) was: String,
    pub(super) became: String,
    pub(super) differs: String,
}

impl Lists {
    /// What a text has in their place for which `format()` puts in what [`ARRAY`](Self::ARRAY) holds.
    pub(super) fn places() -> Self {
        let place = |at: u8| format!("%{at}$s");
        Self {
            record_old: place(1),
            record_new: place(2),
            same_key: place(3),
            whole_old: place(4),
            whole_new: place(5),
            was: place(6),
            became: place(7),
            differs: place(8),
        }
    }

    /// The array of them, and of the table's name, of what `audit_lists` gives.
    pub(super) const ARRAY: &str = "ARRAY[record_old, record_new, same_key, whole_old, whole_new, was, became, differs, TG_RELID::regclass::text]";

    /// Where the table's name stands.
    const TABLE: &str = "%9$s";
}

/// How statements call what they are made of.
#[derive(Debug)]
pub(super) struct Terms {
    lists: Lists,
    /// The table's name as the log writes it, as a literal.
    entity: String,
    /// The log, quoted and with its schema.
    log: String,
    /// The row before and after, as a table of one row each, for a trigger that fires for each row.
    old_row: String,
    new_row: String,
    moment: &'static str,
    actor: &'static str,
    correlation_id: &'static str,
    context: &'static str,
}

impl Terms {
    /// In the function's own text; `recorded` are the columns that the lists are about.
    ///
    /// They are named one by one: a plan that was kept for `(NEW).*` outlives a column that went and came again.
    pub(super) fn variables(lists: Lists, entity: &str, log: &str, recorded: &[String]) -> Self {
        let row = |side: &str, alias: &str| {
            let columns: Vec<String> = recorded
                .iter()
                .map(|column| identifier(column))
                .map(|column| format!("{side}.{column} AS {column}"))
                .collect();
            format!("(SELECT {}) {alias}", columns.join(", "))
        };
        Self {
            old_row: row("OLD", "o"),
            new_row: row("NEW", "n"),
            lists,
            entity: literal(entity),
            log: log.to_owned(),
            moment: "audit_moment",
            actor: "audit_who.actor",
            correlation_id: "audit_who.correlation_id",
            context: "audit_who.context",
        }
    }

    /// In a text that goes through `format()` and is executed with [`USING`](Self::USING).
    pub(super) fn parameters(entity: &str, log: &str) -> Self {
        let as_it_is = |text: &str| text.replace('%', "%%");
        Self {
            lists: Lists::places(),
            old_row: "(SELECT ($6).*) o".to_owned(),
            new_row: "(SELECT ($7).*) n".to_owned(),
            entity: as_it_is(&literal(entity)),
            log: as_it_is(log),
            moment: "$1",
            actor: "$2",
            correlation_id: "$3",
            context: "$4",
        }
    }

    /// The parameters of such a text; the fifth is only [`truncated`](Self::truncated)'s, and the last two are a row's.
    pub(super) const USING: &str = "audit_moment, audit_who.actor, audit_who.correlation_id, audit_who.context, TG_RELID, OLD, NEW";

    fn new_rows(&self, level: Level) -> &str {
        match level {
            Level::Statement => "new_rows n",
            Level::Row => &self.new_row,
        }
    }

    fn old_rows(&self, level: Level) -> &str {
        match level {
            Level::Statement => "old_rows o",
            Level::Row => &self.old_row,
        }
    }

    /// After an insert.
    pub(super) fn created(&self, level: Level) -> String {
        let from = self.new_rows(level);
        let Lists {
            record_new,
            whole_new,
            ..
        } = &self.lists;
        let rows = self.rows(&Values {
            action: "'create'",
            record_id: record_new,
            old_record_id: "NULL",
            old: "NULL",
            new: &format!("{}::json", object(whole_new)),
        });
        self.insert(&format!("{rows}\n            FROM {from}"))
    }

    /// After a delete.
    pub(super) fn deleted(&self, level: Level) -> String {
        let from = self.old_rows(level);
        let rows = self.all_deleted();
        self.insert(&format!("{rows}\n            FROM {from}"))
    }

    /// Before a truncate: the rows that it takes away and no trigger of a partition records.
    pub(super) fn truncated(&self) -> String {
        let rows = self.all_deleted();
        let (table, trigger) = (Lists::TABLE, literal(Event::Truncate.trigger()));
        self.insert(&format!(
            "{rows}\n            FROM {table} o\n            WHERE o.tableoid = $5 OR o.tableoid NOT IN (\n                \
             SELECT tgrelid FROM pg_trigger WHERE tgname = {trigger} AND tgenabled IN ('O', 'A')\n            )"
        ))
    }

    /// After an update of one row.
    pub(super) fn row_updated(&self) -> String {
        let Lists {
            record_old,
            same_key,
            ..
        } = &self.lists;
        let old_record_id = format!("CASE WHEN {same_key} THEN NULL ELSE {record_old} END");
        let (old, new) = (self.old_rows(Level::Row), self.new_rows(Level::Row));
        self.changed(&old_record_id, &format!("{old}, {new}"))
    }

    /// After an update in which no key changed.
    pub(super) fn updated(&self) -> String {
        let same_key = &self.lists.same_key;
        self.changed("NULL", &format!("old_rows o JOIN new_rows n ON {same_key}"))
    }

    /// An entry for each pair of rows that differ.
    fn changed(&self, old_record_id: &str, from: &str) -> String {
        let Lists {
            record_new,
            differs,
            was,
            became,
            ..
        } = &self.lists;
        let rows = self.rows(&Values {
            action: "'update'",
            record_id: record_new,
            old_record_id,
            old: &format!("{}::json", object(was)),
            new: &format!("{}::json", object(became)),
        });
        self.insert(&format!(
            "{rows}\n            FROM {from}\n            WHERE {differs}"
        ))
    }

    /// After an update in which keys changed.
    ///
    /// Old and new rows come in one order, which tells what became of each. Where a new key was an old one's in the same
    /// statement (a swap, a shift), no order of such entries would lead from the one state to the other; there each record
    /// has the entry that its key asks for.
    pub(super) fn moved(&self) -> String {
        let Lists {
            record_old,
            record_new,
            same_key,
            whole_old,
            whole_new,
            differs,
            ..
        } = &self.lists;
        let (was, became) = (object(&self.lists.was), object(&self.lists.became));
        let (whole_old, whole_new) = (object(whole_old), object(whole_new));
        let rows = self.rows(&Values {
            action: "entry.action",
            record_id: "entry.record_id",
            old_record_id: "entry.old_record_id",
            old: "entry.was::json",
            new: "entry.became::json",
        });
        let place = identifier(PLACE);
        self.insert(&format!(
            r#"WITH before_it AS MATERIALIZED (
                SELECT row_number() OVER () AS {place}, o.* FROM old_rows o
            ), after_it AS MATERIALIZED (
                SELECT row_number() OVER () AS {place}, n.* FROM new_rows n
            ), renamed AS MATERIALIZED (
                SELECT o.{place}
                FROM before_it o JOIN after_it n ON o.{place} = n.{place}
                WHERE (SELECT count(*) FROM before_it) = (SELECT count(*) FROM after_it)
                    AND NOT EXISTS (SELECT FROM before_it o WHERE {same_key})
                    AND NOT EXISTS (SELECT FROM after_it n WHERE {same_key})
            )
            {rows}
            FROM (
                SELECT 'update' AS action, {record_new} AS record_id, {record_old} AS old_record_id, {was} AS was, {became} AS became
                FROM renamed r
                    JOIN before_it o ON o.{place} = r.{place}
                    JOIN after_it n ON n.{place} = r.{place}
                UNION ALL
                SELECT 'update', {record_new}, NULL, {was}, {became}
                FROM before_it o JOIN after_it n ON {same_key}
                WHERE {differs}
                UNION ALL
                SELECT 'delete', {record_old}, NULL, {whole_old}, NULL
                FROM before_it o
                WHERE NOT EXISTS (SELECT FROM renamed r WHERE r.{place} = o.{place})
                    AND NOT EXISTS (SELECT FROM after_it n WHERE {same_key})
                UNION ALL
                SELECT 'create', {record_new}, NULL, NULL, {whole_new}
                FROM after_it n
                WHERE NOT EXISTS (SELECT FROM renamed r WHERE r.{place} = n.{place})
                    AND NOT EXISTS (SELECT FROM before_it o WHERE {same_key})
            ) AS entry"#
        ))
    }

    fn all_deleted(&self) -> String {
        let Lists {
            record_old,
            whole_old,
            ..
        } = &self.lists;
        self.rows(&Values {
            action: "'delete'",
            record_id: record_old,
            old_record_id: "NULL",
            old: &format!("{}::json", object(whole_old)),
            new: "NULL",
        })
    }

    fn insert(&self, rows: &str) -> String {
        format!(
            "            INSERT INTO {} ({COLUMNS})\n            {rows}",
            self.log
        )
    }

    fn rows(&self, values: &Values<'_>) -> String {
        let Values {
            action,
            record_id,
            old_record_id,
            old,
            new,
        } = values;
        let Self {
            entity,
            moment,
            actor,
            correlation_id,
            context,
            ..
        } = self;
        format!(
            "SELECT {moment}, {action}, {entity}, {record_id}, {old_record_id}, {actor}, {correlation_id}, {old}, {new}, {context}"
        )
    }
}

/// The columns of an entry that differ from statement to statement.
struct Values<'a> {
    action: &'a str,
    record_id: &'a str,
    old_record_id: &'a str,
    old: &'a str,
    new: &'a str,
}

/// A JSON object's text, from a list of which NULL is left out. An array has room for any number, a function's arguments do not.
fn object(list: &str) -> String {
    format!("('{{' || array_to_string(ARRAY[{list}], ',') || '}}')")
}
