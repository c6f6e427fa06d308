//! Numbers as Go reads and prints them (Go: strconv; encoding/json encode.go).

use alloc::{format, string::String};

/// Go's `strconv.ParseInt(text, base, 64)`; base 0 takes the base from the prefix. No underscores: go-yaml
/// removes them first.
pub(super) fn parse_int(text: &str, base: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits, base)?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// Go's `strconv.ParseUint(text, base, 64)`.
pub(super) fn parse_uint(text: &str, base: u32) -> Option<u64> {
    let (base, digits) = if base != 0 { (base, text) } else { prefix(text) };
    // Rust would take a second sign, Go does not; a lone "0" is octal without digits.
    if digits.is_empty() {
        return (text == "0").then_some(0);
    }
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}

fn prefix(text: &str) -> (u32, &str) {
    let long = text.len() >= 3;
    match text.as_bytes() {
        [b'0', b'x' | b'X', ..] if long => (16, text.get(2..).unwrap_or_default()),
        [b'0', b'o' | b'O', ..] if long => (8, text.get(2..).unwrap_or_default()),
        [b'0', b'b' | b'B', ..] if long => (2, text.get(2..).unwrap_or_default()),
        [b'0', ..] => (8, text.get(1..).unwrap_or_default()),
        _ => (10, text),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, go-yaml's own idea of a float (resolve.go). An
/// overflow is an error in Go, not an infinity.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let well_formed = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !digits.is_empty() && all_digits(digits)
        });
    let value: f64 = if well_formed { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value)
}

/// Go's `strconv.ParseFloat(text, 64)` for a text that begins with a dot: underscores may stand between digits.
pub(super) fn parse_dotted(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let lone = bytes
        .iter()
        .enumerate()
        .any(|(at, b)| *b == b'_' && !(digit(at.checked_sub(1)) && digit(at.checked_add(1))));
    if lone {
        return None;
    }
    parse_float(&text.replace('_', ""))
}

/// The literal that Go's JSON encoder prints, if it is an integer: `3.0` is `3`, and a Go `int` takes it.
pub(super) fn integer_literal(value: f64) -> Option<String> {
    // Beyond this Go prints an exponent.
    (value % 1.0 == 0.0 && value.abs() < 1e21).then(|| format!("{value}"))
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 32)`: how sigs.k8s.io/yaml turns a float into a string.
#[expect(clippy::cast_possible_truncation, reason = "32-bit precision is what Go prints with")]
pub(super) fn format_float32(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = shortest(value);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        let fraction = i32::try_from(digits.trim_start_matches('-').len().saturating_sub(2)).unwrap_or_default();
        let places = usize::try_from(fraction - exponent).unwrap_or_default();
        return format!("{value:.places$}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// The fewest digits that are this number, as `1.5e3`. Halfway between two such Go takes the even one, Rust the greater.
fn shortest(value: f32) -> String {
    let shortest = format!("{value:e}");
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let places = mantissa.split('.').nth(1).unwrap_or_default().len();
    let even = format!("{value:.places$e}");
    if even.parse() == Ok(value) { even } else { shortest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_the_base() {
        for (text, value) in [
            ("010", Some(8)),
            ("0o10", Some(8)),
            ("0x1F", Some(31)),
            ("-0b11", Some(-3)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("08", None),
            ("0x", None),
            ("+-1", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse_int(text, 0), value, "{text}");
        }
    }

    #[test]
    fn a_float_needs_digits_and_a_finite_value() {
        for (text, value) in [
            ("08", Some(8.0)),
            ("5.", Some(5.0)),
            ("-.5e1", Some(-5.0)),
            ("1e400", None),
            (".", None),
            ("1e", None),
            ("inf", None),
        ] {
            assert_eq!(parse_float(text), value, "{text}");
        }
        assert_eq!(parse_dotted(".1_2e1_0"), Some(1.2e9));
        assert_eq!(parse_dotted("._5"), None);
    }

    #[test]
    fn floats_print_with_32_bits() {
        for (value, text) in [
            (123_456_789.125, "1.2345679e+08"),
            (1000.0, "1000"),
            (0.30, "0.3"),
            (1e-5, "1e-05"),
            (1e300, "+Inf"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.234567e+06"),
            (-0.5, "-0.5"),
            (-0.0, "-0"),
            (0.000_123, "0.000123"),
            // Halfway between two texts of that length.
            (329_668.625, "329668.62"),
        ] {
            assert_eq!(format_float32(value), text);
        }
    }
}
