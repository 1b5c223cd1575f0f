//! The text of a table's trigger function.

use super::{
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
}

impl Parts {
    /// What stands between `AS` and the end of `CREATE FUNCTION`, without its quotes.
    pub(super) fn function(&self) -> String {
        let Self { stamp, support, .. } = self;
        let nothing = |rows: &str| format!("NOT EXISTS (SELECT FROM {rows})");
        let (no_new, no_old) = (nothing("new_rows"), nothing("old_rows"));
        let require_actor = self.require_actor();
        let shape = texts(self.shape.iter().map(String::as_str));
        let key = texts(self.key.iter().map(String::as_str));
        let excluded = texts(self.excluded.iter().map(String::as_str));
        let redacted = texts(self.redacted.iter().map(String::as_str));
        let full = self.full;
        let same_key = &self.lists.same_key;
        let now = Terms::variables(self.lists.clone(), &self.entity, &self.log);
        let (created, deleted, updated, moved) =
            (now.created(), now.deleted(), now.updated(), now.moved());
        let later = Terms::parameters(&self.entity, &self.log);
        let text = |statement: String| dollar("statement", &format!("\n{statement}\n"));
        let (created_later, deleted_later, truncated_later, updated_later, moved_later) = (
            text(later.created()),
            text(later.deleted()),
            text(later.truncated()),
            text(later.updated()),
            text(later.moved()),
        );
        let same_key_later = Lists::places().same_key;
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
        audit_nothing := {no_new};
    ELSIF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', TG_RELID::regclass) INTO audit_nothing;
    ELSE
        audit_nothing := {no_old};
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
        -- Without a key that changed, the key tells which new row belongs to which old one.
        ELSIF NOT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same_key})) THEN
{updated};
        ELSE
{moved};
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
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same_key_later}))',
            VARIADIC audit_lists
        ) INTO audit_keys_changed;
        IF audit_keys_changed THEN
            audit_statement := {moved_later};
        ELSE
            audit_statement := {updated_later};
        END IF;
    END IF;
    EXECUTE format(audit_statement, VARIADIC audit_lists)
    USING {using};
    RETURN NULL;
END
"#
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
