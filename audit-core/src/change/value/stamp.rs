//! Dates and times apart from any library, so that the types of `chrono` and of `time` have one form and neither's
//! limits lose a value of the other.

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A date-time: without zone, or in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Seconds since the beginning of 1970.
    pub(super) seconds: i64,
    pub(super) fraction: Fraction,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Seconds since midnight.
    pub(super) seconds: u32,
    pub(super) fraction: Fraction,
}

/// What is below a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    /// Below 1,000,000,000.
    pub(super) nanos: u32,
    /// It is of the leap second that follows the second. Only `chrono` has those.
    pub(super) leap: bool,
}

/// A date of the Gregorian calendar; the year 0 is 1 BC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl Fraction {
    /// From nanoseconds in `chrono`'s way: those of a leap second begin at 1,000,000,000.
    pub(super) fn from_chrono(nanos: u32) -> Self {
        match nanos.checked_sub(1_000_000_000) {
            Some(nanos) => Self { nanos, leap: true },
            None => Self { nanos, leap: false },
        }
    }

    /// To nanoseconds in `chrono`'s way.
    pub(super) fn to_chrono(self) -> u32 {
        if self.leap {
            self.nanos + 1_000_000_000
        } else {
            self.nanos
        }
    }
}

impl Stamp {
    pub(super) fn new(days: i64, clock: Clock) -> Self {
        Self {
            seconds: days * DAY + i64::from(clock.seconds),
            fraction: clock.fraction,
        }
    }

    /// Days since 1970-01-01.
    pub(super) fn days(self) -> i64 {
        self.seconds.div_euclid(DAY)
    }

    pub(super) fn clock(self) -> Clock {
        Clock {
            // Below 86,400, so nothing is cut off.
            seconds: self.seconds.rem_euclid(DAY) as u32,
            fraction: self.fraction,
        }
    }
}

impl Date {
    /// The date so many days after 1970-01-01. Counts in eras of 400 years that begin in March, where the leap day
    /// comes last.
    pub(super) fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: day as u32,
        }
    }

    /// Days since 1970-01-01, unless there is no such date.
    pub(super) fn days(self) -> Option<i64> {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * from_march + 2) / 5 + i64::from(self.day) - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let days = era * 146_097 + of_era - 719_468;
        (Self::from_days(days) == self).then_some(days)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn dates_are_those_of_chrono(
            days in NaiveDate::MIN.num_days_from_ce()..=NaiveDate::MAX.num_days_from_ce(),
        ) {
            let known = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            let days = i64::from(days) - 719_163;
            let date = Date::from_days(days);
            prop_assert_eq!(
                (date.year, date.month, date.day),
                (i64::from(known.year()), known.month(), known.day())
            );
            prop_assert_eq!(date.days(), Some(days));
        }

        #[test]
        fn what_is_no_date_of_chrono_is_none_here(year in -9999..=9999_i32, month in 0..=13_u32, day in 0..=32_u32) {
            let date = Date { year: year.into(), month, day };
            prop_assert_eq!(date.days().is_some(), NaiveDate::from_ymd_opt(year, month, day).is_some());
        }
    }
}
