//! The types of `time`, in and out of [`Stamp`].

use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::stamp::{Clock, Fraction, Stamp};

/// `time` counts days in Julian days.
const EPOCH: i64 = 2_440_588;

pub(super) fn days(date: Date) -> i64 {
    i64::from(date.to_julian_day()) - EPOCH
}

pub(super) fn clock(time: Time) -> Clock {
    let (hour, minute, second, nanos) = time.as_hms_nano();
    Clock {
        seconds: u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second),
        fraction: Fraction { nanos, leap: false },
    }
}

pub(super) fn stamp(date_time: PrimitiveDateTime) -> Stamp {
    Stamp::new(days(date_time.date()), clock(date_time.time()))
}

/// The moment in UTC. Counted here, since the crate's own conversion panics where UTC is in a year that it cannot hold.
pub(super) fn moment(date_time: OffsetDateTime) -> Stamp {
    let local = stamp(PrimitiveDateTime::new(date_time.date(), date_time.time()));
    Stamp {
        seconds: local.seconds - i64::from(date_time.offset().whole_seconds()),
        ..local
    }
}

pub(super) fn to_date(days: i64) -> Option<Date> {
    Date::from_julian_day(i32::try_from(days + EPOCH).ok()?).ok()
}

/// None for a leap second, which the crate cannot hold.
pub(super) fn to_time(clock: Clock) -> Option<Time> {
    let Clock {
        seconds,
        fraction: Fraction { nanos, leap: false },
    } = clock
    else {
        return None;
    };
    let part = |number: u32| u8::try_from(number).ok();
    Time::from_hms_nano(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        nanos,
    )
    .ok()
}

pub(super) fn to_date_time(stamp: Stamp) -> Option<PrimitiveDateTime> {
    Some(PrimitiveDateTime::new(
        to_date(stamp.days())?,
        to_time(stamp.clock())?,
    ))
}

/// The same moment in UTC or, where UTC is in a year that the crate cannot hold, with the smallest offset that can.
pub(super) fn to_offset(moment: Stamp) -> Option<OffsetDateTime> {
    let first = stamp(PrimitiveDateTime::MIN).seconds;
    let last = stamp(PrimitiveDateTime::MAX).seconds;
    let offset = moment.seconds.clamp(first, last) - moment.seconds;
    let offset = UtcOffset::from_whole_seconds(i32::try_from(offset).ok()?).ok()?;
    let local = Stamp {
        seconds: moment.seconds + i64::from(offset.whole_seconds()),
        ..moment
    };
    Some(to_date_time(local)?.assume_offset(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_only_an_offset_can_hold_is_kept() {
        for hours in [-25, -1, 0, 1, 25] {
            let offset = UtcOffset::from_hms(hours, 0, 0).unwrap();
            for local in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
                let value = local.assume_offset(offset);
                assert_eq!(to_offset(moment(value)), Some(value), "{hours}");
            }
        }
    }

    #[test]
    fn what_the_crate_cannot_hold_is_refused() {
        let beyond = Stamp {
            seconds: i64::MAX / 2,
            ..stamp(PrimitiveDateTime::MAX)
        };
        assert_eq!(to_offset(beyond), None);
        assert_eq!(to_date_time(beyond), None);
        let leap = Clock {
            seconds: 86_399,
            fraction: Fraction {
                nanos: 0,
                leap: true,
            },
        };
        assert_eq!(to_time(leap), None);
    }
}
