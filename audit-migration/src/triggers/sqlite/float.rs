//! Floats as the shortest text that reads back equal.

/// What splits a float into halves whose products are exact: 2^27 + 1.
const HALVES: &str = "134217729.0";

/// What rounds a float to the 24 bits of an `f32`: 2^29 + 1.
const TO_SINGLE: &str = "536870913.0";

/// The smallest `f32`.
const SMALLEST: &str = "1.401298464324817e-45";

/// The number of a float that is no infinity.
///
/// SQLite's own 15, 16 or 17 digits are exact, both ways, where its arithmetic does not leave a first factor of 1e100. Beyond
/// it, they are off by one in the last place in every fourth number, and the digits are counted out here.
pub(super) fn double(x: &str) -> String {
    format!(
        "CASE WHEN {x} = 0.0 THEN '0.0' WHEN abs({x}) BETWEEN 1e-70 AND 1e100 THEN CASE \
         WHEN CAST(printf('%!.15g', {x}) AS REAL) = {x} THEN printf('%!.15g', {x}) \
         WHEN CAST(printf('%!.16g', {x}) AS REAL) = {x} THEN printf('%!.16g', {x}) \
         ELSE printf('%!.17g', {x}) END ELSE {} END",
        counted(x)
    )
}

/// The number of a float in a column of `f32`: that of the `f32` where it is one, which is shorter.
pub(super) fn single(x: &str) -> String {
    // To 24 bits, and among the smallest to a multiple of the smallest, which is 2^-149.
    let normal =
        |value: &str| format!("({value} * {TO_SINGLE} - ({value} * {TO_SINGLE} - {value}))");
    let small = |value: &str| format!("(round({value} / {SMALLEST}) * {SMALLEST})");
    format!(
        "CASE WHEN abs({x}) BETWEEN 1.17549428e-38 AND 3.5e38 AND {} = {x} THEN {} \
         WHEN abs({x}) BETWEEN 1e-45 AND 1.17549428e-38 AND {} = {x} THEN {} ELSE {} END",
        normal(x),
        shortest(x, 6, 9, normal),
        small(x),
        shortest(x, 1, 9, small),
        double(x)
    )
}

/// With as few digits as are rounded to the number.
fn shortest(x: &str, fewest: u32, most: u32, round: impl Fn(&str) -> String) -> String {
    let text = |digits: u32| format!("printf('%!.{digits}g', {x})");
    let mut cases = String::new();
    for digits in fewest..most {
        let text = text(digits);
        let rounded = round(&format!("CAST({text} AS REAL)"));
        cases.push_str(&format!("WHEN {rounded} = {x} THEN {text} "));
    }
    format!("CASE {cases}ELSE {} END", text(most))
}

/// Eighteen digits and an exponent, in arithmetic of two floats each.
///
/// The number is multiplied by powers of ten until it has eighteen digits before the point; `w + u` is the factor, `h + l`
/// the product, both exact to some thirty digits. `z` is a power of two that keeps the parts from under- and overflowing.
fn counted(x: &str) -> String {
    let half = |name: &str| format!("({name} * {HALVES} - ({name} * {HALVES} - {name}))");
    let (h, w) = (half("h"), half("w"));
    let rest = format!(
        "((({h} * {w} - h * w) + {h} * (w - {w})) + (h - {h}) * {w}) + (h - {h}) * (w - {w})"
    );
    format!(
        "(WITH RECURSIVE f(a, b, w, u, j) AS (VALUES (0.0, 1e-6, 1e22, 0.0, -22), (1e-6, 1e17, 10.0, 0.0, -1), \
         (1e18, 1e40, 0.1, -5.551115123125783e-18, 1), (1e40, 9e999, 1e-22, -4.859677432657087e-39, 22)), \
         s(h, l, k, z) AS (SELECT abs({x}) * z, 0.0, 0, z FROM (SELECT CASE WHEN abs({x}) > 1.0 THEN 1.0 / (1 << 60) \
         ELSE 1.0 * (1 << 60) END AS z) UNION ALL SELECT h * w, {rest} + h * u + l * w, k + j, z FROM s JOIN f \
         ON h >= a * z AND h < b * z) SELECT CASE WHEN {x} < 0.0 THEN '-' ELSE '' END \
         || (CAST(h / z AS INTEGER) + CAST(round(l / z) AS INTEGER)) || 'e' || k FROM s \
         WHERE h >= 1e17 * z AND h < 1e18 * z)"
    )
}
