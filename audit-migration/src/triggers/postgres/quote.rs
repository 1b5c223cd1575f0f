//! Names and texts as SQL has them.

use crate::triggers::name::stable_hash;

/// An identifier, quoted.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal; with `standard_conforming_strings`, which is the default, a backslash is itself.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        // The setting is the session's; this form does not depend on it.
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

/// An array of texts.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(literal).collect();
    format!("ARRAY[{}]::text[]", texts.join(", "))
}

/// A text between dollar quotes that do not occur in it.
pub(super) fn dollar(tag: &str, text: &str) -> String {
    let mut quote = format!("${tag}$");
    let mut at = 1;
    while text.contains(&quote) {
        quote = format!("${tag}_{at}$");
        at += 1;
    }
    format!("{quote}{text}{quote}")
}

/// The longest identifier, in bytes.
///
/// See <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>.
const LONGEST: usize = 63;

/// A name that begins with `audit_` and is no longer than allowed. Of a longer one the end becomes a number that stands for the whole.
pub(super) fn audit_name(table: &str) -> String {
    let name = format!("audit_{table}");
    if name.len() <= LONGEST {
        return name;
    }
    let hash = stable_hash(&name);
    let mut end = LONGEST - 17;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:016x}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_cannot_end_its_quotes() {
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("\\'"), "E'\\\\'''");
        assert_eq!(texts(["a", "b'"]), "ARRAY['a', 'b''']::text[]");
        assert_eq!(dollar("x", "a $x$ b"), "$x_1$a $x$ b$x_1$");
    }

    #[test]
    fn a_long_name_is_cut_and_stays_itself() {
        let long = "ä".repeat(31);
        let name = audit_name(&long);
        assert!(name.len() <= LONGEST, "{name}");
        assert_eq!(name, audit_name(&long));
        assert_ne!(name, audit_name(&format!("{long}x")));
        assert_eq!(audit_name("product"), "audit_product");
    }
}
