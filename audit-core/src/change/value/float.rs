//! Floats: shortest text that reads back equal, and a string for what JSON has no number for.

use serde_json::{Number, Value as Json};

/// The form of an `f64`.
pub(super) fn encode_f64(value: f64) -> Json {
    if value.is_nan() {
        return Json::from("NaN");
    }
    // `+ 0.0` turns the negative zero into the positive one and changes nothing else.
    Number::from_f64(value + 0.0).map_or_else(
        || Json::from(if value > 0.0 { "Infinity" } else { "-Infinity" }),
        Json::Number,
    )
}

/// The form of an `f32`: `0.1`, not the `0.10000000149011612` that widening gives.
pub(super) fn encode_f32(value: f32) -> Json {
    encode_f64(widen(value))
}

/// The `f64` with the same shortest text. Each `f32` has its own, and it reads back as that `f32`: its text has at
/// most nine digits, and an `f64` keeps fifteen.
fn widen(value: f32) -> f64 {
    value
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(value))
}

/// An `f64` from a number or a string, in the spellings of the databases.
pub(super) fn decode_f64(json: &Json) -> Option<f64> {
    let value: f64 = super::number::text(json)?.parse().ok()?;
    Some(value + 0.0)
}

/// An `f32` from a number or a string; read from the text at once, since going through `f64` would round twice.
pub(super) fn decode_f32(json: &Json) -> Option<f32> {
    let text = super::number::text(json)?;
    let value: f32 = text.parse().ok()?;
    let too_large = value.is_infinite() && text.parse::<f64>().is_ok_and(f64::is_finite);
    (!too_large).then_some(value + 0.0)
}

/// Equal, with all NaNs being one value.
pub(super) fn same_f64(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// Equal, with all NaNs being one value.
pub(super) fn same_f32(a: f32, b: f32) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// Equal if they have the same form.
pub(super) fn same_mixed(a: f32, b: f64) -> bool {
    same_f64(widen(a), b)
}

/// The form of a vector.
#[cfg(feature = "postgres-vector")]
pub(super) fn encode_vector(vector: &sea_orm::prelude::PgVector) -> Json {
    vector.as_slice().iter().copied().map(encode_f32).collect()
}

/// A vector, also as the text `[1,2,3]`, which is what PostgreSQL makes of one in JSON.
#[cfg(feature = "postgres-vector")]
pub(super) fn decode_vector(json: &Json) -> Option<sea_orm::prelude::PgVector> {
    let elements: Option<Vec<f32>> = match json {
        Json::Array(elements) => elements.iter().map(decode_f32).collect(),
        Json::String(text) => match text.strip_prefix('[')?.strip_suffix(']')?.trim() {
            "" => Some(Vec::new()),
            list => list
                .split(',')
                .map(|element| decode_f32(&Json::from(element.trim())))
                .collect(),
        },
        _ => None,
    };
    elements.map(Into::into)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_float_is_its_shortest_number() {
        assert_eq!(encode_f32(0.1).to_string(), "0.1");
        assert_eq!(encode_f32(1.0).to_string(), "1.0");
        assert_eq!(encode_f32(f32::MAX), json!(3.4028235e38));
        assert_eq!(encode_f64(0.1 + 0.2).to_string(), "0.30000000000000004");
        assert_eq!(encode_f64(-0.0).to_string(), "0.0");
        assert_eq!(encode_f64(f64::NAN), json!("NaN"));
        assert_eq!(encode_f32(f32::NEG_INFINITY), json!("-Infinity"));
    }

    #[test]
    fn every_spelling_of_a_special_float_is_read() {
        for text in ["Infinity", "inf", "Inf", "+Infinity", "INFINITY"] {
            assert_eq!(decode_f64(&json!(text)), Some(f64::INFINITY), "{text}");
            assert_eq!(decode_f32(&json!(text)), Some(f32::INFINITY), "{text}");
        }
        assert_eq!(decode_f64(&json!("-Inf")), Some(f64::NEG_INFINITY));
        assert!(decode_f64(&json!("nan")).unwrap().is_nan());
        assert_eq!(decode_f64(&json!("1.5")), Some(1.5));
        assert_eq!(decode_f64(&json!("one")), None);
        assert!(decode_f64(&json!(-0.0)).unwrap().is_sign_positive());
    }

    #[test]
    fn an_f32_takes_the_number_that_a_wider_column_prints() {
        assert_eq!(decode_f32(&json!(f64::from(0.1_f32))), Some(0.1));
        assert_eq!(decode_f32(&json!(10_000_000_000_000_000_u64)), Some(1e16));
        assert_eq!(decode_f32(&json!(1e300)), None);
    }

    #[cfg(feature = "postgres-vector")]
    #[test]
    fn a_vector_may_be_text() {
        let vector = decode_vector(&json!("[1,-2.5, 3e2]")).unwrap();
        assert_eq!(vector.as_slice(), [1.0, -2.5, 300.0]);
        assert_eq!(
            decode_vector(&json!("[]")).unwrap().as_slice(),
            [0.0_f32; 0]
        );
        assert!(decode_vector(&json!("[1,]")).is_none());
        assert_eq!(encode_vector(&vector), json!([1.0, -2.5, 300.0]));
    }
}
