//! The name of a log table.

pub(crate) const HELP: &str = "write the name of a table, `log = \"product_audit\"`, or with its schema, `log = \"audit.product\"`";

/// Says why a name cannot be the name of a log table, or of one in a schema.
pub(crate) fn check(name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        return Err("the name of the log table is empty");
    }
    if name.contains(['"', '\'', '`']) || name.contains(char::is_control) {
        return Err("the name of the log table contains a quote or a control character");
    }
    let parts: Vec<&str> = name.split('.').collect();
    if parts.len() > 2 {
        return Err("the name of the log table has more than one schema before it");
    }
    if parts.iter().any(|part| part.is_empty()) {
        return Err("the name of the log table or of its schema is empty");
    }
    if parts.iter().any(|part| part.trim() != *part) {
        return Err("the name of the log table begins or ends with a space");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_table_and_a_table_in_a_schema_are_names() {
        for name in ["product_audit", "audit.product", "Журнал", "two words"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for name in [
            "", " ", "\t\n", ".", "a.", ".a", "a.b.c", "a\"b", "a'b", "a`b", "a\0b", " a", "a ",
            "a .b",
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }
}
