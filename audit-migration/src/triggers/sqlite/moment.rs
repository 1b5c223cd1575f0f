//! Dates and times: SQLite keeps the text that it is given.

use sea_orm_audit::__private::Kind;

/// The canonical form of the text `v`, without quotes; NULL if it is none that the drivers read.
///
/// `d` is the date, `t` hour and minute, `s` the second, `f` the fraction, `o` the offset, `r` what is not taken apart yet.
pub(super) fn of_text(kind: &Kind) -> String {
    let whole = match kind {
        Kind::Time => "'2000-01-01 ' || v",
        _ => "v",
    };
    let parts = format!(
        "SELECT substr(v, 1, 10) AS d, substr(v, 12, 5) AS t, substr(v, 17) AS r FROM (SELECT {whole} AS v) \
         WHERE length(v) = length(CAST(v AS BLOB)) \
         AND v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ Tt][0-9][0-9]:[0-5][0-9]*'"
    );
    let second = "(r GLOB ':[0-5][0-9]*' OR r GLOB ':60*')";
    let seconds = format!(
        "SELECT d, t, CASE WHEN {second} THEN substr(r, 2, 2) ELSE '' END AS s, \
         CASE WHEN {second} THEN substr(r, 4) ELSE r END AS r FROM ({parts})"
    );
    let fraction = "(s <> '' AND r GLOB '.[0-9]*')";
    let after = "ltrim(substr(r, 2), '0123456789')";
    let offset = format!(
        "SELECT d, t, s, CASE WHEN {fraction} THEN substr(r, 2, length(r) - 1 - length({after})) ELSE '' END AS f, \
         CASE WHEN {fraction} THEN {after} ELSE r END AS o FROM ({seconds})"
    );
    let minute = match kind {
        Kind::Time => "t".to_owned(),
        Kind::DateTime => "d || 'T' || t".to_owned(),
        _ => in_utc(),
    };
    let zone = match kind {
        Kind::Timestamp => "Z",
        _ => "",
    };
    format!(
        "(SELECT {minute} || CASE s WHEN '' THEN ':00.' ELSE ':' || s || '.' END || {} || '{zone}' FROM ({offset}) \
         WHERE length(f) < 10 AND (o IN ('', 'Z', 'z') OR o GLOB '[+-][0-2][0-9]:[0-5][0-9]' AND substr(o, 2, 2) < '24') \
         AND t < '24' AND date(d, '+0 days') = d)",
        micros_or_nanos("substr(f || '000000000', 1, 9)")
    )
}

/// The minute without its offset, NULL if it is in a year that has not four digits then.
fn in_utc() -> String {
    let minutes = "CASE substr(o, 1, 1) WHEN '+' THEN '-' ELSE '+' END \
         || (CAST(substr(o, 2, 2) AS INTEGER) * 60 + CAST(substr(o, 5, 2) AS INTEGER)) || ' minutes'";
    let shifted = format!("strftime('%Y-%m-%dT%H:%M', d || ' ' || t, {minutes})");
    format!(
        "CASE WHEN length(o) < 2 THEN d || 'T' || t WHEN {shifted} GLOB '[0-9][0-9][0-9][0-9]-*' THEN {shifted} END"
    )
}

/// The canonical form of the integer `x`, which the drivers read as seconds since 1970; NULL beyond the year 9999.
pub(super) fn of_integer(kind: &Kind, x: &str) -> String {
    let zone = zone(kind);
    format!(
        "CASE WHEN {x} BETWEEN -62167219200 AND 253402300799 \
         THEN strftime('%Y-%m-%dT%H:%M:%S', {x}, 'unixepoch') || '.000000{zone}' END"
    )
}

/// The canonical form of the float `x`, which the drivers read as a Julian day; NULL beyond the year 9999.
///
/// The arithmetic is the driver's, so that the last digits are, too.
pub(super) fn of_real(kind: &Kind, x: &str) -> String {
    let zone = zone(kind);
    format!(
        "CASE WHEN {x} BETWEEN 1721060.0 AND 5373484.0 \
         THEN (SELECT strftime('%Y-%m-%dT%H:%M:%S', s, 'unixepoch') || '.' || {} || '{zone}' \
         FROM (SELECT s, printf('%09d', CAST(abs(v - s) * 1e9 AS INTEGER)) AS f \
         FROM (SELECT v, CAST(v AS INTEGER) AS s FROM (SELECT ({x} - 2440587.5) * 86400.0 AS v)))) END",
        micros_or_nanos("f")
    )
}

fn zone(kind: &Kind) -> &'static str {
    match kind {
        Kind::Timestamp => "Z",
        _ => "",
    }
}

/// Nine digits, or six where the last three are zeros.
fn micros_or_nanos(nine: &str) -> String {
    format!("CASE WHEN substr({nine}, 7) = '000' THEN substr({nine}, 1, 6) ELSE {nine} END")
}
