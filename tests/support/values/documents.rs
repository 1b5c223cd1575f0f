//! JSON of every shape.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use super::{Shape, texts};
use crate::support::server::Server;

/// Any JSON, also what looks like the log's own forms.
pub fn json(server: Server) -> BoxedStrategy<Json> {
    let special = vec![
        Json::Null,
        json!({"$json": null}),
        json!({"$json": {"$json": 1}}),
        json!({"$json": [], "": 0}),
        json!(""),
        json!("null"),
        json!([]),
        json!([[], [null], {}]),
        json!({}),
        json!({"a": 1, "A": 2, "a ": 3, "\u{e1}": 4, "a\u{301}": 5}),
        json!({"1": 1, "01": 2, "1.0": 3}),
        json!([
            1,
            1.0,
            1e0,
            -0.0,
            1e16,
            1e300,
            5e-324,
            0.1,
            u64::MAX,
            i64::MIN,
            i64::MAX
        ]),
        json!(9_007_199_254_740_993_u64),
        deep(20),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        texts::text(server, 60).prop_map(Json::from),
    ];
    let key = prop_oneof![
        Just("$json".to_owned()),
        texts::text(server, 20),
        "[aA ]{0,2}"
    ];
    let any = leaf.prop_recursive(4, 24, 4, move |inner| {
        let entry = (key.clone(), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(Json::Array),
            vec(entry, 0..4).prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    });
    prop_oneof![1 => select(special), 2 => any].boxed()
}

/// Arrays and objects within each other, so many.
pub fn deep(depth: usize) -> Json {
    (0..depth).fold(json!(1), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({"in": inner})
        }
    })
}

/// Any of the structs that a JSON column may be.
pub fn shape(server: Server) -> BoxedStrategy<Json> {
    let one = (texts::text(server, 20), vec(any::<i64>(), 0..3));
    let one = one.prop_map(|(name, sides)| Shape {
        name,
        sides,
        holes: None,
    });
    let shapes = vec(one, 1..4).prop_map(|shapes| {
        let within = |inner: Option<Box<Shape>>, outer: Shape| {
            Some(Box::new(Shape {
                holes: inner,
                ..outer
            }))
        };
        serde_json::to_value(shapes.into_iter().fold(None, within)).unwrap()
    });
    shapes.boxed()
}
