//! Dates and times within the limits of a database.

use std::ops::RangeInclusive;

use proptest::{prelude::*, sample::select};
use sea_orm::{
    entity::prelude::{
        ChronoDate, ChronoDateTime, ChronoDateTimeLocal, ChronoDateTimeUtc,
        ChronoDateTimeWithTimeZone, ChronoTime, TimeDate, TimeDateTime, TimeDateTimeWithTimeZone,
        TimeTime,
    },
    sea_query::value::prelude::{
        FixedOffset, Local,
        chrono::{Datelike, TimeZone, Timelike},
        time::UtcOffset,
    },
};

use crate::support::server::Server;

/// The years of a date. PostgreSQL goes on to 5874897 where `chrono` ends; SQLite keeps text, and the drivers read
/// only four digits of a year; MySQL promises these.
fn years(server: Server) -> RangeInclusive<i32> {
    match server {
        Server::Sqlite => 0..=9999,
        Server::Postgres => -4711..=262_141,
        Server::MySql => 1000..=9999,
    }
}

pub fn date(server: Server) -> BoxedStrategy<ChronoDate> {
    in_years(years(server))
}

fn in_years(years: RangeInclusive<i32>) -> BoxedStrategy<ChronoDate> {
    let first = ChronoDate::from_ymd_opt(*years.start(), 1, 1).unwrap();
    let last = ChronoDate::from_ymd_opt(*years.end(), 12, 31).unwrap();
    let leap = ChronoDate::from_ymd_opt(2024, 2, 29).unwrap();
    let days = first.num_days_from_ce()..=last.num_days_from_ce();
    let near = 700_000..760_000_i32;
    prop_oneof![
        2 => days,
        2 => near,
        1 => select(vec![first, last, leap]).prop_map(|date| date.num_days_from_ce()),
    ]
    .prop_map(|days| ChronoDate::from_num_days_from_ce_opt(days).unwrap())
    .prop_map(move |date| date.clamp(first, last))
    .boxed()
}

/// With nanoseconds, which only SQLite keeps; and there with leap seconds.
pub fn time(server: Server) -> BoxedStrategy<ChronoTime> {
    let any = clock().prop_map(|(seconds, nanos)| {
        ChronoTime::from_num_seconds_from_midnight_opt(seconds, nanos).unwrap()
    });
    if server == Server::Sqlite {
        let leap = (0..1440_u32, nanos()).prop_map(|(minute, nanos)| {
            let time = ChronoTime::from_num_seconds_from_midnight_opt(minute * 60 + 59, 0);
            time.unwrap()
                .with_nanosecond(1_000_000_000 + nanos)
                .unwrap()
        });
        prop_oneof![4 => any, 1 => leap].boxed()
    } else {
        any.boxed()
    }
}

fn clock() -> impl Strategy<Value = (u32, u32)> {
    // MySQL rounds to microseconds, and what it would round up to the next day it cannot hold.
    let seconds = prop_oneof![4 => 0..86_399_u32, 1 => Just(0)];
    let last = Just((86_399, 999_999_000));
    prop_oneof![9 => (seconds, nanos()), 1 => last]
}

fn nanos() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..1_000_000_000_u32,
        (0..1_000_000_u32).prop_map(|micros| micros * 1000),
        Just(0),
        Just(1000),
    ]
}

pub fn date_time(
    server: Server,
    years: RangeInclusive<i32>,
) -> impl Strategy<Value = ChronoDateTime> {
    (in_years(years), time(server)).prop_map(|(date, time)| date.and_time(time))
}

pub fn naive(server: Server) -> impl Strategy<Value = ChronoDateTime> {
    date_time(server, years(server))
}

/// The years of a moment, so that its date in any zone is within the limits too. The driver of MySQL binds moments as
/// `TIMESTAMP`, whatever the column, and that is what its years are.
fn years_of_moments(server: Server) -> RangeInclusive<i32> {
    let years = years(server);
    match server {
        Server::MySql => 1971..=2037,
        _ => years.start() + 1..=years.end() - 1,
    }
}

fn moment(server: Server) -> impl Strategy<Value = ChronoDateTime> {
    date_time(server, years_of_moments(server))
}

pub fn utc(server: Server) -> impl Strategy<Value = ChronoDateTimeUtc> {
    moment(server).prop_map(|moment| moment.and_utc())
}

pub fn local(server: Server) -> impl Strategy<Value = ChronoDateTimeLocal> {
    moment(server).prop_map(|moment| Local.from_utc_datetime(&moment))
}

/// SQLite's text has no seconds in its offset.
pub fn zoned(server: Server) -> impl Strategy<Value = ChronoDateTimeWithTimeZone> {
    (moment(server), -1439..=1439_i32).prop_map(|(moment, minutes)| {
        let zone = FixedOffset::east_opt(minutes * 60).unwrap();
        zone.from_utc_datetime(&moment)
    })
}

/// `time` ends at year 9999.
pub fn time_date(server: Server) -> BoxedStrategy<TimeDate> {
    let years = years(server);
    time_date_in(*years.start()..=(*years.end()).min(9999))
}

fn time_date_in(years: RangeInclusive<i32>) -> BoxedStrategy<TimeDate> {
    // Both count days, `time` from another beginning.
    in_years(years)
        .prop_map(|date| TimeDate::from_julian_day(date.num_days_from_ce() + 1_721_425).unwrap())
        .boxed()
}

pub fn time_time() -> impl Strategy<Value = TimeTime> {
    clock().prop_map(|(seconds, nanos)| {
        let part = |number: u32| u8::try_from(number).unwrap();
        TimeTime::from_hms_nano(
            part(seconds / 3600),
            part(seconds / 60 % 60),
            part(seconds % 60),
            nanos,
        )
        .unwrap()
    })
}

pub fn time_date_time(server: Server) -> impl Strategy<Value = TimeDateTime> {
    (time_date(server), time_time()).prop_map(|(date, time)| TimeDateTime::new(date, time))
}

pub fn time_zoned(server: Server) -> impl Strategy<Value = TimeDateTimeWithTimeZone> {
    let years = years_of_moments(server);
    let date = time_date_in(*years.start()..=(*years.end()).min(9998));
    (date, time_time(), -1439..=1439_i32).prop_map(|(date, time, minutes)| {
        let zone = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
        TimeDateTime::new(date, time).assume_utc().to_offset(zone)
    })
}
