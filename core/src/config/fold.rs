//! Names as Go's JSON decoder compares them (Go: encoding/json fold.go).

/// Whether Go decodes the JSON key `key` into the field `name` (ASCII): case does not matter, and two letters
/// beyond ASCII fold into it, U+017F to s and U+212A to k.
#[must_use]
pub fn folds_to(key: &str, name: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key == name || key.chars().map(fold).eq(name.chars().map(fold))
}

#[cfg(test)]
mod tests {
    use super::folds_to;

    #[test]
    fn case_and_two_letters_fold() {
        assert!(folds_to("ControlPlane", "controlPlane"));
        assert!(folds_to("bac\u{212a}ing\u{17f}tore", "backingStore"));
        assert!(!folds_to("controlPlanes", "controlPlane"));
        assert!(!folds_to("Édition", "édition"));
    }
}
