//! The text of dates and times: one to write, many to read.

use super::stamp::{Clock, Date, Fraction, Stamp};

/// `2026-11-21`; years outside of four digits with their sign.
pub(super) fn date(days: i64) -> String {
    let Date { year, month, day } = Date::from_days(days);
    if (0..=9999).contains(&year) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:+05}-{month:02}-{day:02}")
    }
}

/// `12:34:56.123456`; nine digits if there is something below a microsecond.
///
/// A leap second is `23:59:60`. `chrono` can also hold one after a second other than the 59th, which no calendar has:
/// that is `12:34:56L`, for nothing else would read back as it.
pub(super) fn clock(clock: Clock) -> String {
    let Clock {
        seconds,
        fraction: Fraction { nanos, leap },
    } = clock;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let (second, mark) = match (leap, second) {
        (true, 59) => (60, ""),
        (true, _) => (second, "L"),
        (false, _) => (second, ""),
    };
    let start = format!("{hour:02}:{minute:02}:{second:02}{mark}");
    if nanos.is_multiple_of(1000) {
        format!("{start}.{:06}", nanos / 1000)
    } else {
        format!("{start}.{nanos:09}")
    }
}

/// `2026-11-21T12:34:56.123456`.
pub(super) fn local(stamp: Stamp) -> String {
    format!("{}T{}", date(stamp.days()), clock(stamp.clock()))
}

/// `2026-11-21T12:34:56.123456Z`.
pub(super) fn utc(stamp: Stamp) -> String {
    format!("{}Z", local(stamp))
}

/// Days since 1970-01-01.
pub(super) fn parse_date(text: &str) -> Option<i64> {
    let (mut rest, before_christ) = Reader::new(text);
    let days = rest.date(before_christ)?;
    rest.is_empty().then_some(days)
}

/// A time of day.
pub(super) fn parse_clock(text: &str) -> Option<Clock> {
    let mut rest = Reader(text.as_bytes());
    let clock = rest.clock()?;
    rest.is_empty().then_some(clock)
}

/// A date-time without zone. An offset of zero says no more than none; any other would change the fields.
pub(super) fn parse_local(text: &str) -> Option<Stamp> {
    let (stamp, offset) = parse_stamp(text)?;
    (offset == 0).then_some(stamp)
}

/// A moment; without an offset it is in UTC.
pub(super) fn parse_utc(text: &str) -> Option<Stamp> {
    let (mut stamp, offset) = parse_stamp(text)?;
    stamp.seconds -= offset;
    Some(stamp)
}

fn parse_stamp(text: &str) -> Option<(Stamp, i64)> {
    let (mut rest, before_christ) = Reader::new(text);
    let days = rest.date(before_christ)?;
    if !(rest.eat(b"Tt ")) {
        return None;
    }
    let clock = rest.clock()?;
    let offset = rest.offset()?;
    rest.is_empty().then_some((Stamp::new(days, clock), offset))
}

/// What is left of a text.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Also says whether the year counts backwards: PostgreSQL prints ` BC` at the very end.
    fn new(text: &'a str) -> (Self, bool) {
        match text.strip_suffix(" BC") {
            Some(text) => (Self(text.as_bytes()), true),
            None => (Self(text.as_bytes()), false),
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn eat(&mut self, any: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if any.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// As many digits as there are, up to `most`.
    fn digits(&mut self, least: usize, most: usize) -> Option<(u32, usize)> {
        let count = self
            .0
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        let number = digits
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        Some((number, count))
    }

    fn two(&mut self) -> Option<u32> {
        self.digits(2, 2).map(|(number, _)| number)
    }

    fn date(&mut self, before_christ: bool) -> Option<i64> {
        let minus = self.0.first() == Some(&b'-');
        if self.eat(b"+-") && before_christ {
            return None;
        }
        let year = i64::from(self.digits(4, 7)?.0);
        let year = match (before_christ, minus) {
            (true, _) => 1 - year,
            (_, true) => -year,
            _ => year,
        };
        let month = self.eat(b"-").then(|| self.two())??;
        let day = self.eat(b"-").then(|| self.two())??;
        Date { year, month, day }.days()
    }

    fn clock(&mut self) -> Option<Clock> {
        let hour = self.two()?;
        let minute = self.eat(b":").then(|| self.two())??;
        let mut second = if self.eat(b":") { self.two()? } else { 0 };
        let mut leap = self.eat(b"L");
        if second == 60 && !leap {
            (second, leap) = (59, true);
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let nanos = if self.eat(b".") {
            let (number, count) = self.digits(1, 9)?;
            number * 10_u32.pow(9 - count as u32)
        } else {
            0
        };
        Some(Clock {
            seconds: hour * 3600 + minute * 60 + second,
            fraction: Fraction { nanos, leap },
        })
    }

    /// Seconds to the east: `Z`, `+00`, `+05:30`, `+0530`, `-04:56:02`, or nothing.
    fn offset(&mut self) -> Option<i64> {
        if self.is_empty() || self.eat(b"Zz") {
            return Some(0);
        }
        self.eat(b" ");
        let west = self.0.first() == Some(&b'-');
        if !self.eat(b"+-") {
            return None;
        }
        let mut seconds = i64::from(self.two()?) * 3600;
        for unit in [60, 1] {
            let must = self.eat(b":");
            if must || !self.is_empty() {
                seconds += i64::from(self.two().filter(|part| *part < 60)?) * unit;
            }
        }
        Some(if west { -seconds } else { seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<String> {
        parse_utc(text).map(utc)
    }

    #[test]
    fn a_moment_is_read_in_the_spelling_of_each_database() {
        for text in [
            "2026-11-21T12:34:56.12Z",
            "2026-11-21 12:34:56.12",
            "2026-11-21 12:34:56.120000000+00",
            "2026-11-21T12:34:56.12+00:00",
            "2026-11-21T12:34:56.12 +00:00",
            "2026-11-21 18:04:56.12+05:30",
            "2026-11-21T18:04:56.12+0530",
            "2026-11-21T07:38:54.12-04:56:02",
            "2026-11-22t00:34:56.12+12",
        ] {
            assert_eq!(
                moment(text).as_deref(),
                Some("2026-11-21T12:34:56.120000Z"),
                "{text}"
            );
        }
        assert_eq!(
            moment("2026-11-21 12:34").as_deref(),
            Some("2026-11-21T12:34:00.000000Z")
        );
    }

    #[test]
    fn years_of_any_length_are_read() {
        assert_eq!(
            moment("10000-01-01T00:00:00+00").as_deref(),
            Some("+10000-01-01T00:00:00.000000Z")
        );
        assert_eq!(
            moment("+262142-12-31T23:59:59.999999999Z").as_deref(),
            Some("+262142-12-31T23:59:59.999999999Z")
        );
        assert_eq!(
            moment("0044-03-15 12:00:00+00 BC").as_deref(),
            Some("-0043-03-15T12:00:00.000000Z")
        );
        assert_eq!(
            parse_date("0001-01-01 BC").map(date).as_deref(),
            Some("0000-01-01")
        );
        assert_eq!(
            parse_date("-0001-02-28").map(date).as_deref(),
            Some("-0001-02-28")
        );
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "infinity",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21",
            "0000-00-00 00:00:00",
            "2026-11-21T24:00:00Z",
            "2026-11-21T12:60:00Z",
            "2026-11-21T12:00:61Z",
            "2026-11-21T12:00:00.Z",
            "2026-11-21T12:00:00.1234567890Z",
            "2026-11-21T12:00:00+1",
            "2026-11-21T12:00:00+01:",
            "2026-11-21T12:00:00ZZ",
            "2026-11-21T12:00:00 ",
            "26-11-21T12:00:00Z",
            "-0044-03-15 12:00:00 BC",
            "2026-11-21T12:00:00+00:60",
            "é",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_local_time_has_no_offset_but_zero() {
        assert!(parse_local("2026-11-21 12:34:56").is_some());
        assert!(parse_local("2026-11-21T12:34:56+00:00").is_some());
        assert!(parse_local("2026-11-21T12:34:56+01:00").is_none());
    }

    #[test]
    fn a_leap_second_is_one() {
        for text in [
            "23:59:60.500000",
            "12:34:56L.000001",
            "12:34:59.999999999",
            "00:00:00.000000",
        ] {
            assert_eq!(parse_clock(text).map(clock).as_deref(), Some(text));
        }
    }
}
