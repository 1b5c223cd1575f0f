//! Pieces of SQL text: names, literals, and long chains that SQLite's parser takes.

/// A name, quoted.
pub(super) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text, quoted.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Evaluates `value` once and calls it `v` in `body`.
///
/// A subquery without a table of its own is not merged into the one around it, so that nothing is evaluated twice.
pub(super) fn with(value: &str, body: &str) -> String {
    format!("(SELECT {body} FROM (SELECT {value} AS v))")
}

/// All of them joined by an operator, as a tree: SQLite limits how deep an expression is, and so how long a chain.
pub(super) fn chain(operator: &str, parts: &[String]) -> String {
    match parts {
        [] => "''".to_owned(),
        [part] => part.clone(),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!(
                "({} {operator} {})",
                chain(operator, left),
                chain(operator, right)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_and_texts_are_quoted() {
        assert_eq!(name("a\"b'c"), "\"a\"\"b'c\"");
        assert_eq!(text("a\"b'c"), "'a\"b''c'");
    }

    #[test]
    fn a_chain_keeps_its_order_and_is_not_deep() {
        let parts: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let chain = chain("||", &parts);
        let bare = chain.replace(['(', ')', ' '], "");
        assert_eq!(bare, parts.join("||"));
        let deepest = chain.chars().scan(0_i32, |depth, c| {
            *depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            Some(*depth)
        });
        assert!(deepest.max() <= Some(10));
    }
}
