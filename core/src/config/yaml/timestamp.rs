//! What go-yaml takes for a timestamp (go.yaml.in/yaml/v2: resolve.go; Go: time.Parse). It only matters under
//! an explicit `!!timestamp`: an untagged timestamp stays a string anyway.

/// Whether one of go-yaml's four layouts fits.
pub(super) fn is_timestamp(text: &str) -> bool {
    date_time(text).is_some()
}

fn date_time(text: &str) -> Option<()> {
    let (year, rest) = text.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (day, rest) = leading(rest)?;
    let (year, month) = (year.parse::<u32>().ok()?, short(month)?);
    if day == 0 || day > days(year, month)? {
        return None;
    }
    match rest.as_bytes().first() {
        None => Some(()),
        Some(b'T' | b't') => zone(time(rest.get(1..)?)?),
        // Go skips any number of spaces where the layout has one.
        Some(b' ') => time(rest.trim_start_matches(' '))
            .filter(|rest| rest.is_empty())
            .map(drop),
        Some(_) => None,
    }
}

/// `15:4:5` and an optional fraction; what follows it.
fn time(text: &str) -> Option<&str> {
    let hour = text.get(..2).filter(|hour| hour.bytes().all(|b| b.is_ascii_digit()))?;
    let (minute, rest) = leading(text.get(2..)?.strip_prefix(':')?)?;
    let (second, rest) = leading(rest.strip_prefix(':')?)?;
    if hour.parse::<u32>().ok()? > 23 || minute > 59 || second > 59 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(['.', ',']) else {
        return Some(rest);
    };
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    if end == 0 { Some(rest) } else { fraction.get(end..) }
}

fn zone(text: &str) -> Option<()> {
    if text == "Z" {
        return Some(());
    }
    let (hour, minute) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let valid = two(hour) && two(minute) && hour.parse::<u32>().ok()? <= 24 && minute.parse::<u32>().ok()? < 60;
    valid.then_some(())
}

/// One or two digits.
fn short(text: &str) -> Option<u32> {
    leading(text)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(value, _)| value)
}

/// One or two leading digits, and what follows them.
fn leading(text: &str) -> Option<(u32, &str)> {
    let width = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text.get(..width)?.parse().ok()?, text.get(width..)?))
}

fn days(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn four_layouts_are_known() {
        for text in [
            "2001-1-1",
            "2001-12-14T21:59:43.10Z",
            "2001-12-14t2:5",
            "2001-12-14 21:59:43.1",
        ] {
            assert_eq!(is_timestamp(text), text != "2001-12-14t2:5", "{text}");
        }
        assert!(is_timestamp("2001-12-14T21:59:43-05:00"));
    }

    #[test]
    fn a_day_must_exist() {
        assert!(is_timestamp("2000-2-29"));
        assert!(!is_timestamp("1999-6-31"));
        assert!(!is_timestamp("1999-3-27T25:00:00Z"));
    }
}
