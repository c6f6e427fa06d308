//! Numbers as Go prints them: 18446744073709551615 is a float to vCluster, which writes all of its digits.

use std::io;

use serde::Serialize as _;
use serde_json::{Serializer, Value, ser::Formatter};

/// From here on Go prints an exponent (Go: encoding/json `floatEncoder`), and so below the other.
const LARGE: f64 = 1e21;
const SMALL: f64 = 1e-6;

struct AsGo;

impl Formatter for AsGo {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let size = value.abs();
        if size >= LARGE {
            let text = format!("{value:e}");
            writer.write_all(text.replace('e', "e+").as_bytes())
        } else if size < SMALL && size > 0.0 {
            write!(writer, "{value:e}")
        } else {
            write!(writer, "{value}")
        }
    }
}

/// The value as JSON in one line.
pub(super) fn as_go_prints(value: &Value) -> String {
    let mut text = Vec::new();
    // Neither the value nor the vector can refuse.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut text, AsGo));
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_have_an_exponent_only_beyond_gos_bounds() {
        let numbers = json!([
            18_446_744_073_709_551_616.0,
            1e20,
            1e21,
            -2.5e300,
            0.000_001,
            1e-7,
            0.5,
            3.0,
            -0.0,
            7
        ]);
        assert_eq!(
            as_go_prints(&numbers),
            "[18446744073709552000,100000000000000000000,1e+21,-2.5e+300,0.000001,1e-7,0.5,3,-0,7]"
        );
    }
}
