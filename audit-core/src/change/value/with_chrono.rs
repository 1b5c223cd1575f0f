//! The types of `chrono`, in and out of [`Stamp`].

use chrono::{
    DateTime, Datelike, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone,
    Timelike, Utc,
};

use super::stamp::{Clock, Fraction, Stamp};

/// `chrono` counts days from the beginning of year 1.
const EPOCH: i64 = 719_163;

pub(super) fn days(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - EPOCH
}

pub(super) fn clock(time: NaiveTime) -> Clock {
    Clock {
        seconds: time.num_seconds_from_midnight(),
        fraction: Fraction::from_chrono(time.nanosecond()),
    }
}

pub(super) fn stamp(date_time: NaiveDateTime) -> Stamp {
    Stamp::new(days(date_time.date()), clock(date_time.time()))
}

/// The moment in UTC, of any zone.
pub(super) fn moment<Z: TimeZone>(date_time: &DateTime<Z>) -> Stamp {
    stamp(date_time.naive_utc())
}

pub(super) fn to_date(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days + EPOCH).ok()?)
}

pub(super) fn to_time(clock: Clock) -> Option<NaiveTime> {
    // Set apart from the seconds: together, a leap second is taken after the 59th only.
    NaiveTime::from_num_seconds_from_midnight_opt(clock.seconds, 0)?
        .with_nanosecond(clock.fraction.to_chrono())
}

pub(super) fn to_date_time(stamp: Stamp) -> Option<NaiveDateTime> {
    Some(to_date(stamp.days())?.and_time(to_time(stamp.clock())?))
}

pub(super) fn to_utc(stamp: Stamp) -> Option<DateTime<Utc>> {
    Some(to_date_time(stamp)?.and_utc())
}

/// The same moment as this machine's clock shows it.
pub(super) fn to_local(stamp: Stamp) -> Option<DateTime<Local>> {
    Some(Local.from_utc_datetime(&to_date_time(stamp)?))
}

/// The same moment in UTC: which offset it was written with is not kept, and most databases do not either.
pub(super) fn to_fixed(stamp: Stamp) -> Option<DateTime<FixedOffset>> {
    Some(to_utc(stamp)?.fixed_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_chrono_are_kept() {
        for date_time in [
            NaiveDateTime::MIN,
            NaiveDateTime::MAX,
            DateTime::UNIX_EPOCH.naive_utc(),
        ] {
            assert_eq!(to_date_time(stamp(date_time)), Some(date_time));
        }
        assert_eq!(to_date(days(NaiveDate::MAX) + 1), None);
        assert_eq!(to_date(days(NaiveDate::MIN) - 1), None);
        assert_eq!(to_date(i64::from(i32::MAX)), None);
    }
}
