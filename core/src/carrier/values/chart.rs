//! Which chart a carrier names.

use semver::Version;

use super::defaults;

/// Which chart the values are for.
#[derive(Debug, Clone, Default)]
pub(super) struct Chart {
    /// The release, where exactly one is named.
    pub(super) exact: Option<Version>,
    /// The one whose defaults count; the newest where nothing is named.
    pub(super) defaults: Option<Version>,
}

impl Chart {
    /// Reads a version, or a range that stays inside one minor release (`0.30.x`, `~0.30.1`, `^0.30`), for which the last
    /// of its defaults count. Of a wider range Helm takes the newest.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        let bare = text.trim_start_matches(['v', '=']);
        if let Ok(version) = Version::parse(bare) {
            return Self {
                exact: Some(version.clone()),
                defaults: Some(version),
            };
        }
        let narrow = bare.trim_start_matches(['~', '^', ' ', 'v']);
        let is_wide = narrow.contains([' ', ',', '|', '<', '>']);
        let mut parts = if is_wide { "" } else { narrow }.split('.');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let defaults = match (number(), number()) {
            (Some(major), Some(minor)) => Some(Version::new(major, minor, u64::MAX)),
            _ => None,
        };
        Self { exact: None, defaults }
    }

    pub(super) fn is_legacy(&self) -> bool {
        let (major, minor, _) = defaults::FIRST;
        let older = |version: &Version| (version.major, version.minor) < (major, minor);
        self.defaults.as_ref().is_some_and(older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn defaults_of(text: &str) -> Option<alloc::string::String> {
        let chart = Chart::of(text);
        chart
            .defaults
            .map(|version| version.to_string().replace(&u64::MAX.to_string(), "x"))
    }

    #[test]
    fn a_version_is_exact_and_a_range_is_not() {
        assert_eq!(Chart::of("v0.30.1").exact, Some(Version::new(0, 30, 1)));
        for range in ["0.30.x", "~0.30.1", "^0.30", "0.30"] {
            assert_eq!(Chart::of(range).exact, None, "{range}");
            assert_eq!(defaults_of(range).as_deref(), Some("0.30.x"), "{range}");
        }
        for wide in [
            "",
            "*",
            "x",
            ">=0.30.0",
            ">=0.30 <0.32",
            "0.x",
            "0.29.x || 0.30.x",
            "0.29 - 0.30",
        ] {
            assert_eq!(defaults_of(wide), None, "{wide}");
        }
    }

    #[test]
    fn charts_before_0_20_have_other_values() {
        assert!(Chart::of("0.19.7").is_legacy());
        assert!(Chart::of("0.19.x").is_legacy());
        assert!(!Chart::of("0.20.0-beta.1").is_legacy());
        assert!(!Chart::of("").is_legacy());
    }
}
