//! JSON values: themselves, with JSON's own `null` told apart from SQL's.

use serde_json::{Map, Value as Json};

use super::number::Number;

/// The key of the wrapper that tells a JSON `null` apart.
const WRAPPER: &str = "$json";

/// How many arrays and objects a form may have within each other. `serde_json` reads 127, and the entry is one of them.
const DEEPEST: usize = 126;

/// Whether a form is nested so deep that the entry could be written and not be read.
pub(super) fn is_too_deep(form: &Json) -> bool {
    fn deeper_than(limit: usize, json: &Json) -> bool {
        match json {
            Json::Array(_) | Json::Object(_) if limit == 0 => true,
            Json::Array(elements) => elements.iter().any(|json| deeper_than(limit - 1, json)),
            Json::Object(object) => object.values().any(|json| deeper_than(limit - 1, json)),
            _ => false,
        }
    }
    deeper_than(DEEPEST, form)
}

/// The form of a JSON value.
pub(super) fn wrap(json: &Json) -> Json {
    if json.is_null() || wrapped(json).is_some() {
        Json::Object(Map::from_iter([(WRAPPER.to_owned(), json.clone())]))
    } else {
        json.clone()
    }
}

/// The JSON value of a form, none for SQL NULL. A database that printed an object which only looks like the wrapper
/// meant the object.
pub(super) fn unwrap(json: &Json) -> Option<Json> {
    if json.is_null() {
        return None;
    }
    match wrapped(json) {
        Some(inner) if inner.is_null() || wrapped(inner).is_some() => Some(inner.clone()),
        _ => Some(json.clone()),
    }
}

fn wrapped(json: &Json) -> Option<&Json> {
    json.as_object()
        .filter(|object| object.len() == 1)?
        .get(WRAPPER)
}

/// Equal as values: objects by key, numbers exactly and whatever their representation.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => same_number(a, b),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Json::Null, Json::Null) => true,
        (Json::Bool(a), Json::Bool(b)) => a == b,
        (Json::String(a), Json::String(b)) => a == b,
        _ => false,
    }
}

/// By their shortest text: it is what a database has been given, and comparing a float's binary value with an integer
/// would call `1e18` and its `jsonb` form different numbers.
fn same_number(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    if let (Some(a), Some(b)) = (a.as_u64(), b.as_u64()) {
        return a == b;
    }
    let (a, b) = (a.to_string(), b.to_string());
    match (Number::parse(&a), Number::parse(&b)) {
        (Some(a), Some(b)) => a.normal() == b.normal(),
        _ => a == b,
    }
}

/// The only form among equal ones: keys in order, numbers normalised.
pub(super) fn normal(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(normal).collect(),
        Json::Object(object) => {
            let mut keys: Vec<_> = object.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            Json::Object(
                keys.into_iter()
                    .map(|(key, value)| (key.clone(), normal(value)))
                    .collect(),
            )
        }
        Json::Number(number) => normal_number(number),
        _ => json.clone(),
    }
}

fn normal_number(number: &serde_json::Number) -> Json {
    let integer = Number::parse(&number.to_string()).and_then(Number::integer);
    let unsigned = integer
        .and_then(|integer| u64::try_from(integer).ok())
        .map(Json::from);
    let signed = integer
        .and_then(|integer| i64::try_from(integer).ok())
        .map(Json::from);
    unsigned
        .or(signed)
        .unwrap_or_else(|| Json::Number(number.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_null_within_json_is_not_sql_null() {
        assert_eq!(wrap(&Json::Null), json!({"$json": null}));
        assert_eq!(unwrap(&json!({"$json": null})), Some(Json::Null));
        assert_eq!(unwrap(&Json::Null), None);
    }

    #[test]
    fn an_object_that_looks_like_the_wrapper_stays_itself() {
        for json in [
            json!({"$json": null}),
            json!({"$json": {"$json": null}}),
            json!({"$json": {"$json": {"$json": 1}}}),
            json!({"$json": 5}),
            json!({"$json": 5, "a": 1}),
            json!({}),
        ] {
            assert_eq!(unwrap(&wrap(&json)), Some(json));
        }
        assert_eq!(unwrap(&json!({"$json": 5})), Some(json!({"$json": 5})));
    }

    #[test]
    fn the_deepest_form_still_reads_back_in_an_entry() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        let reads_back = |form: &Json| {
            let entry = json!({"column": form}).to_string();
            serde_json::from_str::<Json>(&entry).is_ok()
        };
        for depth in [0, 1, DEEPEST - 1, DEEPEST, DEEPEST + 1, 200] {
            let form = nested(depth);
            assert_eq!(is_too_deep(&form), depth > DEEPEST, "{depth}");
            assert_eq!(is_too_deep(&form), !reads_back(&form), "{depth}");
            let object = json!({"a": 1, "b": nested(depth)});
            assert_eq!(is_too_deep(&object), !reads_back(&object), "{depth}");
        }
    }

    #[test]
    fn numbers_are_compared_exactly() {
        assert!(same(&json!(1), &json!(1.0)));
        assert!(same(&json!(1e16), &json!(10_000_000_000_000_000_u64)));
        assert!(same(&json!(0), &json!(-0.0)));
        assert!(!same(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992_u64)
        ));
        assert!(!same(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992.0)
        ));
        assert!(!same(&json!(u64::MAX), &json!(-1)));
        assert!(!same(&json!(u64::MAX), &json!(u64::MAX as f64)));
        assert!(!same(&json!(1), &json!("1")));
        assert!(!same(&json!(1), &json!(true)));
    }

    #[test]
    fn order_matters_in_arrays_only() {
        let object = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        assert!(same(
            &object(r#"{"a":1,"b":[1,2]}"#),
            &object(r#"{"b":[1.0,2],"a":1}"#)
        ));
        assert!(!same(
            &object(r#"{"a":1,"b":[1,2]}"#),
            &object(r#"{"b":[2,1],"a":1}"#)
        ));
        assert!(!same(&object(r#"{"a":null}"#), &object(r#"{"b":null}"#)));
        assert!(!same(&json!([1]), &json!([1, 1])));
        assert_eq!(
            normal(&object(r#"{"b":1.0,"a":{"d":[-2e0],"c":0.5}}"#)).to_string(),
            r#"{"a":{"c":0.5,"d":[-2]},"b":1}"#
        );
    }
}
