//! NaN and the infinities: JSON has no word for them, so Go refuses a text that holds one, except where a Go string is
//! wanted, which sigs.k8s.io/yaml makes of it first (yaml.go `convertToJSONableObject`).

use alloc::collections::BTreeMap;

use super::{ParseError, View, compose::NodeId};

/// How often Go comes by each of them, by the node that holds it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wordless(BTreeMap<NodeId, usize>);

impl Wordless {
    pub(super) fn note(&mut self, node: NodeId) {
        *self.0.entry(node).or_default() += 1;
    }

    /// One becomes a string, if `view` is one.
    pub(crate) fn take(&mut self, view: View<'_>) {
        if let Some(left) = self.0.get_mut(&view.target()) {
            *left = left.saturating_sub(1);
        }
    }

    /// Refuses the first that is left; `root` is of the tree that holds it.
    pub(crate) fn refuse(&self, root: View<'_>) -> Result<(), ParseError> {
        let Some((node, _)) = self.0.iter().find(|(_, left)| **left > 0) else {
            return Ok(());
        };
        let line = root.at(*node).line();
        Err(ParseError::new("JSON has no NaN and no infinity", line))
    }
}
