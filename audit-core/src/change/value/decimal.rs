//! Decimals, exact and with their scale.

use super::number::Number;

#[cfg(feature = "with-rust_decimal")]
mod fixed {
    use sea_orm::prelude::Decimal;
    use serde_json::Value as Json;

    use super::super::number::{Number, text};

    /// A decimal as a number.
    pub(in super::super) fn number(decimal: &Decimal) -> Number {
        let mantissa = decimal.mantissa();
        Number {
            negative: mantissa < 0,
            digits: if mantissa == 0 {
                String::new()
            } else {
                mantissa.unsigned_abs().to_string()
            },
            exponent: -i128::from(decimal.scale()),
        }
    }

    /// A decimal from its text or a number. What does not fit is refused, never rounded; zeros at the end of a
    /// fraction that is too long are no loss.
    pub(in super::super) fn decode(json: &Json) -> Option<Decimal> {
        let mut number = Number::parse(&text(json)?)?;
        if number.digits.is_empty() {
            number.exponent = number.exponent.clamp(-i128::from(Decimal::MAX_SCALE), 0);
        }
        loop {
            if let Some(decimal) = exact(&number) {
                return Some(decimal);
            }
            if number.exponent >= 0 || number.digits.pop()? != '0' {
                return None;
            }
            number.exponent += 1;
        }
    }

    fn exact(number: &Number) -> Option<Decimal> {
        let (digits, scale) = match u32::try_from(-number.exponent) {
            Ok(scale) => (number.digits.as_str(), scale),
            Err(_) => {
                let mantissa = number.clone().integer()?;
                return Decimal::try_from_i128_with_scale(mantissa, 0).ok();
            }
        };
        let mantissa: i128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        let mantissa = if number.negative { -mantissa } else { mantissa };
        Decimal::try_from_i128_with_scale(mantissa, scale).ok()
    }
}

#[cfg(feature = "with-bigdecimal")]
mod big {
    use sea_orm::prelude::BigDecimal;
    use serde_json::Value as Json;

    use super::super::number::{Number, text};

    /// A decimal as a number.
    pub(in super::super) fn number(decimal: &BigDecimal) -> Number {
        let (digits, scale) = decimal.as_bigint_and_scale();
        let digits = digits.to_string();
        let magnitude = digits.trim_start_matches(['-', '0']);
        Number {
            negative: digits.starts_with('-'),
            digits: magnitude.to_owned(),
            exponent: -i128::from(scale),
        }
    }

    /// A decimal from its text or a number.
    pub(in super::super) fn decode(json: &Json) -> Option<BigDecimal> {
        let number = Number::parse(&text(json)?)?;
        let scale = i64::try_from(-number.exponent).ok()?;
        let sign = if number.negative { "-" } else { "" };
        // Only digits go through the crate's own parser; it would multiply an exponent out.
        let digits: BigDecimal = format!("{sign}0{}", number.digits).parse().ok()?;
        let (digits, _) = digits.into_bigint_and_scale();
        Some(BigDecimal::new(digits, scale))
    }
}

#[cfg(feature = "with-bigdecimal")]
pub(super) use big::{decode as decode_big, number as big_number};
#[cfg(feature = "with-rust_decimal")]
pub(super) use fixed::{decode as decode_fixed, number as fixed_number};

/// The form of a decimal in a key: equal decimals have the same.
pub(super) fn normal(number: Number) -> String {
    number.normal().plain()
}

/// Equal, whatever the scale.
pub(super) fn same(a: Number, b: Number) -> bool {
    a.normal() == b.normal()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[cfg(feature = "with-rust_decimal")]
    #[test]
    fn a_decimal_keeps_its_scale() {
        for text in [
            "1.10",
            "0.00",
            "-12.345",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
        ] {
            let decimal = decode_fixed(&json!(text)).unwrap();
            assert_eq!(decimal.to_string(), text);
            assert_eq!(fixed_number(&decimal).plain(), text);
        }
        let mut zero = decode_fixed(&json!("0.0")).unwrap();
        zero.set_sign_negative(true);
        assert_eq!(fixed_number(&zero).plain(), "0.0");
    }

    #[cfg(feature = "with-rust_decimal")]
    #[test]
    fn a_decimal_is_refused_rather_than_rounded() {
        assert_eq!(decode_fixed(&json!("79228162514264337593543950336")), None);
        assert_eq!(decode_fixed(&json!("1e29")), None);
        assert_eq!(
            decode_fixed(&json!("0.00000000000000000000000000001")),
            None
        );
        assert_eq!(decode_fixed(&json!("NaN")), None);
        let padded = decode_fixed(&json!(format!("1.5{}", "0".repeat(60)))).unwrap();
        assert_eq!(
            (padded.normalize().to_string(), padded.scale()),
            ("1.5".into(), 28)
        );
        assert_eq!(decode_fixed(&json!("1.5e3")).unwrap().to_string(), "1500");
        assert_eq!(decode_fixed(&json!(0.1)).unwrap().to_string(), "0.1");
    }

    #[cfg(feature = "with-bigdecimal")]
    #[test]
    fn a_big_decimal_is_plain_text_and_reads_back() {
        let text = format!("-{}.{}0", "9".repeat(300), "1".repeat(300));
        let decimal = decode_big(&json!(text)).unwrap();
        assert_eq!(big_number(&decimal).plain(), text);
        let decimal = decode_big(&json!("1e-7")).unwrap();
        assert_eq!(big_number(&decimal).plain(), "0.0000001");
        assert_eq!(
            big_number(&decode_big(&json!("1e3")).unwrap()).plain(),
            "1000"
        );
        assert_eq!(
            big_number(&decode_big(&json!("0.00")).unwrap()).plain(),
            "0.00"
        );
    }

    #[cfg(feature = "with-bigdecimal")]
    #[test]
    fn a_big_decimal_of_any_scale_costs_no_more_than_its_digits() {
        for scale in [i64::MIN, i64::MAX, 1 << 40] {
            let decimal = sea_orm::prelude::BigDecimal::new(7.into(), scale);
            let text = big_number(&decimal).plain();
            let back = decode_big(&json!(text));
            assert_eq!(
                back.map(|back| back.into_bigint_and_scale()),
                Some((7.into(), scale))
            );
            assert!(same(big_number(&decimal), big_number(&decimal)));
        }
    }

    #[test]
    fn equal_decimals_have_one_key() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(normal(number("1.10")), "1.1");
        assert_eq!(normal(number("100")), "100");
        assert_eq!(normal(number("-0.0")), "0");
        assert!(same(number("1.10"), number("1.1")));
        assert!(!same(number("1.10"), number("-1.1")));
    }
}
