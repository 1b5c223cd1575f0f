//! The text of a table's trigger function.

use super::{
    event::Event,
    quote::{dollar, literal, texts},
};

/// The columns of an entry, in the order in which every statement here writes them.
const COLUMNS: &str = "occurred_at, action, entity, record_id, old_record_id, actor, correlation_id, old_values, new_values, context";

/// Stands around a name for which `format()` puts something in; no name and no text of ours has it.
const PLACE: char = '\u{1}';

/// What the function is made of.
#[derive(Debug)]
pub(super) struct Parts {
    /// The line that says what it was made from.
    pub(super) stamp: String,
    /// The table's name as the log writes it.
    pub(super) entity: String,
    /// The log, quoted and with its schema.
    pub(super) log: String,
    /// The schema of the functions that all triggers have in common, quoted.
    pub(super) support: String,
    pub(super) key: Vec<String>,
    /// Columns that are nowhere in the log: excluded ones, and those that the entity does not know.
    pub(super) excluded: Vec<String>,
    pub(super) redacted: Vec<String>,
    pub(super) full: bool,
    pub(super) require_actor: bool,
    /// The table's columns and their types, as the function will ask for them.
    pub(super) shape: Vec<String>,
    pub(super) lists: Lists,
}

/// What `audit_lists` makes of the table's columns.
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
    /// The names under which `audit_lists` gives them, in the order in which they are handed to `format()`.
    const NAMES: [&'static str; 8] = [
        "record_old",
        "record_new",
        "same_key",
        "whole_old",
        "whole_new",
        "was",
        "became",
        "differs",
    ];

    /// Where [`Parts::later`] puts them.
    fn places() -> Self {
        let place = |name| format!("{PLACE}{name}{PLACE}");
        Self {
            record_old: place("record_old"),
            record_new: place("record_new"),
            same_key: place("same_key"),
            whole_old: place("whole_old"),
            whole_new: place("whole_new"),
            was: place("was"),
            became: place("became"),
            differs: place("differs"),
        }
    }
}

/// How a statement calls what the function knows.
struct Known {
    moment: &'static str,
    actor: &'static str,
    correlation_id: &'static str,
    context: &'static str,
}

/// In the function's own text.
const VARIABLES: Known = Known {
    moment: "audit_moment",
    actor: "audit_who.actor",
    correlation_id: "audit_who.correlation_id",
    context: "audit_who.context",
};

/// In a text that is executed.
const PARAMETERS: Known = Known {
    moment: "$1",
    actor: "$2",
    correlation_id: "$3",
    context: "$4",
};

impl Parts {
    /// What stands between `AS` and the end of `CREATE FUNCTION`, without its quotes.
    pub(super) fn function(&self) -> String {
        let Self { stamp, support, .. } = self;
        let nothing = |rows: &str| format!("NOT EXISTS (SELECT FROM {rows})");
        let (no_new, no_old) = (nothing("new_rows"), nothing("old_rows"));
        let require_actor = if self.require_actor {
            let message = literal(&format!(
                "(audit) a change of {} needs an actor: set audit.actor",
                self.entity.replace('%', "%%")
            ));
            format!(
                "\n    IF audit_who.actor IS NULL THEN\n        RAISE EXCEPTION {message};\n    END IF;"
            )
        } else {
            String::new()
        };
        let shape = texts(self.shape.iter().map(String::as_str));
        let key = texts(self.key.iter().map(String::as_str));
        let excluded = texts(self.excluded.iter().map(String::as_str));
        let redacted = texts(self.redacted.iter().map(String::as_str));
        let full = self.full;
        let (insert, update, moved, delete) = (
            self.created(&self.lists, &VARIABLES),
            self.updated(&self.lists, &VARIABLES),
            self.moved(&self.lists, &VARIABLES),
            self.deleted(&self.lists, &VARIABLES, "old_rows o"),
        );
        let places = Lists::places();
        let later = |statement: String| self.later(&statement);
        let (insert_later, update_later, moved_later, delete_later, truncate) = (
            later(self.created(&places, &PARAMETERS)),
            later(self.updated(&places, &PARAMETERS)),
            later(self.moved(&places, &PARAMETERS)),
            later(self.deleted(&places, &PARAMETERS, "old_rows o")),
            later(self.deleted(&places, &PARAMETERS, &truncated())),
        );
        let same_key = &self.lists.same_key;
        format!(
            r#"
{stamp}
DECLARE
    audit_who record;
    audit_moment timestamptz;
    audit_later record;
    audit_as_installed boolean;
    audit_keys_changed boolean;
BEGIN
    -- A statement that changed no row has no entry, and needs no actor.
    IF TG_OP = 'INSERT' THEN
        IF {no_new} THEN RETURN NULL; END IF;
    ELSIF TG_OP <> 'TRUNCATE' THEN
        IF {no_old} THEN RETURN NULL; END IF;
    ELSE
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', TG_RELID::regclass) INTO audit_as_installed;
        IF audit_as_installed THEN RETURN NULL; END IF;
    END IF;

    audit_who := {support}.audit_context_v01();
    audit_moment := clock_timestamp();{require_actor}

    -- Whether the table is as it was when this function was made. Columns that came later are recorded, too, and those that
    -- went are not missed.
    audit_as_installed := TG_OP <> 'TRUNCATE' AND {support}.audit_shape_v01(TG_RELID) = {shape};
    IF NOT audit_as_installed THEN
        audit_later := {support}.audit_lists_v01(TG_RELID, {key}, {excluded}, {redacted}, {full});
    END IF;

    IF TG_OP = 'INSERT' THEN
        IF audit_as_installed THEN
{insert};
        ELSE
{insert_later};
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        -- Without a key that changed, the key tells which new row belongs to which old one.
        IF audit_as_installed THEN
            IF NOT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same_key})) THEN
{update};
            ELSE
{moved};
            END IF;
        ELSE
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE %s))',
                audit_later.same_key
            ) INTO audit_keys_changed;
            IF NOT audit_keys_changed THEN
{update_later};
            ELSE
{moved_later};
            END IF;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF audit_as_installed THEN
{delete};
        ELSE
{delete_later};
        END IF;
    ELSE
        -- Each row that goes, in one statement. Partitions with a trigger of their own speak for themselves.
{truncate};
    END IF;
    RETURN NULL;
END
"#
        )
    }

    fn created(&self, lists: &Lists, known: &Known) -> String {
        let values = Values {
            action: "'create'",
            record_id: &lists.record_new,
            old_record_id: "NULL",
            old: "NULL",
            new: &format!("({})::json", lists.whole_new),
        };
        self.insert(&self.select(&values, known, "new_rows n"))
    }

    fn deleted(&self, lists: &Lists, known: &Known, from: &str) -> String {
        let values = Values {
            action: "'delete'",
            record_id: &lists.record_old,
            old_record_id: "NULL",
            old: &format!("({})::json", lists.whole_old),
            new: "NULL",
        };
        self.insert(&self.select(&values, known, from))
    }

    fn updated(&self, lists: &Lists, known: &Known) -> String {
        let values = Values {
            action: "'update'",
            record_id: &lists.record_new,
            old_record_id: "NULL",
            old: &format!("{}::json", object(&lists.was)),
            new: &format!("{}::json", object(&lists.became)),
        };
        let from = format!(
            "old_rows o JOIN new_rows n ON {}\n                WHERE {}",
            lists.same_key, lists.differs
        );
        self.insert(&self.select(&values, known, &from))
    }

    /// An update in which keys changed.
    ///
    /// Old and new rows come in one order, which tells what became of each. Where a new key was an old one's in the same
    /// statement (a swap, a shift), no order of such entries would lead from the one state to the other; there each record
    /// has the entry that its key asks for.
    fn moved(&self, lists: &Lists, known: &Known) -> String {
        let Lists {
            record_old,
            record_new,
            same_key,
            whole_old,
            whole_new,
            differs,
            ..
        } = lists;
        let (was, became) = (object(&lists.was), object(&lists.became));
        let values = Values {
            action: "entry.action",
            record_id: "entry.record_id",
            old_record_id: "entry.old_record_id",
            old: "entry.was::json",
            new: "entry.became::json",
        };
        let from = format!(
            r#"(
                SELECT 'update' AS action, {record_new} AS record_id, {record_old} AS old_record_id, {was} AS was, {became} AS became
                FROM renamed r
                    JOIN before_it o ON o."audit position" = r."audit position"
                    JOIN after_it n ON n."audit position" = r."audit position"
                UNION ALL
                SELECT 'update', {record_new}, NULL, {was}, {became}
                FROM before_it o JOIN after_it n ON {same_key}
                WHERE {differs}
                UNION ALL
                SELECT 'delete', {record_old}, NULL, {whole_old}, NULL
                FROM before_it o
                WHERE NOT EXISTS (SELECT FROM renamed r WHERE r."audit position" = o."audit position")
                    AND NOT EXISTS (SELECT FROM after_it n WHERE {same_key})
                UNION ALL
                SELECT 'create', {record_new}, NULL, NULL, {whole_new}
                FROM after_it n
                WHERE NOT EXISTS (SELECT FROM renamed r WHERE r."audit position" = n."audit position")
                    AND NOT EXISTS (SELECT FROM before_it o WHERE {same_key})
                ) AS entry"#
        );
        let with = format!(
            r#"                WITH before_it AS MATERIALIZED (
                    SELECT row_number() OVER () AS "audit position", o.* FROM old_rows o
                ), after_it AS MATERIALIZED (
                    SELECT row_number() OVER () AS "audit position", n.* FROM new_rows n
                ), renamed AS MATERIALIZED (
                    SELECT o."audit position"
                    FROM before_it o JOIN after_it n ON o."audit position" = n."audit position"
                    WHERE (SELECT count(*) FROM before_it) = (SELECT count(*) FROM after_it)
                        AND NOT EXISTS (SELECT FROM before_it o WHERE {same_key})
                        AND NOT EXISTS (SELECT FROM after_it n WHERE {same_key})
                )"#
        );
        self.insert(&format!("{with}\n{}", self.select(&values, known, &from)))
    }

    fn insert(&self, rows: &str) -> String {
        format!(
            "                INSERT INTO {} ({COLUMNS})\n{rows}",
            self.log
        )
    }

    fn select(&self, values: &Values<'_>, known: &Known, from: &str) -> String {
        let Values {
            action,
            record_id,
            old_record_id,
            old,
            new,
        } = values;
        let Known {
            moment,
            actor,
            correlation_id,
            context,
        } = known;
        let entity = literal(&self.entity);
        format!(
            "                SELECT {moment}, {action}, {entity}, {record_id}, {old_record_id}, {actor}, {correlation_id}, {old}, {new}, {context}\n\
             \x20               FROM {from}"
        )
    }

    /// The same statement, made from the table as it is when it runs.
    fn later(&self, statement: &str) -> String {
        let mut statement = statement.replace('%', "%%");
        for (at, name) in Lists::NAMES.iter().chain([&TABLE]).enumerate() {
            let place = format!("{PLACE}{name}{PLACE}");
            statement = statement.replace(&place, &format!("%{}$s", at + 1));
        }
        let lists: Vec<String> = Lists::NAMES
            .iter()
            .map(|name| format!("audit_later.{name}"))
            .collect();
        format!(
            "            EXECUTE format({}, {}, TG_RELID::regclass)\n            USING audit_moment, audit_who.actor, audit_who.correlation_id, audit_who.context, TG_RELID",
            dollar("statement", &format!("\n{statement}\n")),
            lists.join(", "),
        )
    }
}

/// The name under which the table itself is put in.
const TABLE: &str = "table";

/// The rows that a TRUNCATE of a table takes away and no trigger of a partition records.
fn truncated() -> String {
    format!(
        "{PLACE}{TABLE}{PLACE} o\n                WHERE o.tableoid = $5 OR o.tableoid NOT IN (\n                    \
         SELECT tgrelid FROM pg_trigger WHERE tgname = {} AND tgenabled IN ('O', 'A')\n                )",
        literal(Event::Truncate.trigger())
    )
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
