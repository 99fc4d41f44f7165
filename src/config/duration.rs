//! Durations in Go's syntax (`1h2m3.5s`, `0s`, `87600h0m0s`), read and printed as Go does.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration as Go's `time.Duration`: whole nanoseconds, also negative, up to about 292 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration(i64);

/// Text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADuration {
    /// No number, or something that is neither digit nor unit.
    #[error("time: invalid duration {0:?}")]
    Invalid(String),
    /// A number alone.
    #[error("time: missing unit in duration {0:?}")]
    NoUnit(String),
    /// A unit that Go doesn't know, such as `d`.
    #[error("time: unknown unit {unit:?} in duration {text:?}")]
    Unit {
        /// The unit.
        unit: String,
        /// The whole.
        text: String,
    },
}

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

impl GoDuration {
    /// So many whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * SECOND)
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The same for the standard library; a negative one is zero.
    #[must_use]
    pub fn std(self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }
}

impl From<Duration> for GoDuration {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    }
}

impl FromStr for GoDuration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let invalid = || NotADuration::Invalid(text.to_owned());
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if unsigned == "0" {
            return Ok(Self(0));
        }
        if unsigned.is_empty() {
            return Err(invalid());
        }
        let mut nanos: i128 = 0;
        let mut rest = unsigned;
        while !rest.is_empty() {
            let (whole, after) = digits(rest);
            let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
            if whole.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let unit_len = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_len);
            let scale = scale(unit, text)?;
            let more = value(whole, fraction, scale).ok_or_else(invalid)?;
            nanos = nanos.checked_add(more).ok_or_else(invalid)?;
            rest = after;
        }
        let signed = if negative { -nanos } else { nanos };
        i64::try_from(signed).map(Self).map_err(|_| invalid())
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn scale(unit: &str, text: &str) -> Result<i64, NotADuration> {
    match unit {
        "ns" => Ok(1),
        "us" | "µs" | "μs" => Ok(1_000),
        "ms" => Ok(1_000_000),
        "s" => Ok(SECOND),
        "m" => Ok(MINUTE),
        "h" => Ok(HOUR),
        "" => Err(NotADuration::NoUnit(text.to_owned())),
        _ => Err(NotADuration::Unit { unit: unit.to_owned(), text: text.to_owned() }),
    }
}

/// `None` when it is out of any range. Digits of a fraction below the nanosecond don't count.
fn value(whole: &str, fraction: &str, scale: i64) -> Option<i128> {
    let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i64>().ok() };
    let fraction = &fraction[..fraction.len().min(15)];
    let places = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let nanos = i128::from(number(whole)?) * i128::from(scale);
    Some(nanos + i128::from(number(fraction)?) * i128::from(scale) / places)
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (second, minute, hour) = (SECOND.unsigned_abs(), MINUTE.unsigned_abs(), HOUR.unsigned_abs());
        match nanos {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{nanos}ns"),
            1_000..1_000_000 => write!(f, "{}µs", decimal(nanos, 1_000)),
            1_000_000..1_000_000_000 => write!(f, "{}ms", decimal(nanos, 1_000_000)),
            _ => {
                if nanos >= hour {
                    write!(f, "{}h", nanos / hour)?;
                }
                if nanos >= minute {
                    write!(f, "{}m", nanos % hour / minute)?;
                }
                write!(f, "{}s", decimal(nanos % minute, second))
            }
        }
    }
}

/// `nanos / scale` with as many decimal places as it takes.
fn decimal(nanos: u64, scale: u64) -> String {
    let (whole, fraction) = (nanos / scale, nanos % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let places = scale.ilog10() as usize;
    let fraction = format!("{fraction:0places$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_go_prints_and_reads() {
        // Printed by Go 1.26's time.ParseDuration(x).String().
        for (read, printed) in [
            ("24h", "24h0m0s"),
            ("8760h", "8760h0m0s"),
            ("1h2m3.5s", "1h2m3.5s"),
            ("90m", "1h30m0s"),
            ("0", "0s"),
            ("0s", "0s"),
            ("1.5h", "1h30m0s"),
            (".5s", "500ms"),
            ("1500ms", "1.5s"),
            ("1us", "1µs"),
            ("1234567ns", "1.234567ms"),
            ("-1m", "-1m0s"),
            ("+5s", "5s"),
            ("2540400h", "2540400h0m0s"),
        ] {
            assert_eq!(read.parse::<GoDuration>().unwrap().to_string(), printed, "{read}");
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let said = |text: &str| text.parse::<GoDuration>().unwrap_err().to_string();
        assert_eq!(said(""), "time: invalid duration \"\"");
        assert_eq!(said("5"), "time: missing unit in duration \"5\"");
        assert_eq!(said("1d"), "time: unknown unit \"d\" in duration \"1d\"");
        assert_eq!(said("x"), "time: invalid duration \"x\"");
        assert_eq!(said("9999999h"), "time: invalid duration \"9999999h\"");
        assert_eq!(said("99999999999999999999s"), "time: invalid duration \"99999999999999999999s\"");
    }

    proptest! {
        #[test]
        fn printed_is_read_back(nanos in any::<i64>()) {
            let duration = GoDuration(nanos);
            prop_assert_eq!(duration.to_string().parse::<GoDuration>().unwrap(), duration);
        }

        #[test]
        fn any_text_is_an_answer(text in "[-+0-9.hmsnuµ ]{0,12}") {
            let _ = text.parse::<GoDuration>();
        }
    }
}
