//! The bodies of the three triggers of a table.

use sea_orm_audit::{
    Values,
    audit_log::{CONTEXT_LENGTH, RECORD_ID_LENGTH, REDACTED},
};

use super::{
    catalog::Server,
    column::{Column, Side},
    quote,
};
use crate::triggers::table::TriggerTable;

/// What a row of a table can go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
}

impl Event {
    pub(super) const ALL: [Self; 3] = [Self::Insert, Self::Update, Self::Delete];

    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Insert => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The rows it has, the one that names the record first.
    fn sides(self) -> &'static [Side] {
        match self {
            Self::Insert => &[Side::New],
            Self::Update => &[Side::New, Side::Old],
            Self::Delete => &[Side::Old],
        }
    }
}

/// All that the bodies are made from.
pub(super) struct Made<'a> {
    pub(super) table: &'a TriggerTable,
    pub(super) columns: &'a [Column],
    pub(super) server: &'a Server,
    /// The log, as it is to be named in the body.
    pub(super) log: &'a str,
    /// As it can stand in a literal.
    pub(super) stamp: &'a str,
}

/// What the server says of a text that is longer than `max_allowed_packet`.
const TOO_LARGE: u32 = 1301;

impl Made<'_> {
    /// The body of the trigger for an event.
    pub(super) fn body(&self, event: Event) -> String {
        let mut lines = vec!["audit_trigger: BEGIN".to_owned()];
        lines.extend(self.declarations(event));
        lines.push(self.handler());
        lines.push(self.signature());
        if event == Event::Update {
            lines.extend(self.comparisons());
            lines.push(format!(
                "IF NOT ({}) THEN LEAVE audit_trigger; END IF;",
                self.any_changed()
            ));
        }
        lines.extend(self.context());
        lines.extend(self.preparations(event));
        lines.extend(self.key(event));
        lines.extend(self.values(event));
        lines.push(self.insert(event));
        lines.push("END".to_owned());
        lines.join("\n")
    }

    fn declarations(&self, event: Event) -> Vec<String> {
        let text = |name: &str| {
            format!("DECLARE {name} LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;")
        };
        let mut lines: Vec<String> = [
            "audit_id",
            "audit_old_id",
            "audit_actor",
            "audit_correlation",
            "audit_details",
            "audit_old_values",
            "audit_new_values",
            "audit_message",
        ]
        .map(text)
        .into();
        lines.push("DECLARE audit_odd BOOLEAN DEFAULT FALSE;".to_owned());
        let prepared = || self.columns.iter().filter(|column| column.is_prepared());
        for side in event.sides() {
            lines.extend(prepared().map(|column| text(&column.variable(*side))));
        }
        if prepared().next().is_some() {
            lines.push(text("audit_text"));
            lines.push("DECLARE audit_number, audit_rounded DOUBLE;".to_owned());
            lines.push("DECLARE audit_float FLOAT;".to_owned());
            lines.push("DECLARE audit_digits INT;".to_owned());
        }
        if event == Event::Update {
            let compared = self
                .columns
                .iter()
                .filter_map(|column| column.comparison(self.server));
            lines.extend(compared.map(|(name, _)| format!("DECLARE {name} BOOLEAN;")));
        }
        lines
    }

    /// Whatever refuses the entry says so, and keeps its own code: a program may wait for that of a deadlock.
    fn handler(&self) -> String {
        let failed = quote::text(&format!("(audit) {}: ", self.table.display()));
        format!(
            "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN\n\
             GET DIAGNOSTICS CONDITION 1 audit_message = MESSAGE_TEXT;\n\
             IF audit_message NOT LIKE '(audit) %' THEN SET audit_message = CONCAT({failed}, audit_message); END IF;\n\
             SET audit_message = LEFT(audit_message, {});\n\
             RESIGNAL SET MESSAGE_TEXT = audit_message;\n\
             END;\n\
             DECLARE EXIT HANDLER FOR {TOO_LARGE} {}",
            quote::LONGEST_MESSAGE,
            self.refuse("the entry of a row is larger than max_allowed_packet")
        )
    }

    /// The stamp, in a text that nothing reads: what restores a dump drops comments on the way.
    fn signature(&self) -> String {
        format!(
            "IF FALSE THEN SET audit_message = '{}'; END IF;",
            self.stamp
        )
    }

    fn comparisons(&self) -> impl Iterator<Item = String> {
        self.columns
            .iter()
            .filter_map(|column| column.comparison(self.server))
            .map(|(name, changed)| format!("SET {name} = {changed};"))
    }

    fn any_changed(&self) -> String {
        let changed: Vec<String> = self.columns.iter().map(Column::changed).collect();
        changed.join(" OR ")
    }

    /// Who acts, for what, and why.
    fn context(&self) -> Vec<String> {
        let given = |name: &str, variable: &str| {
            format!(
                "SET {name} = IF(CHAR_LENGTH({variable}) = 0, NULL, CONVERT({variable} USING utf8mb4));"
            )
        };
        // What is no text is kept as its bytes.
        let odd = |name: &str, variable: &str| {
            format!("SET {name} = COALESCE({name}, LOWER(HEX(NULLIF({variable}, ''))));")
        };
        let all = [
            ("audit_actor", "@audit_actor"),
            ("audit_correlation", "@audit_correlation_id"),
            ("audit_details", "@audit_context"),
        ];
        let mut lines = vec![
            "BEGIN".to_owned(),
            "DECLARE CONTINUE HANDLER FOR 1300 SET audit_odd = TRUE;".to_owned(),
        ];
        lines.extend(all.map(|(name, variable)| given(name, variable)));
        lines.push("END;".to_owned());
        lines.push("IF audit_odd THEN".to_owned());
        lines.extend(all.map(|(name, variable)| odd(name, variable)));
        lines.push("END IF;".to_owned());
        if self.table.0.require_actor {
            lines.push(format!(
                "IF audit_actor IS NULL THEN {} END IF;",
                self.refuse("a change needs an actor, and @audit_actor is not set")
            ));
        }
        for (name, variable) in &all[..2] {
            lines.push(format!(
                "IF CHAR_LENGTH({name}) > {CONTEXT_LENGTH} THEN {} END IF;",
                self.refuse(&format!(
                    "{variable} is longer than {CONTEXT_LENGTH} characters"
                ))
            ));
        }
        lines.push(
            "IF audit_details IS NULL THEN\n\
             IF audit_actor IS NULL AND audit_correlation IS NULL THEN\n\
             SET audit_details = CONCAT('{\"database_user\":', JSON_QUOTE(CONVERT(USER() USING utf8mb4)), '}');\n\
             END IF;\n\
             ELSEIF NOT JSON_VALID(audit_details) THEN\n\
             SET audit_details = CONCAT('{\"context\":', JSON_QUOTE(audit_details), '}');\n\
             ELSEIF JSON_TYPE(audit_details) <> 'OBJECT' THEN\n\
             SET audit_details = IF(JSON_VALID(CONCAT('{\"context\":', audit_details, '}')), \
             CONCAT('{\"context\":', audit_details, '}'), CONCAT('{\"context\":', JSON_QUOTE(audit_details), '}'));\n\
             ELSEIF JSON_LENGTH(audit_details) = 0 THEN\n\
             SET audit_details = NULL;\n\
             END IF;"
                .to_owned(),
        );
        lines
    }

    fn preparations(&self, event: Event) -> Vec<String> {
        let sides = || event.sides().iter();
        let prepared = self.columns.iter().filter(|column| column.is_prepared());
        prepared
            .flat_map(|column| sides().map(|side| column.prepare(*side)))
            .collect()
    }

    fn record_id(&self, side: Side) -> String {
        let keys: Vec<&Column> = self
            .table
            .0
            .key
            .iter()
            .filter_map(|key| self.columns.iter().find(|column| column.name == *key))
            .collect();
        match keys.as_slice() {
            [key] => key.key_text(side),
            keys => {
                let parts: Vec<String> = keys.iter().map(|key| key.key_json(side)).collect();
                format!("CONCAT('[', {}, ']')", parts.join(", ',', "))
            }
        }
    }

    fn key(&self, event: Event) -> Vec<String> {
        let too_long = |name: &str| {
            format!(
                "IF COALESCE(CHAR_LENGTH({name}) > {RECORD_ID_LENGTH}, TRUE) THEN {} END IF;",
                self.refuse(&format!(
                    "the key of the record is longer than {RECORD_ID_LENGTH} characters"
                ))
            )
        };
        let [side, other @ ..] = event.sides() else {
            return Vec::new();
        };
        let mut lines = vec![
            format!("SET audit_id = {};", self.record_id(*side)),
            too_long("audit_id"),
        ];
        if let [other] = other {
            lines.push(format!("SET audit_old_id = {};", self.record_id(*other)));
            lines.push(too_long("audit_old_id"));
            lines.push(
                "IF CAST(audit_id AS BINARY) = CAST(audit_old_id AS BINARY) THEN SET audit_old_id = NULL; END IF;"
                    .to_owned(),
            );
        }
        lines
    }

    fn values(&self, event: Event) -> Vec<String> {
        let mut lines = Vec::new();
        for side in event.sides() {
            let name = format!("audit_{}_values", side.word());
            let value = match event {
                Event::Update => self.changed_values(*side),
                _ => self.whole(*side),
            };
            lines.push(format!("SET {name} = {value};"));
            lines.push(format!(
                "IF {name} IS NULL THEN {} END IF;",
                self.refuse("the entry of a row is larger than max_allowed_packet")
            ));
        }
        lines
    }

    fn whole(&self, side: Side) -> String {
        let parts = self.columns.iter().map(|column| {
            let value = if column.redacted {
                redacted()
            } else {
                column.json(side)
            };
            format!("{}, {value}", member(&column.name))
        });
        object(parts)
    }

    fn changed_values(&self, side: Side) -> String {
        let full = self.table.0.values == Values::Full;
        let parts = self.columns.iter().map(|column| {
            let (name, changed) = (member(&column.name), column.changed());
            if column.redacted {
                format!("IF({changed}, CONCAT({name}, {}), '')", redacted())
            } else if !full {
                format!("IF({changed}, CONCAT({name}, {}), '')", column.json(side))
            } else if side == Side::Old {
                format!("{name}, {}", column.json(side))
            } else {
                // Equal values may have several texts; one text on both sides says: no change.
                format!(
                    "{name}, IF({changed}, {}, {})",
                    column.json(Side::New),
                    column.json(Side::Old)
                )
            }
        });
        object(parts)
    }

    fn insert(&self, event: Event) -> String {
        let (old_id, old, new) = match event {
            Event::Insert => ("NULL", "NULL", "audit_new_values"),
            Event::Update => ("audit_old_id", "audit_old_values", "audit_new_values"),
            Event::Delete => ("NULL", "audit_old_values", "NULL"),
        };
        format!(
            "INSERT INTO {} (`occurred_at`, `action`, `entity`, `record_id`, `old_record_id`, `actor`, `correlation_id`, \
             `old_values`, `new_values`, `context`) VALUES (UTC_TIMESTAMP(6), '{}', {}, audit_id, {old_id}, audit_actor, \
             audit_correlation, {old}, {new}, audit_details);",
            self.log,
            event.action(),
            quote::text(&self.table.display())
        )
    }

    /// Refuses the write in words.
    fn refuse(&self, why: &str) -> String {
        let message = format!("(audit) {}: {why}", self.table.display());
        format!(
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = {};",
            quote::message(&message)
        )
    }
}

/// The literal of an object's member up to its value, with a comma before.
fn member(name: &str) -> String {
    quote::text(&format!(",{}:", serde_json::Value::from(name)))
}

fn redacted() -> String {
    quote::text(&serde_json::Value::from(REDACTED).to_string())
}

/// An object of members that each begin with a comma. NULL anywhere makes NULL of it all, so that nothing is lost.
fn object(members: impl Iterator<Item = String>) -> String {
    let members: Vec<String> = members.collect();
    format!(
        "CONCAT('{{', SUBSTRING(CONCAT({}), 2), '}}')",
        members.join(",\n")
    )
}

impl Column {
    /// The statements that put a prepared form into its variable.
    fn prepare(&self, side: Side) -> String {
        let (variable, value) = (self.variable(side), self.of(side));
        if self.class == super::column::Class::Float {
            return shortest_float(&variable, &value);
        }
        // What is no text is kept as its bytes.
        format!(
            "BEGIN\n\
             DECLARE CONTINUE HANDLER FOR 1300 SET {variable} = NULL;\n\
             SET {variable} = CONVERT({value} USING utf8mb4);\n\
             END;\n\
             SET {variable} = COALESCE({variable}, LOWER(HEX({value})));"
        )
    }
}

/// The shortest text that reads back as the same single-precision number. The server itself prints six digits, which is
/// less than such a number has.
fn shortest_float(variable: &str, value: &str) -> String {
    format!(
        "SET audit_number = {value} + 0e0;\n\
         IF audit_number IS NULL THEN SET {variable} = NULL;\n\
         ELSEIF audit_number = 0 THEN SET {variable} = '0.0';\n\
         ELSEIF ABS(audit_number) >= 3.4028234e38 THEN\n\
         SET {variable} = IF(audit_number < 0, '-3.4028235e38', '3.4028235e38');\n\
         ELSE\n\
         SET audit_text = audit_number;\n\
         SET audit_digits = IF(ABS(audit_number) < 1.2e-38, 1, 6);\n\
         REPEAT\n\
         SET audit_rounded = CONCAT(ROUND(CAST(SUBSTRING_INDEX(audit_text, 'e', 1) AS DECIMAL(65, 30)), \
         audit_digits - 1 - IF(LOCATE('e', audit_text) = 0, FLOOR(LOG10(ABS(audit_number))), 0)), \
         IF(LOCATE('e', audit_text) = 0, '', CONCAT('e', SUBSTRING_INDEX(audit_text, 'e', -1))));\n\
         SET audit_float = audit_rounded;\n\
         SET audit_digits = audit_digits + 1;\n\
         UNTIL audit_float = audit_number OR audit_digits > 9 END REPEAT;\n\
         SET {variable} = audit_rounded;\n\
         END IF;"
    )
}
