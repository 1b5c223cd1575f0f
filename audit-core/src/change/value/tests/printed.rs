//! Forms that databases print.

use proptest::prelude::*;
use sea_orm::{Value, sea_query::ArrayType};
use serde_json::{Value as Json, json};

use super::{
    super::{decode, encode},
    arbitrary, for_each_type, identical, through_text,
};

/// Other spellings of a canonical form that databases use for the type.
fn spellings(ty: &ArrayType, form: &Json) -> Vec<Json> {
    let number = |text: &str| serde_json::from_str::<Json>(text).ok();
    let texts = |texts: Vec<String>| texts.into_iter().map(Json::from).collect();
    match (ty, form) {
        // Text in JSON is text, and so is a number in a string.
        (ArrayType::Json | ArrayType::String | ArrayType::Char | ArrayType::Enum(_), _) => {
            Vec::new()
        }
        (ArrayType::Bool, Json::Bool(value)) => {
            let bit = i32::from(*value);
            vec![json!(bit), json!(f64::from(bit)), json!(bit.to_string())]
        }
        (ArrayType::Float | ArrayType::Double, Json::Number(value)) => {
            let value = value.as_f64().unwrap();
            // As `jsonb` does it: all digits and no exponent.
            let plain = format!("{value}");
            [
                number(&plain),
                number(&format!("{value:e}")),
                Some(json!(plain)),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        (ArrayType::Float | ArrayType::Double, Json::String(text)) => texts(vec![
            text.to_lowercase(),
            text.replace("inity", ""),
            text.replace("Infinity", "inf"),
        ]),
        (ArrayType::Bytes, Json::String(hex)) => {
            texts(vec![hex.to_uppercase(), format!("\\x{hex}")])
        }
        #[cfg(feature = "with-uuid")]
        (ArrayType::Uuid, Json::String(uuid)) => {
            let simple = uuid.replace('-', "");
            texts(vec![
                uuid.to_uppercase(),
                simple.to_uppercase(),
                format!("\\x{simple}"),
                simple,
            ])
        }
        #[cfg(feature = "with-rust_decimal")]
        (ArrayType::Decimal, Json::String(text)) => texts(vec![
            format!("{text}e0"),
            format!("+{text}").replace("+-", "-"),
        ]),
        #[cfg(feature = "with-bigdecimal")]
        (ArrayType::BigDecimal, Json::String(text)) if !text.contains('e') => {
            texts(vec![format!("{text}e0")])
        }
        #[cfg(feature = "with-mac_address")]
        (ArrayType::MacAddress, Json::String(text)) => {
            texts(vec![text.to_uppercase(), text.replace(':', "")])
        }
        (_, Json::Number(value)) => {
            vec![
                json!(value.to_string()),
                json!(format!("{value}.0")),
                json!(format!("{value}.00e0")),
            ]
        }
        (_, Json::String(text)) if is_time(ty) => {
            let bare = text.trim_end_matches('Z');
            let mut all = vec![bare.to_owned(), bare.replace('T', " ")];
            if bare.contains('.') {
                all.push(bare.trim_end_matches('0').trim_end_matches('.').to_owned());
            }
            if bare != text {
                for offset in ["+00", "+00:00", " +00:00", "-00", "+0000", "+00:00:00", "z"] {
                    all.push(format!("{}{offset}", bare.replace('T', " ")));
                }
            }
            if let (Some(year), true) = (text.strip_prefix('+'), is_time(ty)) {
                all.push(year.to_owned());
            }
            texts(all)
        }
        _ => Vec::new(),
    }
}

fn is_time(ty: &ArrayType) -> bool {
    let name = format!("{ty:?}");
    name.starts_with("Chrono") || name.starts_with("Time")
}

#[test]
fn every_spelling_of_a_value_is_that_value() {
    for_each_type(arbitrary::value, |ty, value| {
        for spelling in spellings(ty, &encode(&value).unwrap()) {
            let back = decode(&through_text(&spelling), ty, false);
            let equal = back.as_ref().is_ok_and(|back| identical(&value, back));
            prop_assert!(equal, "{} is {:?} instead of {:?}", spelling, back, value);
        }
        Ok(())
    });
}

#[test]
fn a_moment_of_any_offset_is_that_moment() {
    proptest!(|(value in arbitrary::value(&ArrayType::ChronoDateTimeWithTimeZone))| {
        let Value::ChronoDateTimeWithTimeZone(Some(moment)) = value else {
            return Ok(());
        };
        // Near the limits, local time has no date.
        prop_assume!(moment.naive_utc().checked_add_offset(*moment.offset()).is_some());
        // A text shows a leap second only after the 59th.
        prop_assume!(chrono::Timelike::nanosecond(&moment) < 1_000_000_000);
        for text in [moment.to_rfc3339(), moment.format("%Y-%m-%d %H:%M:%S%.f%::z").to_string()] {
            if chrono::Offset::fix(moment.offset()).local_minus_utc() % 60 != 0 && text.contains('T') {
                continue; // RFC 3339 has no seconds in an offset.
            }
            let back = decode(&json!(text), &ArrayType::ChronoDateTimeWithTimeZone, false);
            let equal = back.as_ref().is_ok_and(|back| identical(&value, back));
            prop_assert!(equal, "{} is {:?} instead of {:?}", text, back, value);
        }
    });
}

#[cfg(feature = "with-rust_decimal")]
#[test]
fn a_decimal_may_be_a_json_number() {
    proptest!(|(units in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0..9_u32)| {
        let decimal = sea_orm::prelude::Decimal::new(units, scale);
        let number: Json = serde_json::from_str(&decimal.to_string()).unwrap();
        prop_assert_eq!(decode(&number, &ArrayType::Decimal, false), Ok(Value::from(decimal)));
    });
}

#[test]
fn an_unsigned_integer_of_64_bits_is_exact_as_text() {
    let value = decode(&json!(u64::MAX.to_string()), &ArrayType::BigUnsigned, false);
    assert_eq!(value, Ok(Value::BigUnsigned(Some(u64::MAX))));
    assert!(decode(&json!(u64::MAX), &ArrayType::BigInt, false).is_err());
}
