//! The three triggers of a table, as SQL.

use sea_orm_audit::{
    Values,
    audit_log::{CONTEXT_LENGTH, RECORD_ID_LENGTH},
};

use super::{
    json,
    sql::{chain, name, text, with},
    utf8,
    value::Column,
};

/// What the triggers of a table are written from.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// The schema file that table, log and context are in.
    pub(super) schema: &'a str,
    /// The table as the database calls it.
    pub(super) table: &'a str,
    /// The table as the log calls it.
    pub(super) entity: &'a str,
    /// The log, without its schema.
    pub(super) log: &'a str,
    pub(super) columns: Vec<Column>,
    /// The columns of the key, in key order.
    pub(super) key: Vec<Column>,
    pub(super) values: Values,
    pub(super) require_actor: bool,
    pub(super) stamp: &'a str,
}

/// A trigger by name, and the statement that creates it.
#[derive(Debug)]
pub(super) struct Trigger {
    pub(super) name: String,
    pub(super) event: &'static str,
    /// What stands behind `CREATE TRIGGER "schema".`.
    body: String,
    schema: String,
}

impl Trigger {
    /// The statement.
    pub(super) fn create(&self) -> String {
        format!("CREATE TRIGGER {}.{}", name(&self.schema), self.body)
    }

    /// The statement as SQLite keeps it.
    pub(super) fn kept(&self) -> String {
        format!("CREATE TRIGGER {}", self.body)
    }
}

/// The names of a table's triggers.
pub(super) fn names(table: &str) -> [String; 3] {
    ["insert", "update", "delete"].map(|event| format!("audit_{event}_{table}"))
}

impl Body<'_> {
    /// The triggers in the order of [`names`].
    pub(super) fn triggers(&self) -> [Trigger; 3] {
        let [insert, update, delete] = names(self.table);
        [
            self.trigger(insert, "INSERT", None, &self.create_entry()),
            self.trigger(update, "UPDATE", Some(self.differs()), &self.update_entry()),
            self.trigger(delete, "DELETE", None, &self.delete_entry()),
        ]
    }

    /// Whatever the statement around says about conflicts goes for the entry, too: `INSERT OR IGNORE` would lose one
    /// that cannot be written. So each trigger looks whether it has been.
    fn trigger(
        &self,
        trigger: String,
        event: &'static str,
        when: Option<String>,
        entry: &str,
    ) -> Trigger {
        let when = when.map_or_else(String::new, |when| format!("WHEN {when}\n"));
        let refused = text(&format!(
            "(audit) the log {} has not taken the entry of a change of {}",
            self.log, self.entity
        ));
        let columns = "occurred_at, action, entity, record_id, old_record_id, actor, correlation_id, \
             old_values, new_values, context";
        let body = format!(
            "{} AFTER {event} ON {} FOR EACH ROW\n{when}BEGIN\n  {}\n  INSERT INTO {} ({columns})\n  {entry};\n  \
             SELECT RAISE(ABORT, {refused}) WHERE changes() <> 1;\nEND",
            name(&trigger),
            name(self.table),
            self.stamp,
            name(self.log),
        );
        Trigger {
            name: trigger,
            event,
            body,
            schema: self.schema.to_owned(),
        }
    }

    fn create_entry(&self) -> String {
        let new = self.row("NEW");
        self.entry(
            "create",
            &format!("{} AS k", self.record_id("NEW")),
            "NULL",
            "NULL",
            &new,
        )
    }

    fn delete_entry(&self) -> String {
        let old = self.row("OLD");
        self.entry(
            "delete",
            &format!("{} AS k", self.record_id("OLD")),
            "NULL",
            &old,
            "NULL",
        )
    }

    fn update_entry(&self) -> String {
        let mut seen = vec![
            format!("{} AS k", self.record_id("NEW")),
            format!("{} AS o", self.record_id("OLD")),
        ];
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for (at, column) in self.columns.iter().enumerate() {
            seen.push(format!("{} AS c{at}", column.differs()));
            let key = key_of(column);
            let full = self.values == Values::Full && !column.redacted;
            let (was, is) = (column.json("OLD"), column.json("NEW"));
            if full {
                old.push(format!("{key} || {was}"));
                new.push(format!(
                    "{key} || CASE WHEN r.c{at} THEN {is} ELSE {was} END"
                ));
            } else {
                old.push(format!("CASE WHEN r.c{at} THEN {key} || {was} ELSE '' END"));
                new.push(format!("CASE WHEN r.c{at} THEN {key} || {is} ELSE '' END"));
            }
        }
        self.entry(
            "update",
            &seen.join(", "),
            "CASE WHEN r.k <> r.o THEN r.o END",
            &object(&old),
            &object(&new),
        )
    }

    /// The entry; `seen` is what is looked at before, once.
    fn entry(&self, action: &str, seen: &str, old_key: &str, old: &str, new: &str) -> String {
        let refuse = |what: &str| format!("RAISE(ABORT, {})", text(&format!("(audit) {what}")));
        let no_actor = if self.require_actor {
            format!(
                "WHEN r.a IS NULL THEN {} ",
                refuse(&format!(
                    "changes of {} need an actor, and the context names none",
                    self.entity
                ))
            )
        } else {
            String::new()
        };
        let long = |what: &str, limit: usize| {
            refuse(&format!(
                "{what} is longer than {limit} characters, which the log does not hold"
            ))
        };
        let entity = text(self.entity);
        format!(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), '{action}', {entity}, \
             CASE WHEN {} THEN {} ELSE r.k END, {old_key}, \
             CASE {no_actor}WHEN {} THEN {} ELSE r.a END, CASE WHEN {} THEN {} ELSE r.i END, \
             {old}, {new}, {}\n  FROM (SELECT {seen}, {} AS a, {} AS i) AS r",
            longer("r.k", RECORD_ID_LENGTH),
            long(
                &format!("the key of a record of {}", self.entity),
                RECORD_ID_LENGTH
            ),
            longer("r.a", CONTEXT_LENGTH),
            long("the actor", CONTEXT_LENGTH),
            longer("r.i", CONTEXT_LENGTH),
            long("the correlation id", CONTEXT_LENGTH),
            context(),
            context_text("actor"),
            context_text("correlation_id"),
        )
    }

    fn record_id(&self, row: &str) -> String {
        let key = match self.key.as_slice() {
            [column] => column.key_text(row),
            columns => {
                let parts: Vec<String> = columns
                    .iter()
                    .map(|column| format!("',' || {}", column.key_json(row)))
                    .collect();
                format!("'[' || substr({}, 2) || ']'", chain("||", &parts))
            }
        };
        with(&key, &utf8::clean())
    }

    fn row(&self, row: &str) -> String {
        let parts: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("{} || {}", key_of(column), column.json(row)))
            .collect();
        object(&parts)
    }

    /// Whether an update changes anything; what is quick to compare comes first.
    fn differs(&self) -> String {
        let (slow, quick): (Vec<&Column>, Vec<&Column>) = self
            .columns
            .iter()
            .partition(|column| column.differs_by_form());
        let parts: Vec<String> = quick
            .iter()
            .chain(&slow)
            .map(|column| column.differs())
            .collect();
        chain("OR", &parts)
    }
}

/// `,"name":` as a literal.
fn key_of(column: &Column) -> String {
    let name = serde_json::Value::from(column.name.as_str());
    text(&format!(",{name}:"))
}

/// An object of members that begin with a comma. None of them is ever NULL, and if one were, it would not go unseen.
fn object(members: &[String]) -> String {
    let members = format!("'{{' || substr({}, 2) || '}}'", chain("||", members));
    format!(
        "coalesce({}, RAISE(ABORT, '(audit) a value has no form in the log'))",
        with(&members, &utf8::clean())
    )
}

/// Whether a text has more characters. Those behind a NUL are not counted by `length`, so that they are counted in JSON, of
/// which the escapes are subtracted.
fn longer(text: &str, limit: usize) -> String {
    let counted = with(
        &format!(r"replace(json_quote({text}), '\\', '_')"),
        r"length(v) - 2 - (length(v) - length(replace(v, '\', ''))) - (length(v) - length(replace(v, '\u', ''))) * 2",
    );
    format!(
        "CASE WHEN length(CAST({text} AS BLOB)) <= {limit} THEN 0 WHEN length({text}) > {limit} THEN 1 \
         ELSE {counted} > {limit} END"
    )
}

/// A text of the context; none if it is empty.
fn context_text(column: &str) -> String {
    let column = format!("(SELECT CAST({column} AS TEXT) FROM audit_context WHERE id = 1)");
    with(
        &column,
        &format!("CASE WHEN v <> '' THEN {} END", utf8::clean()),
    )
}

/// The JSON object of the context. What is none is kept in one.
///
/// SQLite may look at the right side of an `AND` first, and `json_type` fails for what is no JSON: only `CASE` keeps an order.
fn context() -> String {
    let column = "(SELECT CAST(context AS TEXT) FROM audit_context WHERE id = 1)";
    let readable = json::is_readable(&format!("({}) = v", utf8::clean()));
    let kept = with("json_quote(v)", &utf8::clean());
    with(
        column,
        &format!(
            "CASE WHEN v IS NULL OR v = '' THEN NULL \
             ELSE coalesce(CASE WHEN {readable} THEN CASE json_type(v) WHEN 'object' THEN v END END, \
             '{{\"context\":' || {kept} || '}}') END"
        ),
    )
}
