//! What is known of something that a request need not show.

/// A fact about the cluster or the release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// Read, and this is it.
    Known(T),
    /// Looked for, and it is not there.
    Absent,
    /// Not looked for, or the look failed. Never guessed.
    #[default]
    Unknown,
}

impl<T> Fact<T> {
    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether nobody has looked yet, or the look failed.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T> From<Option<T>> for Fact<T> {
    /// `None` means looked for and not there.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}
