//! The SQL that makes a value's form of a column.

use sea_orm_audit::__private::Kind;

use super::{
    catalog::Server,
    column::{Class, Column, Side},
};

/// What an expression gives.
enum Form {
    /// JSON as it is.
    Json(String),
    /// A text in which nothing is special to JSON.
    Word(String),
    /// Any text.
    Text(String),
}

impl Column {
    /// The JSON form, as text; NULL only where it is longer than the server lets a text be.
    pub(super) fn json(&self, side: Side) -> String {
        let form = match self.form(side) {
            Form::Json(sql) => sql,
            Form::Word(sql) => format!("CONCAT('\"', {sql}, '\"')"),
            Form::Text(sql) => format!("JSON_QUOTE({sql})"),
        };
        format!("IF({} IS NULL, 'null', {form})", self.of(side))
    }

    /// The plain text of a key of one column.
    pub(super) fn key_text(&self, side: Side) -> String {
        let (Form::Json(sql) | Form::Word(sql) | Form::Text(sql)) = self.key_form(side);
        format!("IF({} IS NULL, '', {sql})", self.of(side))
    }

    /// The JSON form as a part of a key: the same text for equal values, as the library itself prints it.
    pub(super) fn key_json(&self, side: Side) -> String {
        let form = match self.key_form(side) {
            Form::Json(sql) => sql,
            Form::Word(sql) => format!("CONCAT('\"', {sql}, '\"')"),
            Form::Text(sql) => quoted(&sql),
        };
        format!("IF({} IS NULL, 'null', {form})", self.of(side))
    }

    /// Whether the form is made in statements of its own, and stands in a variable then.
    pub(super) fn is_prepared(&self) -> bool {
        if self.redacted {
            return false;
        }
        match self.class {
            Class::Float => matches!(self.kind, Kind::Float),
            Class::OddText => true,
            Class::Binary => matches!(self.kind, Kind::Text | Kind::Json),
            _ => false,
        }
    }

    /// The variable in which a prepared form stands.
    pub(super) fn variable(&self, side: Side) -> String {
        format!("audit_{}_{}", side.word(), self.at)
    }

    /// The variable that says whether the column changed, where it is asked once.
    fn changed_variable(&self) -> String {
        format!("audit_changed_{}", self.at)
    }

    fn form(&self, side: Side) -> Form {
        let sql = self.of(side);
        match (self.class, &self.kind) {
            (Class::Integer | Class::Decimal | Class::Float | Class::Double, Kind::Bool) => {
                Form::Json(format!("IF({sql} <> 0, 'true', 'false')"))
            }
            (Class::Integer, Kind::Text | Kind::Decimal) => Form::Word(self.digits(&sql)),
            (Class::Integer, _) => Form::Json(self.digits(&sql)),
            (Class::Decimal, Kind::Integer | Kind::Float | Kind::Double) => {
                Form::Json(self.digits(&sql))
            }
            (Class::Decimal, _) => Form::Word(self.digits(&sql)),
            (Class::Float, Kind::Float) => Form::Json(self.variable(side)),
            (Class::Float | Class::Double, Kind::Text | Kind::Decimal) => {
                Form::Word(format!("CONCAT({sql} + 0e0)"))
            }
            // It prints as few digits as read back equal, and no sign of a zero.
            (Class::Float | Class::Double, _) => Form::Json(format!("CONCAT({sql} + 0e0)")),
            (Class::Text | Class::OddText, kind) => {
                let text = if self.is_prepared() {
                    self.variable(side)
                } else {
                    format!("CONVERT({sql} USING utf8mb4)")
                };
                match kind {
                    Kind::Uuid => Form::Text(hyphenated_text(&text)),
                    Kind::Bytes => Form::Word(format!("LOWER(HEX({text}))")),
                    Kind::Json => Form::Json(document(&text)),
                    _ => Form::Text(text),
                }
            }
            (Class::Binary, Kind::Text) => Form::Text(self.variable(side)),
            (Class::Binary, Kind::Json) => Form::Json(document(&self.variable(side))),
            (Class::Binary, Kind::Uuid) => Form::Word(hyphenated_bytes(&sql)),
            (Class::Binary, _) => Form::Word(format!("LOWER(HEX({sql}))")),
            (Class::Date, _) => Form::Word(format!("CAST({sql} AS CHAR)")),
            (Class::Time, _) => Form::Word(format!("CAST(CAST({sql} AS TIME(6)) AS CHAR)")),
            (Class::DateTime, kind) => Form::Word(format!(
                "CONCAT(REPLACE(CAST({sql} AS DATETIME(6)), ' ', 'T'){})",
                zone(kind)
            )),
            // Through seconds, because everything else passes through the session's time zone, which has an hour twice.
            (Class::Timestamp, kind) => Form::Word(format!(
                "CONCAT(IF(COALESCE(UNIX_TIMESTAMP({sql}), 0) = 0, '0000-00-00T00:00:00.000000', \
                 REPLACE(CAST(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL UNIX_TIMESTAMP({sql}) SECOND AS DATETIME(6)), \
                 ' ', 'T')){})",
                zone(kind)
            )),
            (Class::Json, Kind::Text) => Form::Text(format!("CONVERT({sql} USING utf8mb4)")),
            (Class::Json, _) => Form::Json(document(&format!("CONVERT({sql} USING utf8mb4)"))),
            (Class::Plain, Kind::Bytes) => {
                Form::Word(format!("REPLACE(CAST({sql} AS CHAR), '-', '')"))
            }
            (Class::Plain, _) => Form::Word(format!("CAST({sql} AS CHAR)")),
        }
    }

    /// The form of a key, in which equal decimals have one text.
    fn key_form(&self, side: Side) -> Form {
        match (self.form(side), self.class, &self.kind) {
            (Form::Word(sql), Class::Decimal, _) => Form::Word(without_zeros(&sql)),
            (Form::Json(sql), Class::Float | Class::Double, Kind::Float | Kind::Double) => {
                Form::Json(as_printed(&sql))
            }
            (form, ..) => form,
        }
    }

    /// A number without the zeros in front that `ZEROFILL` prints; of bits and years, their number.
    fn digits(&self, sql: &str) -> String {
        if self.zerofill || self.class == Class::Integer {
            format!("CONCAT({sql} + 0)")
        } else {
            format!("CAST({sql} AS CHAR)")
        }
    }

    /// Whether the value of the new row is another one.
    pub(super) fn changed(&self) -> String {
        let (old, new) = (self.of(Side::Old), self.of(Side::New));
        match (self.class, &self.kind) {
            (Class::Integer | Class::Decimal | Class::Float | Class::Double, Kind::Bool) => {
                format!("NOT (({old} <> 0) <=> ({new} <> 0))")
            }
            _ if self.is_document() => self.changed_variable(),
            (Class::Text | Class::OddText, Kind::Uuid) => {
                format!("NOT (CAST(LOWER({old}) AS BINARY) <=> CAST(LOWER({new}) AS BINARY))")
            }
            (Class::Text | Class::OddText, _) => differ(&old, &new),
            // A zero has no seconds, and is not NULL.
            (Class::Timestamp, _) => format!(
                "NOT (UNIX_TIMESTAMP({old}) <=> UNIX_TIMESTAMP({new}) AND ({old} IS NULL) = ({new} IS NULL))"
            ),
            _ => format!("NOT ({old} <=> {new})"),
        }
    }

    /// The variable for [`changed`](Self::changed) and its value, where comparing takes long enough to be done once.
    pub(super) fn comparison(&self, server: &Server) -> Option<(String, String)> {
        self.is_document()
            .then(|| (self.changed_variable(), self.compare_documents(server)))
    }

    fn is_document(&self) -> bool {
        self.kind == Kind::Json && matches!(self.class, Class::Text | Class::OddText | Class::Json)
    }

    fn compare_documents(&self, server: &Server) -> String {
        let (old, new) = (self.of(Side::Old), self.of(Side::New));
        if self.class == Class::Json {
            return format!("NOT ({old} <=> {new})");
        }
        let differs = match (server.mariadb, server.version) {
            // It sorts keys and normalises numbers without loss. Of a key that an object has twice the last one counts,
            // and sorting may exchange the two.
            (true, version) if version >= (10, 7) => format!(
                "IF(BINARY JSON_NORMALIZE({old}) = BINARY JSON_NORMALIZE({new}), \
                 JSON_NORMALIZE({old}) REGEXP {}, TRUE)",
                super::quote::text(KEY_TWICE)
            ),
            (true, _) => "TRUE".to_owned(),
            (false, _) => format!("CAST({old} AS JSON) <> CAST({new} AS JSON)"),
        };
        format!(
            "IF({}, IF(JSON_VALID({old}), IF(JSON_VALID({new}), {differs}, TRUE), TRUE), FALSE)",
            differ(&old, &new)
        )
    }
}

/// Two keys of one name next to each other, in JSON with sorted keys and without spaces.
const KEY_TWICE: &str = r#"("(?:[^"\\]|\\.)*+"):(?:"(?:[^"\\]|\\.)*+"|[^][{},:"]++|([{[](?:[^][{}"]++|"(?:[^"\\]|\\.)*+"|(?2))*+[]}])),\1:"#;

/// Texts by their bytes: collations take letters for each other, and spaces at the end for nothing.
fn differ(old: &str, new: &str) -> String {
    format!("NOT (CAST({old} AS BINARY) <=> CAST({new} AS BINARY))")
}

fn zone(kind: &Kind) -> &'static str {
    match kind {
        Kind::Timestamp => ", 'Z'",
        _ => "",
    }
}

/// A JSON document, told apart from SQL's NULL; a text where it is no JSON at all.
///
/// Without `AND` and `OR`, whose parts the server looks at before the condition around them.
fn document(text: &str) -> String {
    let wrapped = format!("CONCAT('{{\"$json\":', {text}, '}}')");
    format!(
        "IF(JSON_VALID({text}), CASE JSON_TYPE({text}) WHEN 'NULL' THEN {wrapped} WHEN 'OBJECT' THEN \
         IF(JSON_LENGTH(JSON_KEYS({text})) = 1, \
         IF(JSON_UNQUOTE(JSON_EXTRACT(JSON_KEYS({text}), '$[0]')) = '$json', {wrapped}, {text}), {text}) \
         ELSE {text} END, JSON_QUOTE({text}))"
    )
}

fn hyphenated_bytes(sql: &str) -> String {
    let part = |at, length| format!("HEX(SUBSTRING({sql}, {at}, {length}))");
    format!(
        "LOWER(IF(LENGTH({sql}) = 16, CONCAT_WS('-', {}, {}, {}, {}, {}), HEX({sql})))",
        part(1, 4),
        part(5, 2),
        part(7, 2),
        part(9, 2),
        part(11, 6)
    )
}

fn hyphenated_text(text: &str) -> String {
    let part = |at, length| format!("SUBSTRING({text}, {at}, {length})");
    format!(
        "LOWER(IF({text} REGEXP '^[0-9A-Fa-f]{{32}}$', CONCAT_WS('-', {}, {}, {}, {}, {}), {text}))",
        part(1, 8),
        part(9, 4),
        part(13, 4),
        part(17, 4),
        part(21, 12)
    )
}

/// A decimal number's text without the zeros at the end of its fraction.
fn without_zeros(text: &str) -> String {
    format!(
        "IF(LOCATE('.', {text}) = 0, {text}, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text})))"
    )
}

/// A float's text as `serde_json` prints it: `1.0`, `100000.0`, `1e+16`, `1.5e-7`.
fn as_printed(text: &str) -> String {
    let size = format!("ABS({text} + 0e0)");
    let plain = without_zeros(&format!("CAST(CAST({text} AS DECIMAL(65, 30)) AS CHAR)"));
    let power = format!("FLOOR(LOG10({size}))");
    let mantissa = without_zeros(&format!(
        "CAST(CAST(CONCAT({text}, 'e', -{power}) AS DECIMAL(65, 30)) AS CHAR)"
    ));
    format!(
        "IF({size} = 0, '0.0', IF({size} >= 1e-5 AND {size} < 1e16, \
         CONCAT({plain}, IF(LOCATE('.', {plain}) = 0, '.0', '')), \
         IF(LOCATE('e', {text}) = 0, CONCAT({mantissa}, 'e', {power}), \
         IF({size} < 1, {text}, REPLACE({text}, 'e', 'e+')))))"
    )
}

/// A text in quotes as `serde_json` prints it. `JSON_QUOTE` has other digits for some of the control characters.
fn quoted(text: &str) -> String {
    let mut escapes = vec![
        ("\\".to_owned(), "\\\\".to_owned()),
        ("\"".to_owned(), "\\\"".to_owned()),
    ];
    escapes.extend((0..0x20_u8).map(|control| {
        let control = char::from(control).to_string();
        let escape = serde_json::Value::from(control.as_str()).to_string();
        (control, escape.trim_matches('"').to_owned())
    }));
    let spelt = escapes
        .into_iter()
        .fold(text.to_owned(), |spelt, (from, to)| {
            let (from, to) = (super::quote::text(&from), super::quote::text(&to));
            format!("REPLACE({spelt}, {from}, {to})")
        });
    format!("IF({text} REGEXP '[[:cntrl:]]', CONCAT('\"', {spelt}, '\"'), JSON_QUOTE({text}))")
}
