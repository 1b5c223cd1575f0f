//! What the text of a raw statement says about itself, as far as its beginning goes.

/// Statements that only read.
const READS: [&str; 6] = ["SELECT", "SHOW", "EXPLAIN", "PRAGMA", "VALUES", "TABLE"];

/// What a statement that begins with `WITH` may do.
const CHANGES: [&str; 5] = ["DELETE", "INSERT", "MERGE", "REPLACE", "UPDATE"];

/// Statements that steer the transaction or the session, or are about the schema only: a transaction around them would
/// change what they do, or be refused, and no trigger of a table fires in them.
const NOT_ABOUT_ROWS: [&str; 38] = [
    "ABORT",
    "ALTER",
    "ANALYZE",
    "ATTACH",
    "BEGIN",
    "CHECKPOINT",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "CREATE",
    "DEALLOCATE",
    "DESC",
    "DESCRIBE",
    "DETACH",
    "DISCARD",
    "END",
    "FLUSH",
    "GRANT",
    "KILL",
    "LISTEN",
    "LOCK",
    "NOTIFY",
    "OPTIMIZE",
    "PREPARE",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SET",
    "START",
    "UNLISTEN",
    "UNLOCK",
    "USE",
    "VACUUM",
];

/// Words that a text has which changes what the session has as its context, or takes a change back.
const CONTEXT_WORDS: [&str; 9] = [
    "AUDIT.",
    "AUDIT_ACTOR",
    "AUDIT_CONTEXT",
    "AUDIT_CORRELATION_ID",
    "DISCARD",
    "RELEASE",
    "RESET",
    "ROLLBACK",
    "SAVEPOINT",
];

/// Whether a statement may change rows. In doubt it may.
pub(super) fn may_write(sql: &str) -> bool {
    let rest = beginning(sql);
    let is_read = READS.iter().any(|word| begins_with(rest, word))
        || (begins_with(rest, "WITH") && !CHANGES.iter().any(|word| contains_word(rest, word)));
    !is_read || several(rest) || (begins_with(rest, "EXPLAIN") && contains_word(rest, "ANALYZE"))
}

/// Whether a statement that may change rows can have a transaction put around it without being another statement then.
pub(super) fn may_be_wrapped(sql: &str) -> bool {
    let rest = beginning(sql);
    !NOT_ABOUT_ROWS.iter().any(|word| begins_with(rest, word))
}

/// Whether a statement has to come as it is, with nothing before it in its transaction: `SET TRANSACTION` is the first, and
/// `ROLLBACK TO` comes after a failure.
pub(super) fn comes_alone(sql: &str) -> bool {
    !may_be_wrapped(sql) && !several(sql)
}

/// Whether nobody knows what the session has as its context after this.
pub(super) fn may_change_context(sql: &str) -> bool {
    CONTEXT_WORDS.iter().any(|word| contains_word(sql, word))
}

/// The text without the comments and brackets before it.
fn beginning(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n')
        } else if let Some(comment) = rest.strip_prefix("/*").filter(|rest| {
            // MySQL runs what stands in such a comment.
            !rest.starts_with('!') && !rest.starts_with("M!")
        }) {
            comment.split_once("*/")
        } else {
            return rest;
        };
        match after {
            Some((_, after)) => rest = after,
            None => return "",
        }
    }
}

fn begins_with(sql: &str, word: &str) -> bool {
    let Some((start, rest)) = sql.split_at_checked(word.len()) else {
        return false;
    };
    let ends = |c: char| !(c.is_alphanumeric() || c == '_');
    start.eq_ignore_ascii_case(word) && rest.chars().next().is_none_or(ends)
}

/// Whether there is more after a semicolon; one in a quoted text counts, too, and does no harm.
fn several(sql: &str) -> bool {
    sql.split_once(';')
        .is_some_and(|(_, rest)| !beginning(rest).is_empty())
}

fn contains_word(sql: &str, word: &str) -> bool {
    let (sql, word) = (sql.as_bytes(), word.as_bytes());
    sql.windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_is_known_by_its_beginning() {
        for sql in [
            "SELECT 1",
            "  select * from a;  ",
            "-- why\n/* and */ SELECT 1 -- over",
            "(SELECT 1) UNION (SELECT 2)",
            "EXPLAIN DELETE FROM a",
            "PRAGMA foreign_keys",
            "values (1)",
            "SELECT",
            "SELECT 'é'",
            "WITH a AS (SELECT 1) SELECT * FROM a",
        ] {
            assert!(!may_write(sql), "{sql}");
        }
    }

    #[test]
    fn in_doubt_a_statement_writes() {
        for sql in [
            "INSERT INTO a VALUES (1)",
            "WITH a AS (SELECT 1) DELETE FROM b",
            "SELECTED",
            "SELECT 1; DELETE FROM a",
            "EXPLAIN ANALYZE DELETE FROM a",
            "explain (analyze, verbose) delete from a",
            "/*! DELETE FROM a */",
            "CALL p()",
            "/* unended",
            "é",
            "",
        ] {
            assert!(may_write(sql), "{sql}");
        }
    }

    #[test]
    fn what_steers_the_session_is_left_alone() {
        for sql in [
            "begin",
            "COMMIT;",
            "set a = 1",
            "VACUUM",
            "/* x */ Start transaction",
        ] {
            assert!(!may_be_wrapped(sql), "{sql}");
        }
        for sql in [
            "settle",
            "DELETE FROM a",
            "DO $$BEGIN$$",
            "DROP TABLE a",
            "REPLACE INTO a",
        ] {
            assert!(may_be_wrapped(sql), "{sql}");
        }
        assert!(may_change_context(
            "select set_config('audit.actor', 'x', true)"
        ));
        assert!(may_change_context("rollback to a"));
        assert!(!may_change_context("UPDATE a SET b = 1"));
        assert!(!may_change_context("SELECT * FROM audit_log"));
        assert!(comes_alone("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;"));
        assert!(!comes_alone("SET a = 1; DELETE FROM a"));
    }
}
