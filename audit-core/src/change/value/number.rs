//! Numbers as text: exact, whatever holds them.

/// Beyond this many zeros a number is written with an exponent. No database goes further (PostgreSQL's `numeric`:
/// 131072 digits before the point), but a `BigDecimal` may ask for more zeros than there is memory.
const MOST_ZEROS: u128 = 131_072;

/// A decimal number: sign, digits without leading zeros, and the power of ten of the last one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) negative: bool,
    pub(super) digits: String,
    pub(super) exponent: i128,
}

impl Number {
    /// Reads `12`, `-1.50`, `.5`, `1e+16` and the like; the digits stay as written, trailing zeros included.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = digits.trim_start_matches('0').to_owned();
        Some(Self {
            negative: negative && !digits.is_empty(),
            digits,
            exponent: exponent - fraction.len() as i128,
        })
    }

    /// The same number in its only form without trailing zeros, so that equal numbers have equal parts.
    pub(super) fn normal(mut self) -> Self {
        let kept = self.digits.trim_end_matches('0').len();
        self.exponent += (self.digits.len() - kept) as i128;
        self.digits.truncate(kept);
        if self.digits.is_empty() {
            self.exponent = 0;
        }
        self
    }

    /// The integer it is, unless it has a fraction or is out of range.
    pub(super) fn integer(self) -> Option<i128> {
        let mut number = self.normal();
        let zeros = usize::try_from(number.exponent).ok()?;
        if zeros.saturating_add(number.digits.len()) > 38 {
            return None;
        }
        if number.digits.is_empty() {
            return Some(0);
        }
        number.digits.extend(std::iter::repeat_n('0', zeros));
        let magnitude: i128 = number.digits.parse().ok()?;
        Some(if number.negative {
            -magnitude
        } else {
            magnitude
        })
    }

    /// Without exponent and with its scale: `1.10`.
    pub(super) fn plain(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() {
            "0"
        } else {
            &self.digits
        };
        let places = self.exponent.unsigned_abs();
        if places > MOST_ZEROS {
            return format!("{sign}{digits}e{}", self.exponent);
        }
        let places = places as usize;
        if self.exponent >= 0 {
            let zeros = if self.digits.is_empty() { 0 } else { places };
            return format!("{sign}{digits}{}", "0".repeat(zeros));
        }
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{sign}{whole}.{fraction}")
    }
}

/// Bounded, so that sums of exponents and lengths cannot overflow, but not below the scale of a `BigDecimal`.
fn parse_exponent(text: &str) -> Option<i128> {
    text.parse()
        .ok()
        .filter(|exponent| (-(1 << 64)..=1 << 64).contains(exponent))
}

/// The text of a JSON number, or of a string that may hold one.
pub(super) fn text(json: &serde_json::Value) -> Option<String> {
    match json {
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// An integer, also as `1.0`, `1e3` or `"1"`.
pub(super) fn integer<T: TryFrom<i128>>(json: &serde_json::Value) -> Option<T> {
    T::try_from(Number::parse(&text(json)?)?.integer()?).ok()
}

/// A boolean, also as a number (zero is false, as drivers have it) or as its text.
pub(super) fn boolean(json: &serde_json::Value) -> Option<bool> {
    if let Some(value) = json.as_bool() {
        return Some(value);
    }
    match json.as_str() {
        Some("t" | "true" | "TRUE") => Some(true),
        Some("f" | "false" | "FALSE") => Some(false),
        _ => integer::<i64>(json).map(|number| number != 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(text: &str) -> String {
        Number::parse(text).unwrap().plain()
    }

    #[test]
    fn plain_text_keeps_the_scale_and_has_no_exponent() {
        assert_eq!(plain("1.10"), "1.10");
        assert_eq!(plain("-0.00"), "0.00");
        assert_eq!(plain("-.5"), "-0.5");
        assert_eq!(plain("15e-4"), "0.0015");
        assert_eq!(plain("1.5e3"), "1500");
        assert_eq!(plain("0e5"), "0");
        assert_eq!(plain("007"), "7");
    }

    #[test]
    fn a_number_with_more_zeros_than_memory_keeps_its_exponent() {
        assert_eq!(plain("12e9223372036854775807"), "12e9223372036854775807");
        assert_eq!(
            plain("-12e-9223372036854775807"),
            "-12e-9223372036854775807"
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "e1",
            "1e",
            "1e99999999999999999999999",
            "1.2.3",
            "0x1",
            " 1",
            "1_0",
            "+-1",
        ] {
            assert!(Number::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn integers_are_exact_in_every_spelling() {
        assert_eq!(integer::<u64>(&json!(u64::MAX)), Some(u64::MAX));
        assert_eq!(integer::<i64>(&json!(i64::MIN)), Some(i64::MIN));
        assert_eq!(
            integer::<i64>(&json!("9007199254740993")),
            Some(9_007_199_254_740_993)
        );
        assert_eq!(integer::<i32>(&json!(1.0)), Some(1));
        assert_eq!(integer::<i32>(&json!("1.20e1")), Some(12));
        assert_eq!(integer::<i32>(&json!(0.0)), Some(0));
        assert_eq!(integer::<i32>(&json!(1.5)), None);
        assert_eq!(integer::<u8>(&json!(256)), None);
        assert_eq!(integer::<u8>(&json!(-1)), None);
        assert_eq!(integer::<i64>(&json!("1e400")), None);
        assert_eq!(integer::<i64>(&json!("1e18446744073709551615")), None);
        assert_eq!(integer::<i64>(&json!([1])), None);
    }

    #[test]
    fn a_boolean_may_be_a_number() {
        for (json, value) in [
            (json!(true), Some(true)),
            (json!(0), Some(false)),
            (json!(1.0), Some(true)),
            (json!("1"), Some(true)),
            (json!("f"), Some(false)),
            (json!("yes"), None),
            (json!({}), None),
        ] {
            assert_eq!(boolean(&json), value, "{json}");
        }
    }
}
