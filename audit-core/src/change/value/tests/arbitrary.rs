//! Any value of each type, in its full range.

use chrono::{
    DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc,
};
use proptest::{collection::vec, option, prelude::*};
use sea_orm::{
    Value,
    sea_query::{ArrayType, Enum, OptionEnum},
};
use serde_json::Value as Json;

/// Every type that this build knows.
pub(super) fn types() -> Vec<ArrayType> {
    vec![
        ArrayType::Bool,
        ArrayType::TinyInt,
        ArrayType::SmallInt,
        ArrayType::Int,
        ArrayType::BigInt,
        ArrayType::TinyUnsigned,
        ArrayType::SmallUnsigned,
        ArrayType::Unsigned,
        ArrayType::BigUnsigned,
        ArrayType::Float,
        ArrayType::Double,
        ArrayType::String,
        ArrayType::Enum(Box::new("mood".into())),
        ArrayType::Char,
        ArrayType::Bytes,
        ArrayType::Json,
        ArrayType::ChronoDate,
        ArrayType::ChronoTime,
        ArrayType::ChronoDateTime,
        ArrayType::ChronoDateTimeUtc,
        ArrayType::ChronoDateTimeLocal,
        ArrayType::ChronoDateTimeWithTimeZone,
        #[cfg(feature = "with-time")]
        ArrayType::TimeDate,
        #[cfg(feature = "with-time")]
        ArrayType::TimeTime,
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTime,
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTimeWithTimeZone,
        #[cfg(feature = "with-uuid")]
        ArrayType::Uuid,
        #[cfg(feature = "with-rust_decimal")]
        ArrayType::Decimal,
        #[cfg(feature = "with-bigdecimal")]
        ArrayType::BigDecimal,
        #[cfg(feature = "with-ipnetwork")]
        ArrayType::IpNetwork,
        #[cfg(feature = "with-mac_address")]
        ArrayType::MacAddress,
    ]
}

/// Any value of a type, NULL included.
pub(super) fn value(ty: &ArrayType) -> BoxedStrategy<Value> {
    fn of<T: std::fmt::Debug + 'static>(
        strategy: impl Strategy<Value = T> + 'static,
        variant: impl Fn(Option<T>) -> Value + 'static,
    ) -> BoxedStrategy<Value> {
        option::weighted(0.9, strategy).prop_map(variant).boxed()
    }
    match ty {
        ArrayType::Bool => of(any::<bool>(), Value::Bool),
        ArrayType::TinyInt => of(any::<i8>(), Value::TinyInt),
        ArrayType::SmallInt => of(any::<i16>(), Value::SmallInt),
        ArrayType::Int => of(any::<i32>(), Value::Int),
        ArrayType::BigInt => of(any::<i64>(), Value::BigInt),
        ArrayType::TinyUnsigned => of(any::<u8>(), Value::TinyUnsigned),
        ArrayType::SmallUnsigned => of(any::<u16>(), Value::SmallUnsigned),
        ArrayType::Unsigned => of(any::<u32>(), Value::Unsigned),
        ArrayType::BigUnsigned => of(any::<u64>(), Value::BigUnsigned),
        // From bits, so that subnormals, infinities and NaNs are as likely as they are many.
        ArrayType::Float => of(
            prop_oneof![4 => any::<u32>().prop_map(f32::from_bits), 1 => special().prop_map(|v| v as f32)],
            Value::Float,
        ),
        ArrayType::Double => of(
            prop_oneof![
                any::<u64>().prop_map(f64::from_bits),
                any::<i64>().prop_map(|v| v as f64),
                special()
            ],
            Value::Double,
        ),
        ArrayType::String => of(any::<String>(), Value::String),
        ArrayType::Enum(name) => {
            let name = name.as_ref().clone();
            of(any::<String>(), move |value| {
                Value::Enum(match value {
                    Some(value) => OptionEnum::Some(Box::new(Enum {
                        type_name: name.clone(),
                        value: value.into(),
                    })),
                    None => OptionEnum::None(name.clone()),
                })
            })
        }
        ArrayType::Char => of(any::<char>(), Value::Char),
        ArrayType::Bytes => of(any::<Vec<u8>>(), Value::Bytes),
        ArrayType::Json => of(json(), |v| Value::Json(v.map(Box::new))),
        ArrayType::ChronoDate => of(date(), Value::ChronoDate),
        ArrayType::ChronoTime => of(time(), Value::ChronoTime),
        ArrayType::ChronoDateTime => of(date_time(), Value::ChronoDateTime),
        ArrayType::ChronoDateTimeUtc => of(moment(), Value::ChronoDateTimeUtc),
        ArrayType::ChronoDateTimeLocal => of(moment(), |v| {
            Value::ChronoDateTimeLocal(v.map(|v| v.with_timezone(&Local)))
        }),
        ArrayType::ChronoDateTimeWithTimeZone => of((moment(), -86_399..86_400_i32), |v| {
            Value::ChronoDateTimeWithTimeZone(v.map(|(moment, offset)| {
                FixedOffset::east_opt(offset)
                    .unwrap()
                    .from_utc_datetime(&moment.naive_utc())
            }))
        }),
        #[cfg(feature = "with-time")]
        ArrayType::TimeDate => of(of_time::date(), Value::TimeDate),
        #[cfg(feature = "with-time")]
        ArrayType::TimeTime => of(of_time::time(), Value::TimeTime),
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTime => of(of_time::date_time(), Value::TimeDateTime),
        #[cfg(feature = "with-time")]
        ArrayType::TimeDateTimeWithTimeZone => {
            of(of_time::moment(), Value::TimeDateTimeWithTimeZone)
        }
        #[cfg(feature = "with-uuid")]
        ArrayType::Uuid => of(any::<u128>().prop_map(uuid::Uuid::from_u128), Value::Uuid),
        #[cfg(feature = "with-rust_decimal")]
        ArrayType::Decimal => of(
            (any::<[u32; 3]>(), 0..96_u32, any::<bool>(), 0..=28_u32).prop_map(
                |(parts, shift, negative, scale)| {
                    let number = parts
                        .iter()
                        .fold(0_i128, |number, part| number << 32 | i128::from(*part))
                        >> shift;
                    let mut decimal =
                        sea_orm::prelude::Decimal::from_i128_with_scale(number, scale);
                    decimal.set_sign_negative(negative);
                    decimal
                },
            ),
            Value::Decimal,
        ),
        #[cfg(feature = "with-bigdecimal")]
        ArrayType::BigDecimal => of(
            (
                "-?[0-9]{1,80}",
                prop_oneof![9 => -40..100_i64, 1 => any::<i64>()],
            )
                .prop_map(|(digits, scale)| {
                    let digits: sea_orm::prelude::BigDecimal = digits.parse().unwrap();
                    sea_orm::prelude::BigDecimal::new(digits.into_bigint_and_scale().0, scale)
                }),
            |v| Value::BigDecimal(v.map(Box::new)),
        ),
        #[cfg(feature = "with-ipnetwork")]
        ArrayType::IpNetwork => of(
            (any::<std::net::IpAddr>(), 0..=128_u8).prop_map(|(address, prefix)| {
                let most = if address.is_ipv4() { 32 } else { 128 };
                sea_orm::prelude::IpNetwork::new(address, prefix.min(most)).unwrap()
            }),
            Value::IpNetwork,
        ),
        #[cfg(feature = "with-mac_address")]
        ArrayType::MacAddress => of(any::<[u8; 6]>(), |v| Value::MacAddress(v.map(Into::into))),
        #[allow(unreachable_patterns)]
        other => panic!("no strategy for {other:?}"),
    }
}

fn special() -> impl Strategy<Value = f64> {
    proptest::sample::select(vec![
        0.0,
        -0.0,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ])
}

/// Any JSON, with objects that look like the wrapper more often than chance has it.
pub(super) fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        printed().prop_map(Json::from),
    ];
    let key = prop_oneof![Just("$json".to_owned()), any::<String>()];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let entry = (key.clone(), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(Json::Array),
            vec(entry, 0..3).prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

/// Text that is close to what the types print.
fn printed() -> impl Strategy<Value = String> {
    prop_oneof![
        "[+-]?[0-9]{1,12}(\\.[0-9]{0,12})?([eE][+-]?[0-9]{1,20})?",
        "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}L?(\\.[0-9]{1,10})?(Z|[+-][0-9:]{1,8})?( BC)?",
        "[0-9]{2}:[0-9]{2}(:[0-9]{2})?(\\.[0-9]{1,10})?",
        "(\\\\x)?[0-9a-fA-F]{0,40}",
        "base64:type[0-9]{1,3}:[A-Za-z0-9+/]{0,12}={0,3}",
        "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
        "[0-9.:a-f]{0,20}(/[0-9]{1,3})?",
        "\\[[0-9., -]{0,20}\\]",
        "[-+]?(inf|Infinity|NaN|nan)",
    ]
}

fn date() -> impl Strategy<Value = NaiveDate> {
    let (first, last) = (
        chrono::Datelike::num_days_from_ce(&NaiveDate::MIN),
        chrono::Datelike::num_days_from_ce(&NaiveDate::MAX),
    );
    prop_oneof![first..=last, 700_000..760_000_i32]
        .prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap())
}

/// Leap seconds included, and those that only `with_nanosecond` makes.
fn time() -> impl Strategy<Value = NaiveTime> {
    (0..86_400_u32, nanos(2_000_000_000)).prop_map(|(seconds, nanos)| {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
        time.with_nanosecond(nanos).unwrap()
    })
}

fn nanos(end: u32) -> impl Strategy<Value = u32> {
    prop_oneof![
        0..end,
        (0..end / 1000).prop_map(|micros| micros * 1000),
        Just(0)
    ]
}

fn date_time() -> impl Strategy<Value = NaiveDateTime> {
    (date(), time()).prop_map(|(date, time)| date.and_time(time))
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    date_time().prop_map(|date_time| date_time.and_utc())
}

#[cfg(feature = "with-time")]
mod of_time {
    use proptest::prelude::*;
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    pub(super) fn date() -> impl Strategy<Value = Date> {
        let (first, last) = (Date::MIN.to_julian_day(), Date::MAX.to_julian_day());
        prop_oneof![8 => first..=last, 1 => Just(first), 1 => Just(last)]
            .prop_map(|day| Date::from_julian_day(day).unwrap())
    }

    pub(super) fn time() -> impl Strategy<Value = Time> {
        (0..24_u8, 0..60_u8, 0..60_u8, super::nanos(1_000_000_000)).prop_map(
            |(hour, minute, second, nanos)| {
                Time::from_hms_nano(hour, minute, second, nanos).unwrap()
            },
        )
    }

    pub(super) fn date_time() -> impl Strategy<Value = PrimitiveDateTime> {
        (date(), time()).prop_map(|(date, time)| PrimitiveDateTime::new(date, time))
    }

    pub(super) fn moment() -> impl Strategy<Value = OffsetDateTime> {
        (date_time(), -93_599..=93_599_i32).prop_map(|(local, offset)| {
            local.assume_offset(UtcOffset::from_whole_seconds(offset).unwrap())
        })
    }
}
