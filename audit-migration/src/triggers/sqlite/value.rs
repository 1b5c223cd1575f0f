//! A value as the log has it: SQL that makes the canonical form of a column, whatever is in it.
//!
//! Any column of SQLite may hold anything, so each form asks first what there is. What the entity's type does not fit is
//! written as what it is: a number, a text, bytes in hex.

use sea_orm_audit::__private::{ColumnDescription, Hiding, Kind};

use super::{
    float, json, moment,
    sql::{name, text, with},
    utf8,
};

/// What stands for a redacted value.
const REDACTED: &str = "'\"[redacted]\"'";

/// A column and what is known of what it holds.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The name in the log.
    pub(super) name: String,
    kind: Kind,
    read_as: Option<String>,
    pub(super) redacted: bool,
    /// It can hold text, bytes and NULL only: the declared type makes text of every number.
    only_text: bool,
}

/// What a value is written into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    /// JSON.
    Json,
    /// The text of a key of one column: without the quotes.
    Plain,
}

impl Column {
    /// None where no kind is known, which is only so of an excluded column.
    pub(super) fn new(description: &ColumnDescription, declared: &str) -> Option<Self> {
        let declared = declared.to_ascii_uppercase();
        let integer = declared.contains("INT");
        let only_text = !integer
            && ["CHAR", "CLOB", "TEXT"]
                .iter()
                .any(|part| declared.contains(part));
        Some(Self {
            name: description.name.clone(),
            kind: description.kind.clone()?,
            only_text: only_text && description.read_as.is_none(),
            read_as: description.read_as.clone(),
            redacted: description.hiding == Some(Hiding::Redacted),
        })
    }

    /// The column in a row, `OLD` or `NEW`.
    fn raw(&self, row: &str) -> String {
        format!("{row}.{}", name(&self.name))
    }

    /// Evaluates `body` with the column called `v` in it, as SeaORM reads it.
    fn read(&self, row: &str, body: &str) -> String {
        match &self.read_as {
            Some(read_as) => {
                let raw = self.raw(row);
                with(
                    &format!("(SELECT {read_as} FROM (SELECT {raw} AS \"audit_column\"))"),
                    body,
                )
            }
            None => with(&self.raw(row), body),
        }
    }

    /// The JSON of the column in a row.
    pub(super) fn json(&self, row: &str) -> String {
        if self.redacted {
            REDACTED.to_owned()
        } else {
            self.read(row, &self.form(Into::Json, false))
        }
    }

    /// The JSON of the column as a part of a key: equal values have the same.
    pub(super) fn key_json(&self, row: &str) -> String {
        self.read(row, &self.form(Into::Json, true))
    }

    /// The text of the column as the whole key.
    pub(super) fn key_text(&self, row: &str) -> String {
        let form = self.form(Into::Plain, true);
        self.read(row, &format!("CASE WHEN v IS NULL THEN '' ELSE {form} END"))
    }

    /// Whether the column holds something else than before.
    pub(super) fn differs(&self) -> String {
        let (old, new) = (self.raw("OLD"), self.raw("NEW"));
        let raw = format!("{old} COLLATE BINARY IS NOT {new}");
        let canonical = || {
            let form = self.form(Into::Json, true);
            format!(
                "{} IS NOT {}",
                self.read("OLD", &form),
                self.read("NEW", &form)
            )
        };
        match self.kind {
            _ if self.read_as.is_some() => format!("({raw} AND {})", canonical()),
            Kind::Uuid | Kind::Time | Kind::DateTime | Kind::Timestamp | Kind::Bytes => {
                format!("({raw} AND {})", canonical())
            }
            Kind::Decimal => format!(
                "({raw} AND (typeof({old}) <> 'text' AND typeof({new}) <> 'text' OR {}))",
                canonical()
            ),
            Kind::Json => format!(
                "({raw} AND (SELECT CASE WHEN typeof(a) = 'text' AND typeof(b) = 'text' THEN {} ELSE 1 END \
                 FROM (SELECT {old} AS a, {new} AS b)))",
                json::differ("a", "b")
            ),
            _ => format!("({raw})"),
        }
    }

    /// Whether [`differs`](Self::differs) takes more than a comparison.
    pub(super) fn differs_by_form(&self) -> bool {
        self.read_as.is_some()
            || matches!(
                self.kind,
                Kind::Uuid
                    | Kind::Time
                    | Kind::DateTime
                    | Kind::Timestamp
                    | Kind::Bytes
                    | Kind::Decimal
                    | Kind::Json
            )
    }

    /// The form of `v`.
    fn form(&self, into: Into, key: bool) -> String {
        let mut form = "CASE typeof(v) ".to_owned();
        if into == Into::Json {
            form.push_str("WHEN 'null' THEN 'null' ");
        }
        if !self.only_text {
            form.push_str(&format!(
                "WHEN 'integer' THEN {} WHEN 'real' THEN {} ",
                self.integer(into),
                self.real(into, key)
            ));
        }
        form.push_str(&format!(
            "WHEN 'text' THEN {} ELSE {} END",
            self.text(into, key),
            self.blob(into)
        ));
        form
    }

    fn integer(&self, into: Into) -> String {
        let plain = "CAST(v AS TEXT)";
        match &self.kind {
            Kind::Bool => format!("CASE v WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE {plain} END"),
            Kind::Decimal => quoted(into, plain),
            kind @ (Kind::DateTime | Kind::Timestamp) => {
                let moment = moment::of_integer(kind, "v");
                format!("coalesce({}, {plain})", quoted(into, &moment))
            }
            Kind::Float | Kind::Double => format!("{plain} || '.0'"),
            _ => plain.to_owned(),
        }
    }

    fn real(&self, into: Into, key: bool) -> String {
        let number = match &self.kind {
            Kind::Decimal => return quoted(into, &decimal_of_real()),
            Kind::Float => float::single("v"),
            _ => float::double("v"),
        };
        let infinity = |sign: &str| quoted(into, &text(&format!("{sign}Infinity")));
        let number = if key { key_number(&number) } else { number };
        let number = format!(
            "CASE v WHEN 9e999 THEN {} WHEN -9e999 THEN {} ELSE {number} END",
            infinity(""),
            infinity("-")
        );
        match &self.kind {
            kind @ (Kind::DateTime | Kind::Timestamp) => {
                let moment = moment::of_real(kind, "v");
                format!("coalesce({}, {number})", quoted(into, &moment))
            }
            _ => number,
        }
    }

    fn text(&self, into: Into, key: bool) -> String {
        let plain = match into {
            Into::Json => "json_quote(v)",
            Into::Plain => "v",
        };
        match &self.kind {
            Kind::Bytes => quoted(into, "lower(hex(v))"),
            Kind::Uuid => format!("coalesce({}, {plain})", quoted(into, &uuid_of_text())),
            kind @ (Kind::Time | Kind::DateTime | Kind::Timestamp) => {
                format!(
                    "coalesce({}, {plain})",
                    quoted(into, &moment::of_text(kind))
                )
            }
            Kind::Decimal if key => {
                let normal = "CASE WHEN v GLOB '*[0-9].*' AND v NOT GLOB '*[^-0-9.]*' AND v NOT GLOB '*.*.*' \
                     AND length(v) = length(CAST(v AS BLOB)) THEN rtrim(rtrim(v, '0'), '.') END";
                format!("coalesce({}, {plain})", quoted(into, normal))
            }
            Kind::Json => {
                let readable = json::is_readable(&format!("({}) = v", utf8::clean()));
                let wrapped = json::wrapped();
                format!("CASE WHEN {readable} THEN {wrapped} ELSE json_quote(v) END")
            }
            _ => plain.to_owned(),
        }
    }

    fn blob(&self, into: Into) -> String {
        let hex = "lower(hex(v))";
        match self.kind {
            Kind::Uuid => quoted(
                into,
                &format!(
                    "CASE length(v) WHEN 16 THEN {} ELSE {hex} END",
                    hyphened(hex)
                ),
            ),
            _ => quoted(into, hex),
        }
    }
}

/// A text that needs no escapes, as JSON or plain.
fn quoted(into: Into, text: &str) -> String {
    match into {
        Into::Json => format!("'\"' || {text} || '\"'"),
        Into::Plain => text.to_owned(),
    }
}

fn hyphened(hex: &str) -> String {
    let part = |from: u32, length: u32| format!("substr({hex}, {from}, {length})");
    [
        part(1, 8),
        part(9, 4),
        part(13, 4),
        part(17, 4),
        part(21, 12),
    ]
    .join(" || '-' || ")
}

/// NULL where it is no UUID with or without hyphens.
fn uuid_of_text() -> String {
    let digits = |count: usize| "[0-9a-fA-F]".repeat(count);
    let with_hyphens = [8, 4, 4, 4, 12].map(digits).join("-");
    format!(
        "CASE length(CAST(v AS BLOB)) WHEN 36 THEN CASE WHEN v GLOB '{with_hyphens}' THEN lower(v) END \
         WHEN 32 THEN CASE WHEN v GLOB '{}' THEN {} END END",
        digits(32),
        hyphened("lower(v)")
    )
}

/// The digits of a float without an exponent, unless there are too many.
///
/// SeaORM writes a decimal of SQLite as a float and reads it as one. An integer that a float holds exactly has all its digits.
fn decimal_of_real() -> String {
    let number = float::double("v");
    let digits = "rtrim(replace(replace(substr(t, 1, instr(t, 'e') - 1), '.', ''), '-', ''), '0')";
    let exponent = "CAST(substr(t, instr(t, 'e') + 1) AS INTEGER)";
    let zeros = "'0000000000000000000000000000000000000000'";
    let sign = "CASE WHEN v < 0.0 THEN '-' ELSE '' END";
    format!(
        "CASE WHEN v = 9e999 THEN 'Infinity' WHEN v = -9e999 THEN '-Infinity' \
         WHEN abs(v) < 9e18 AND CAST(v AS INTEGER) = v THEN CAST(CAST(v AS INTEGER) AS TEXT) ELSE (SELECT CASE \
         WHEN instr(t, 'e') = 0 THEN rtrim(rtrim(t, '0'), '.') \
         WHEN instr(t, '.') = 0 THEN t \
         WHEN e BETWEEN -40 AND -1 THEN {sign} || '0.' || substr({zeros}, 1, -1 - e) || d \
         WHEN e BETWEEN length(d) AND 40 THEN {sign} || d || substr({zeros}, 1, e + 1 - length(d)) \
         ELSE t END FROM (SELECT t, {digits} AS d, {exponent} AS e FROM (SELECT {number} AS t))) END"
    )
}

/// A number as `serde_json` prints it, for what a float's text commonly is.
fn key_number(number: &str) -> String {
    format!("replace(replace(replace({number}, '.0e', 'e'), 'e+', 'e'), 'e-0', 'e-')")
}
