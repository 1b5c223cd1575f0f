//! The text of a table's trigger function.

use super::{
    event::{ByRow, Event, Level},
    quote::{dollar, literal, texts},
    statement::{Lists, Terms},
};

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
    /// The columns that the lists are about.
    pub(super) recorded: Vec<String>,
    pub(super) by_row: ByRow,
}

impl Parts {
    /// What stands between `AS` and the end of `CREATE FUNCTION`, without its quotes.
    pub(super) fn function(&self) -> String {
        let Self { stamp, support, .. } = self;
        let require_actor = self.require_actor();
        let shape = texts(self.shape.iter().map(String::as_str));
        let key = texts(self.key.iter().map(String::as_str));
        let excluded = texts(self.excluded.iter().map(String::as_str));
        let redacted = texts(self.redacted.iter().map(String::as_str));
        let full = self.full;
        let nothing = |event, rows: &str| match self.by_row.level(event) {
            Level::Statement => format!("NOT EXISTS (SELECT FROM {rows})"),
            Level::Row => "false".to_owned(),
        };
        let nothing_inserted = nothing(Event::Insert, "new_rows");
        let nothing_updated = nothing(Event::Update, "old_rows");
        let nothing_deleted = nothing(Event::Delete, "old_rows");

        let now = Terms::variables(self.lists.clone(), &self.entity, &self.log, &self.recorded);
        let created = now.created(self.by_row.level(Event::Insert));
        let deleted = now.deleted(self.by_row.level(Event::Delete));
        let updated = self.updated(&now);
        let later = Terms::parameters(&self.entity, &self.log);
        let created_later = executed(&later.created(self.by_row.level(Event::Insert)));
        let deleted_later = executed(&later.deleted(self.by_row.level(Event::Delete)));
        let truncated_later = executed(&later.truncated());
        let updated_later = self.updated_later(&later);
        let (array, using) = (Lists::ARRAY, Terms::USING);
        format!(
            r#"
{stamp}
-- A column may have the name of a variable; columns are written with their table's alias.
#variable_conflict use_variable
DECLARE
    audit_who record;
    audit_moment timestamptz;
    audit_nothing boolean;
    audit_keys_changed boolean;
    audit_lists text[];
    audit_statement text;
BEGIN
    -- A statement that changed no row has no entry, and needs no actor.
    IF TG_OP = 'INSERT' THEN
        audit_nothing := {nothing_inserted};
    ELSIF TG_OP = 'UPDATE' THEN
        audit_nothing := {nothing_updated};
    ELSIF TG_OP = 'DELETE' THEN
        audit_nothing := {nothing_deleted};
    ELSE
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', TG_RELID::regclass) INTO audit_nothing;
    END IF;
    IF audit_nothing THEN
        RETURN NULL;
    END IF;

    audit_who := {support}.audit_context_v01();
    audit_moment := clock_timestamp();{require_actor}

    -- The table is as it was when this function was made.
    IF TG_OP <> 'TRUNCATE' AND {support}.audit_shape_v01(TG_RELID) = {shape} THEN
        IF TG_OP = 'INSERT' THEN
{created};
        ELSIF TG_OP = 'DELETE' THEN
{deleted};
{updated}
        END IF;
        RETURN NULL;
    END IF;

    -- It is not, and the statements are made of its columns as they are now: those that came later are recorded, too, and those
    -- that went are not missed. So are the rows of a TRUNCATE, which comes to each partition by itself.
    SELECT {array} INTO audit_lists
    FROM {support}.audit_lists_v01(TG_RELID, {key}, {excluded}, {redacted}, {full});
    IF TG_OP = 'INSERT' THEN
        audit_statement := {created_later};
    ELSIF TG_OP = 'DELETE' THEN
        audit_statement := {deleted_later};
    ELSIF TG_OP = 'TRUNCATE' THEN
        audit_statement := {truncated_later};
    ELSE
{updated_later}
    END IF;
    EXECUTE format(audit_statement, VARIADIC audit_lists)
    USING {using};
    RETURN NULL;
END
"#
        )
    }

    /// The branches of `IF` for an update of the table as it was.
    fn updated(&self, terms: &Terms) -> String {
        if self.by_row.level(Event::Update) == Level::Row {
            return format!("        ELSE\n{};", terms.row_updated());
        }
        let same_key = &self.lists.same_key;
        format!(
            "        -- Without a key that changed, the key tells which new row belongs to which old one.\n        \
             ELSIF NOT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same_key})) THEN\n\
             {};\n        ELSE\n{};",
            terms.updated(),
            terms.moved(),
        )
    }

    /// The statement for an update of the table as it is now.
    fn updated_later(&self, terms: &Terms) -> String {
        if self.by_row.level(Event::Update) == Level::Row {
            return format!(
                "        audit_statement := {};",
                executed(&terms.row_updated())
            );
        }
        let same_key = Lists::places().same_key;
        let (moved, updated) = (executed(&terms.moved()), executed(&terms.updated()));
        format!(
            r#"        EXECUTE format(
            'SELECT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same_key}))',
            VARIADIC audit_lists
        ) INTO audit_keys_changed;
        IF audit_keys_changed THEN
            audit_statement := {moved};
        ELSE
            audit_statement := {updated};
        END IF;"#
        )
    }

    fn require_actor(&self) -> String {
        if !self.require_actor {
            return String::new();
        }
        let message = literal(&format!(
            "(audit) a change of {} needs an actor: set audit.actor",
            self.entity.replace('%', "%%")
        ));
        format!(
            "\n    IF audit_who.actor IS NULL THEN\n        RAISE EXCEPTION {message};\n    END IF;"
        )
    }
}

/// A statement as a text for `EXECUTE`.
fn executed(statement: &str) -> String {
    dollar("statement", &format!("\n{statement}\n"))
}
