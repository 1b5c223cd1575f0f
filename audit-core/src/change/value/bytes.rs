//! Bytes as hex, and what is read from it.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// The form of bytes: lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Bytes from hex of either case, from PostgreSQL's `\x..` or from MySQL's `base64:type15:..`.
pub(super) fn decode(json: &Json) -> Option<Vec<u8>> {
    let text = json.as_str()?;
    if let Some(rest) = text.strip_prefix("base64:") {
        return base64(rest.split_once(':')?.1);
    }
    unhex(text.strip_prefix("\\x").unwrap_or(text))
}

/// Bytes from pairs of hex digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let text = text.as_bytes();
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2)
        .map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?))
        .collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut chunks = text.chunks_exact(4).peekable();
    while let Some(chunk) = chunks.next() {
        let padding = if chunks.peek().is_none() {
            chunk
                .iter()
                .rev()
                .take(2)
                .take_while(|byte| **byte == b'=')
                .count()
        } else {
            0
        };
        let mut bits = 0_u32;
        for (at, byte) in chunk.iter().enumerate() {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if at + padding >= 4 => 0,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bytes.extend(bits.to_be_bytes().into_iter().skip(1).take(3 - padding));
    }
    Some(bytes)
}

/// A UUID: hyphenated or not, of either case, or as the bytes that a database without the type keeps.
#[cfg(feature = "with-uuid")]
pub(super) fn decode_uuid(json: &Json) -> Option<uuid::Uuid> {
    let text = json.as_str()?;
    uuid::Uuid::try_parse(text)
        .ok()
        .or_else(|| uuid::Uuid::from_slice(&decode(json)?).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_are_read_in_the_spelling_of_each_database() {
        let bytes = vec![0x00, 0xab, 0xff];
        assert_eq!(hex(&bytes), "00abff");
        for text in [
            "00abff",
            "00ABFF",
            "\\x00abff",
            "base64:type254:AKv/",
            "base64:type15:AKv\n/",
        ] {
            assert_eq!(decode(&json!(text)), Some(bytes.clone()), "{text:?}");
        }
        assert_eq!(decode(&json!("")), Some(Vec::new()));
        assert_eq!(decode(&json!("base64:type15:/w==")), Some(vec![0xff]));
        assert_eq!(decode(&json!("base64:type15:/wA=")), Some(vec![0xff, 0]));
    }

    #[test]
    fn what_is_no_hex_is_refused() {
        for text in [
            "0",
            "0g",
            "+1",
            "é",
            "\\x0",
            "base64:",
            "base64:type15:A",
            "base64:t:=AAA",
            "base64:t:AA==AAAA",
        ] {
            assert_eq!(decode(&json!(text)), None, "{text:?}");
        }
        assert_eq!(decode(&json!([1])), None);
    }

    #[cfg(feature = "with-uuid")]
    #[test]
    fn a_uuid_is_read_in_the_spelling_of_each_database() {
        let id = uuid::Uuid::from_u128(0x0190_5c5e_7b1a_7def_8abc_0123_4567_89ab);
        for text in [
            "01905c5e-7b1a-7def-8abc-0123456789ab",
            "01905C5E-7B1A-7DEF-8ABC-0123456789AB",
            "01905c5e7b1a7def8abc0123456789ab",
            "01905C5E7B1A7DEF8ABC0123456789AB",
            "\\x01905c5e7b1a7def8abc0123456789ab",
            "base64:type254:AZBcXnsafe+KvAEjRWeJqw==",
        ] {
            assert_eq!(decode_uuid(&json!(text)), Some(id), "{text}");
        }
        assert_eq!(decode_uuid(&json!("01905c5e")), None);
    }
}
