//! JSON in text: itself where it can be read back, and whether two of them are one value.

use super::sql::with;

/// How many arrays and objects a value in the log may have within each other.
const DEEPEST: u32 = 126;

/// Whether the text `v` is JSON that whoever reads the log can read, too.
///
/// SQLite takes more for JSON: what stands behind a NUL, halves of characters, numbers beyond all floats, and a thousand
/// levels. Each of them is looked for only where it may be.
pub(super) fn is_readable(is_utf8: &str) -> String {
    let brackets = "length(v) * 2 - length(replace(v, '[', '')) - length(replace(v, '{', ''))";
    // Each step of a path is a dot or a bracket; a key that has more of them than that is taken for deep, too.
    let steps = "length(fullkey) * 2 - length(replace(fullkey, '.', '')) - length(replace(fullkey, '[', ''))";
    let depth = format!("(SELECT max({steps} + (type IN ('array', 'object'))) FROM json_tree(v))");
    let texts = "coalesce(key, '') || ' ' || CASE typeof(atom) WHEN 'text' THEN atom ELSE '' END";
    let half = format!(
        "(SELECT 1 FROM json_tree(v) WHERE NOT {} LIMIT 1)",
        with(texts, is_utf8)
    );
    let beyond = "(SELECT 1 FROM json_tree(v) WHERE CASE typeof(atom) WHEN 'real' THEN abs(atom) > 1.79e308 END LIMIT 1)";
    format!(
        "CASE WHEN json_valid(v) AND instr(v, char(0)) = 0 AND {is_utf8} \
         THEN NOT (instr(lower(v), '\\ud') > 0 AND EXISTS {half}) \
         AND NOT ((v GLOB '*[0-9][eE]*' OR length(v) > 300) AND EXISTS {beyond}) \
         AND NOT ({brackets} >= {DEEPEST} AND {depth} > {DEEPEST} - (instr(v, '$json') > 0)) ELSE 0 END"
    )
}

/// The canonical form of the readable JSON `v`: a `null` and what looks like a wrapper are wrapped.
pub(super) fn wrapped() -> String {
    "CASE WHEN json_type(v) = 'null' OR json_type(v) = 'object' AND EXISTS (SELECT 1 FROM json_each(v)) \
     AND NOT EXISTS (SELECT 1 FROM json_each(v) WHERE key <> '$json') THEN '{\"$json\":' || v || '}' ELSE v END"
        .to_owned()
}

/// Whether two texts of JSON are different values; in doubt they are.
///
/// An object is the set of its paths. SQLite reads an integer of more than eighteen digits as a float, and one beyond all
/// floats as infinite; of a key that stands twice the last counts. Each of these is a doubt.
pub(super) fn differ(a: &str, b: &str) -> String {
    let long = "[0-9]".repeat(19);
    let doubtful = |json: &str| {
        format!(
            "{json} GLOB '*{long}*' OR {json} GLOB '*[0-9][eE][+0-9][0-9][0-9]*' \
             OR instr({json}, char(0)) > 0 OR NOT json_valid({json})"
        )
    };
    let set = |json: &str| {
        format!("SELECT fullkey, replace(type, 'integer', 'real'), atom FROM json_tree({json})")
    };
    let count = |what: &str, json: &str| format!("(SELECT count({what}) FROM json_tree({json}))");
    format!(
        "CASE WHEN {} OR {} THEN 1 \
         WHEN {} <> {} OR {} <> {} OR {} <> {} THEN 1 \
         ELSE EXISTS ({} EXCEPT {}) END",
        doubtful(a),
        doubtful(b),
        count("*", a),
        count("*", b),
        count("*", a),
        count("DISTINCT fullkey", a),
        count("*", b),
        count("DISTINCT fullkey", b),
        set(a),
        set(b),
    )
}
