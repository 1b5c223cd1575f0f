//! Any value that a column of a database can hold.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Value,
    entity::prelude::{BigDecimal, ColumnType, Decimal, IpNetwork, Uuid},
    sea_query::ArrayType,
};

use super::{documents, moments, texts};
use crate::support::{
    bakery::{Course, Effort, Heat},
    server::Server,
};

/// A row of an entity: a value for each column but those of the key.
pub type Row<E> = Vec<(<E as EntityTrait>::Column, Value)>;

/// Any row that the server can hold.
pub fn row<E: EntityTrait>(server: Server) -> BoxedStrategy<Row<E>> {
    let keys: Vec<_> = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str())
        .collect();
    E::Column::iter()
        .filter(|column| !keys.contains(&column.as_str()))
        .map(|column| {
            value::<E>(server, column)
                .prop_map(move |value| (column, value))
                .boxed()
        })
        .collect::<Vec<_>>()
        .boxed()
}

/// Any value that a column can hold, NULL included where it may be.
pub fn value<E: EntityTrait>(server: Server, column: E::Column) -> BoxedStrategy<Value> {
    let ty = E::Model::get_value_type(column);
    let definition = column.def();
    let one = match (column.as_str().trim_start_matches("maybe_"), &ty) {
        ("course", _) => select(vec![Course::Main, Course::Dessert])
            .prop_map(Value::from)
            .boxed(),
        ("effort", _) => select(vec![Effort::Little, Effort::Much])
            .prop_map(Value::from)
            .boxed(),
        ("heat", _) => select(vec![Heat::Low, Heat::VeryHigh])
            .prop_map(Value::from)
            .boxed(),
        ("heats", _) => vec(select(vec![Heat::Low, Heat::VeryHigh]), 0..4)
            .prop_map(Value::from)
            .boxed(),
        ("colour", _) => any::<u32>()
            .prop_map(|number| super::Colour(number).into())
            .boxed(),
        ("text_uuid", _) => any::<u128>()
            .prop_map(|bits| Uuid::from_u128(bits).to_string().into())
            .boxed(),
        ("unix", _) => moments::date_time(server, 1970..=2037)
            .prop_map(|moment| moment.and_utc().timestamp().into())
            .boxed(),
        ("shape", _) => documents::shape(server).prop_map(Value::from).boxed(),
        ("fixed", _) => texts::text(server, 8).prop_map(Value::from).boxed(),
        ("short" | "title" | "name", _) => texts::text(server, 255).prop_map(Value::from).boxed(),
        ("few", _) => vec(any::<u8>(), 0..=64).prop_map(Value::from).boxed(),
        ("scaled", _) => (-99_999_999_i64..=99_999_999)
            .prop_map(|number| Decimal::new(number, 4).into())
            .boxed(),
        ("binary", _) => documents::json(server).prop_map(Value::from).boxed(),
        (_, ty) if matches!(definition.get_column_type(), ColumnType::Array(_)) => {
            let ty = ty.clone();
            vec(of(server, &ty), 0..4)
                .prop_map(move |elements| Value::Array(ty.clone(), Some(Box::new(elements))))
                .boxed()
        }
        (_, ty) => of(server, ty),
    };
    if definition.is_null() {
        let null = one.clone().prop_map(|value| value.as_null());
        prop_oneof![3 => one, 1 => null].boxed()
    } else {
        one
    }
}

/// Any value of a type.
fn of(server: Server, ty: &ArrayType) -> BoxedStrategy<Value> {
    fn with<T>(strategy: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Value>
    where
        T: Into<Value> + std::fmt::Debug + 'static,
    {
        strategy.prop_map(Into::into).boxed()
    }
    match ty {
        ArrayType::Bool => with(any::<bool>()),
        ArrayType::TinyInt => with(edge(any::<i8>(), [0, 1, i8::MIN, i8::MAX])),
        ArrayType::SmallInt => with(edge(any::<i16>(), [0, 1, i16::MIN, i16::MAX])),
        ArrayType::Int => with(edge(any::<i32>(), [0, 1, i32::MIN, i32::MAX])),
        ArrayType::BigInt => with(edge(any::<i64>(), [0, 1 << 53, i64::MIN, i64::MAX])),
        ArrayType::TinyUnsigned => with(edge(any::<u8>(), [0, u8::MAX])),
        ArrayType::SmallUnsigned => with(edge(any::<u16>(), [0, u16::MAX])),
        ArrayType::Unsigned => with(edge(any::<u32>(), [0, u32::MAX])),
        ArrayType::BigUnsigned => with(edge(any::<u64>(), [0, (1 << 53) + 1, u64::MAX])),
        ArrayType::Float => with(f32s(server)),
        ArrayType::Double => with(f64s(server)),
        ArrayType::String => with(texts::text(server, 2000)),
        ArrayType::Bytes => with(vec(any::<u8>(), 0..300)),
        ArrayType::Json => with(documents::json(server)),
        ArrayType::Uuid => with(any::<u128>().prop_map(Uuid::from_u128)),
        ArrayType::Decimal => with(decimals(server)),
        ArrayType::BigDecimal => with(big_decimals(server)),
        ArrayType::ChronoDate => with(moments::date(server)),
        ArrayType::ChronoTime => with(moments::time(server)),
        ArrayType::ChronoDateTime => with(moments::naive(server)),
        ArrayType::ChronoDateTimeUtc => with(moments::utc(server)),
        ArrayType::ChronoDateTimeLocal => with(moments::local(server)),
        ArrayType::ChronoDateTimeWithTimeZone => with(moments::zoned(server)),
        ArrayType::TimeDate => with(moments::time_date(server)),
        ArrayType::TimeTime => with(moments::time_time()),
        ArrayType::TimeDateTime => with(moments::time_date_time(server)),
        ArrayType::TimeDateTimeWithTimeZone => with(moments::time_zoned(server)),
        ArrayType::IpNetwork => with((any::<std::net::IpAddr>(), 0..=128_u8).prop_map(
            |(address, prefix)| {
                let most = if address.is_ipv4() { 32 } else { 128 };
                IpNetwork::new(address, prefix.min(most)).unwrap()
            },
        )),
        ArrayType::MacAddress => with(any::<[u8; 6]>().prop_map(super::MacAddress::new)),
        other => panic!("no strategy for {other:?}"),
    }
}

/// Any value, and these more often.
fn edge<T: Clone + std::fmt::Debug + 'static>(
    any: impl Strategy<Value = T>,
    often: impl Into<Vec<T>>,
) -> impl Strategy<Value = T> {
    prop_oneof![2 => any, 1 => select(often.into())]
}

/// From bits, so that subnormals are as likely as they are many. SQLite makes NULL of a NaN, and MySQL has neither
/// NaN nor infinities.
fn f64s(server: Server) -> impl Strategy<Value = f64> {
    let often = [
        0.0,
        -0.0,
        0.1 + 0.2,
        1e16,
        1e21,
        1e300,
        5e-324,
        -5e-324,
        f64::MIN,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let often = often.map(|value| if holds(server, value) { value } else { -1.5 });
    let any = any::<u64>().prop_map(move |bits| {
        let value = f64::from_bits(bits);
        if holds(server, value) { value } else { 2.5 }
    });
    edge(any, often.to_vec())
}

fn f32s(server: Server) -> impl Strategy<Value = f32> {
    let often = [
        0.0,
        -0.0,
        0.1,
        16_777_217.0,
        f32::MIN,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ];
    let often = often.map(|value| {
        if holds(server, value.into()) {
            value
        } else {
            -1.5
        }
    });
    let any = any::<u32>().prop_map(move |bits| {
        let value = f32::from_bits(bits);
        if holds(server, value.into()) {
            value
        } else {
            2.5
        }
    });
    edge(any, often.to_vec())
}

fn holds(server: Server, value: f64) -> bool {
    match server {
        Server::Postgres => true,
        Server::Sqlite => !value.is_nan(),
        Server::MySql => value.is_finite(),
    }
}

/// SQLite keeps decimals as floats, MySQL with a fixed scale; the row is what they make of it.
fn decimals(server: Server) -> impl Strategy<Value = Decimal> {
    let digits = if server == Server::Sqlite { 50 } else { 96 };
    (
        any::<u128>(),
        128 - digits..128_u32,
        any::<bool>(),
        0..=28_u32,
    )
        .prop_map(|(bits, shift, negative, scale)| {
            let number = i128::try_from(bits >> shift).unwrap();
            let number = if negative { -number } else { number };
            Decimal::from_i128_with_scale(number, scale)
        })
}

fn big_decimals(server: Server) -> impl Strategy<Value = BigDecimal> {
    // The digits that MySQL's longest decimal has before and after its point; SQLite keeps a float.
    let (before, after) = match server {
        Server::Sqlite => (12, 3),
        Server::Postgres => (200, 100),
        Server::MySql => (35, 30),
    };
    let digits = |most| vec(0..10_u8, 1..=most);
    (digits(before), digits(after), any::<bool>(), any::<Index>()).prop_map(
        |(before, after, negative, cut)| {
            let text = |digits: &[u8]| -> String {
                digits
                    .iter()
                    .map(|digit| char::from(b'0' + digit))
                    .collect()
            };
            let sign = if negative { "-" } else { "" };
            let after = &after[..cut.index(after.len() + 1)];
            let point = if after.is_empty() { "" } else { "." };
            format!("{sign}{}{point}{}", text(&before), text(after))
                .parse()
                .unwrap()
        },
    )
}
