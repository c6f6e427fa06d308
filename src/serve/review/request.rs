//! One request of a review: who wants to do what with which object.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// What the caller wants to do with the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

impl Operation {
    /// The operation of the word in the review; every other word is unknown and never allowed.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "CREATE" => Some(Self::Create),
            "UPDATE" => Some(Self::Update),
            "DELETE" => Some(Self::Delete),
            "CONNECT" => Some(Self::Connect),
            _ => None,
        }
    }

    /// The word as it stands in the review and in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

/// The request of a review, borrowed from its body. The objects stay raw text.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) uid: Cow<'a, str>,
    pub(crate) operation: Operation,
    /// Group and kind are those of `request.kind`: with matchPolicy Equivalent the object has that form.
    pub(crate) group: Cow<'a, str>,
    pub(crate) kind: Cow<'a, str>,
    pub(crate) sub_resource: Cow<'a, str>,
    pub(crate) namespace: Cow<'a, str>,
    /// Empty for `generateName` before the name is made, and for each object of a `deletecollection`.
    pub(crate) name: Cow<'a, str>,
    pub(crate) dry_run: bool,
    pub(crate) username: Cow<'a, str>,
    pub(crate) groups: Vec<Cow<'a, str>>,
    /// `null` and absent are both `None`.
    pub(crate) object: Option<&'a RawValue>,
    pub(crate) old_object: Option<&'a RawValue>,
}
