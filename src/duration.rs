//! Durations as Go writes them (`10s`, `1m30s`, `500ms`), and in days (`14d`): in flags, and in the
//! `?timeout=` of each admission call.

use std::time::Duration;

/// A text that is no duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a duration: write for example 500ms, 15s, 1m30s or 14d")]
pub(crate) struct NotADuration;

/// Reads a duration in Go's notation, without sign, which has no unit above the hour; a day is 24 of them.
pub(crate) fn parse(text: &str) -> Result<Duration, NotADuration> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, unit, after) = term(rest).ok_or(NotADuration)?;
        let part = Duration::try_from_secs_f64(number * unit).map_err(|_| NotADuration)?;
        total = total.checked_add(part).ok_or(NotADuration)?;
        rest = after;
    }
    if text.is_empty() { Err(NotADuration) } else { Ok(total) }
}

/// One term: its number, its unit in seconds, and what follows it.
fn term(text: &str) -> Option<(f64, f64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number = text.get(..digits)?.parse().ok()?;
    let rest = text.get(digits..)?;
    let letters = rest
        .find(|c: char| c.is_ascii_digit() || c == '.')
        .unwrap_or(rest.len());
    let unit = match rest.get(..letters)? {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some((number, unit, rest.get(letters..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_writes() {
        for (text, milliseconds) in [
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("2.5s", 2_500),
            ("0", 0),
            ("0s", 0),
            ("1h", 3_600_000),
            ("1d12h", 129_600_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in [
            "",
            "10",
            "s",
            "-1s",
            "1x",
            "1 s",
            ".s",
            "1e300h",
            "99999999999999999999999999h",
        ] {
            assert_eq!(parse(text), Err(NotADuration), "{text}");
        }
    }
}
