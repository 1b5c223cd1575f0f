//! Names and texts within SQL.

use crate::triggers::stamp::MARK;

/// A quoted identifier.
pub(super) fn name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A quoted identifier, with its schema where that is not the one it would be looked for in.
pub(super) fn in_schema(schema: Option<&str>, table: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", name(schema), name(table)),
        None => name(table),
    }
}

/// A text literal of what the server shows as it was written. What needs an escape it shows with another one, and beyond
/// three bytes a character it shows none.
pub(super) fn text(text: &str) -> String {
    if is_plain(text) {
        return format!("'{text}'");
    }
    let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("(CONVERT(0x{hex} USING utf8mb4) COLLATE utf8mb4_bin)")
}

fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| !c.is_control() && !matches!(c, '\'' | '\\') && u32::from(c) <= 0xffff)
}

/// A message, of which a literal is all that the server takes.
pub(super) fn message(text: &str) -> String {
    let plain = |c: char| {
        if is_plain(c.encode_utf8(&mut [0; 4])) {
            c
        } else {
            '?'
        }
    };
    let text: String = text.chars().take(LONGEST_MESSAGE).map(plain).collect();
    format!("'{text}'")
}

/// The longest message of an error that every server takes.
pub(super) const LONGEST_MESSAGE: usize = 128;

/// A stamp as it can stand in a literal: in ASCII, without quotes of SQL and backslashes.
pub(super) fn seal(stamp: &str) -> String {
    let mut text = String::with_capacity(stamp.len());
    let mut units = [0; 2];
    for c in stamp.chars() {
        match c {
            '\\' => text.push('~'),
            c if c.is_ascii() && !matches!(c, '\'' | '~') => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    text.push_str(&format!("~u{unit:04x}"));
                }
            }
        }
    }
    text
}

/// The stamp in a text with a sealed one.
pub(super) fn unseal(text: &str) -> Option<String> {
    let (_, sealed) = text.split_once(MARK)?;
    let (sealed, _) = sealed.split_once('\'')?;
    Some(format!("{MARK}{}", sealed.replace('~', "\\")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_name_or_text_stays_in_it() {
        assert_eq!(name("odd`name"), "`odd``name`");
        assert_eq!(in_schema(Some("a.b"), "c"), "`a.b`.`c`");
        assert_eq!(in_schema(None, "c"), "`c`");
        assert_eq!(text("käse \"\" テ"), "'käse \"\" テ'");
        for odd in ["it's", "\\", "a\nb", "🍰"] {
            let hex: String = odd.bytes().map(|byte| format!("{byte:02X}")).collect();
            assert!(text(odd).contains(&format!("0x{hex} ")), "{odd}");
        }
        assert_eq!(message("it's käse 🍰"), "'it?s käse ?'");
    }

    #[test]
    fn a_sealed_stamp_is_the_same_stamp() {
        let json = serde_json::json!({"kä'~\\\"\n": "🍰 \\u0041 ~u0041"});
        let sealed = seal(&format!("{MARK}{json}"));
        assert!(sealed.is_ascii() && !sealed.contains(['\'', '\\']));
        let stamp = unseal(&format!("BEGIN '{sealed}'; SET x = 'y'")).unwrap();
        let read: serde_json::Value =
            serde_json::from_str(stamp.strip_prefix(MARK).unwrap()).unwrap();
        assert_eq!(read, json);
        assert_eq!(unseal("BEGIN END"), None);
    }
}
