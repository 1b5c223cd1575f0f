//! Written and read back.

use proptest::{prelude::*, test_runner::TestCaseError};
use sea_orm::{Value, sea_query::ArrayType};
use serde_json::{Value as Json, json};

use super::{
    super::{Undecodable, decode, decode_column, encode, same},
    arbitrary, for_each_type, identical, read, through_text,
};

#[test]
fn any_value_reads_back_equal() {
    for_each_type(arbitrary::value, |ty, value| {
        let form = encode(&value).unwrap();
        let back = read(&through_text(&form), ty)?;
        prop_assert!(
            identical(&value, &back),
            "{} is {:?} instead of {:?}",
            form,
            back,
            value
        );
        prop_assert!(same(&value, &back));
        Ok(())
    });
}

#[test]
fn only_sql_null_is_null() {
    for_each_type(arbitrary::value, |_, value| {
        prop_assert_eq!(encode(&value).unwrap().is_null(), value == value.as_null());
        Ok(())
    });
}

#[test]
fn null_reads_back_with_its_type() {
    for ty in arbitrary::types() {
        let value = decode(&Json::Null, &ty, false).unwrap();
        assert_eq!(value, value.as_null());
        assert_eq!(value.array_type(), ty);
    }
}

#[test]
fn nothing_panics_and_what_is_read_is_a_value() {
    for_each_type(
        |_| (arbitrary::json(), any::<bool>()),
        |ty, (json, is_array)| {
            let Ok(value) = decode(&json, ty, is_array) else {
                return Ok(());
            };
            let form = encode(&value).unwrap();
            let back = decode(&through_text(&form), ty, is_array).map_err(|error| {
                TestCaseError::fail(format!("{json} is {value:?}, and that {form}: {error}"))
            })?;
            prop_assert!(
                same(&value, &back),
                "{} is {:?}, and that {}",
                json,
                value,
                form
            );
            Ok(())
        },
    );
}

#[cfg(feature = "postgres-array")]
#[test]
fn any_array_reads_back_equal() {
    for_each_type(
        |ty| proptest::option::weighted(0.9, proptest::collection::vec(arbitrary::value(ty), 0..5)),
        |ty, elements| {
            let value = Value::Array(ty.clone(), elements.map(Box::new));
            let form = encode(&value).unwrap();
            let back = decode(&through_text(&form), ty, true).unwrap();
            prop_assert!(
                identical(&value, &back),
                "{} is {:?} instead of {:?}",
                form,
                back,
                value
            );
            prop_assert!(same(&value, &back));
            Ok(())
        },
    );
}

#[cfg(feature = "postgres-array")]
#[test]
fn an_array_within_an_array_reads_back_equal() {
    let row = |numbers: [i32; 2]| {
        Value::Array(
            ArrayType::Int,
            Some(Box::new(numbers.map(Value::from).to_vec())),
        )
    };
    let value = Value::Array(
        ArrayType::Int,
        Some(Box::new(vec![row([1, 2]), row([3, 4])])),
    );
    let form = encode(&value).unwrap();
    assert_eq!(form, json!([[1, 2], [3, 4]]));
    assert_eq!(decode(&form, &ArrayType::Int, true), Ok(value));
}

#[cfg(not(feature = "postgres-array"))]
#[test]
fn an_array_needs_its_feature() {
    let error = decode(&json!([1]), &ArrayType::Int, true).unwrap_err();
    assert!(error.to_string().contains("`postgres-array`"));
}

#[cfg(feature = "postgres-vector")]
#[test]
fn any_vector_reads_back_equal() {
    use proptest::collection::vec;
    use sea_orm::sea_query::ColumnType;

    proptest!(|(bits in vec(any::<u32>(), 0..8))| {
        let floats: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
        let value = Value::Vector(Some(floats.into()));
        let form = through_text(&encode(&value).unwrap());
        let back = decode_column(&form, &ColumnType::Vector(None), || panic!("a vector has none")).unwrap();
        prop_assert!(same(&value, &back), "{}", form);
        prop_assert!(matches!(back, Value::Vector(Some(_))));
    });
}

#[test]
fn the_column_tells_an_array_from_a_value() {
    use sea_orm::sea_query::{ColumnType, RcOrArc};

    let read = |json: Json, column: ColumnType| decode_column(&json, &column, || ArrayType::Int);
    assert_eq!(read(json!(1), ColumnType::Integer), Ok(Value::Int(Some(1))));
    assert_eq!(read(Json::Null, ColumnType::Integer), Ok(Value::Int(None)));
    let array = read(
        Json::Null,
        ColumnType::Array(RcOrArc::new(ColumnType::Integer)),
    );
    #[cfg(feature = "postgres-array")]
    assert_eq!(array, Ok(Value::Array(ArrayType::Int, None)));
    #[cfg(not(feature = "postgres-array"))]
    assert!(matches!(array, Err(Undecodable::Kind { .. })));
}

#[test]
fn a_character_is_one() {
    assert_eq!(
        decode(&json!("é"), &ArrayType::Char, false),
        Ok(Value::from('é'))
    );
    assert!(decode(&json!("ab"), &ArrayType::Char, false).is_err());
    assert!(decode(&json!(""), &ArrayType::Char, false).is_err());
}

#[test]
fn an_error_says_what_was_expected_and_not_what_was_found() {
    for ty in arbitrary::types()
        .into_iter()
        .filter(|ty| *ty != ArrayType::Json)
    {
        let error = decode(&json!({"secret": 1}), &ty, false).unwrap_err();
        assert!(matches!(error, Undecodable::Form { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
