//! Text that is UTF-8: SQLite keeps any bytes as text, and nobody could read a log that held them.

/// `v` with U+FFFD for each byte that does not belong to a character.
///
/// Text in ASCII is told by SQLite's own functions; other text is walked through from character to character. A step adds
/// how many bytes it took, and 2^40 for each byte that is none.
pub(super) fn clean() -> String {
    let at = |place: &str| format!("({place} & 1099511627775)");
    let (p, q) = (at("p"), at("q"));
    let piece = |length: u32| format!("substr(b, {p}, {length})");
    let tail = |place: u32| format!("substr(b, {p} + {place}, 1) BETWEEN X'80' AND X'BF'");
    let four = piece(4);
    let ascii = |length: u32| {
        format!(
            "WHEN CAST({0} AS TEXT) NOT GLOB '*[^ -~]*' AND length(CAST({0} AS TEXT)) = {length} THEN {length}",
            piece(length)
        )
    };
    let (second, third, fourth) = (tail(1), tail(2), tail(3));
    let step = format!(
        "CASE WHEN {four} < X'80' THEN CASE {} {} ELSE 1 END \
         WHEN {four} >= X'C2' AND {four} < X'E0' AND {second} THEN 2 \
         WHEN {four} >= X'E0A0' AND {four} < X'F0' AND NOT ({four} >= X'EDA0' AND {four} < X'EE') AND {second} AND {third} THEN 3 \
         WHEN {four} >= X'F090' AND {four} < X'F490' AND {second} AND {third} AND {fourth} THEN 4 \
         ELSE 1099511627777 END",
        ascii(32),
        ascii(8),
    );
    format!(
        "CASE WHEN length(v) = length(CAST(v AS BLOB)) AND v NOT GLOB '*[^' || char(1) || '-' || char(127) || ']*' THEN v \
         ELSE (SELECT (WITH RECURSIVE u(q, p) AS (SELECT 0, 1 UNION ALL SELECT p, p + {step} FROM u \
         WHERE {p} <= length(b)) SELECT CASE WHEN (SELECT max(p) FROM u) <= 1099511627775 THEN v \
         ELSE (SELECT group_concat(CASE WHEN p >> 40 > q >> 40 THEN char(65533) \
         ELSE CAST(substr(b, {q}, {p} - {q}) AS TEXT) END, '') FROM u WHERE q > 0) END) \
         FROM (SELECT CAST(v AS BLOB) AS b)) END"
    )
}
