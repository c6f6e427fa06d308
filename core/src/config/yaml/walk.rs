//! What go-yaml's decoder checks while it turns nodes into values (go.yaml.in/yaml/v2: decode.go, `decoder`), and
//! then sigs.k8s.io/yaml while it turns those into JSON: duplicate keys, merges, aliases, map keys, depth.
//!
//! The walk visits what Go visits, in Go's order, aliases expanded, because Go counts its visits. It keeps its own
//! stack and copies nothing but the resolved maps, so neither depth nor aliases can exhaust it.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{
    ScanError,
    compose::{Kind, NodeId, Raw},
    events::DEPTH,
    object::{Entry, Object},
    scalar::Scalar,
    wordless::Wordless,
};

/// What the aliases of a text may add to it, in bytes. Go would take more, and a great deal of memory.
const EXPANDED: usize = 16 << 20;

#[derive(Clone, Copy)]
enum Frame {
    Map {
        node: NodeId,
        at: usize,
        merging: bool,
    },
    Sequence {
        node: NodeId,
        at: usize,
    },
    /// The sources of one `<<`, last one first.
    Merge {
        node: NodeId,
        left: usize,
    },
    Alias {
        node: NodeId,
    },
}

struct Walk<'t> {
    raw: &'t Raw,
    strict: bool,
    frames: Vec<Frame>,
    outs: Vec<Object<'t>>,
    resolved: BTreeMap<NodeId, Vec<Entry>>,
    /// Aliases that are being expanded right now.
    active: Vec<NodeId>,
    is_active: Vec<bool>,
    decoded: usize,
    aliased: usize,
    depth: usize,
    expanded: usize,
    wordless: Wordless,
}

/// What the walk makes of a tree.
pub(super) struct Resolved {
    /// Every mapping with its merges resolved, keys as JSON has them, sorted as Go's encoder sorts them.
    pub(super) maps: BTreeMap<NodeId, Vec<Entry>>,
    pub(super) wordless: Wordless,
}

/// Not strict: the last of several equal keys counts.
pub(super) fn resolve(raw: &Raw, strict: bool) -> Result<Resolved, ScanError> {
    let mut walk = Walk {
        raw,
        strict,
        frames: Vec::new(),
        outs: Vec::new(),
        resolved: BTreeMap::new(),
        active: Vec::new(),
        is_active: alloc::vec![false; raw.nodes.len()],
        // The document is a node of Go's.
        decoded: 1,
        aliased: 0,
        depth: 0,
        expanded: 0,
        wordless: Wordless::default(),
    };
    if !raw.nodes.is_empty() {
        walk.enter(0, false)?;
    }
    while let Some(frame) = walk.frames.pop() {
        walk.step(frame)?;
    }
    Ok(Resolved {
        maps: walk.resolved,
        wordless: walk.wordless,
    })
}

impl<'t> Walk<'t> {
    fn step(&mut self, frame: Frame) -> Result<(), ScanError> {
        match frame {
            Frame::Map { node, at, merging } => {
                if let Some((key, value)) = self.pair(node, at) {
                    let at = at + 1;
                    self.frames.push(Frame::Map { node, at, merging });
                    return self.member(key, value);
                }
                if !merging {
                    self.leave_map(node);
                }
                Ok(())
            }
            Frame::Sequence { node, at } => {
                if let Some(item) = self.item(node, at) {
                    self.frames.push(Frame::Sequence { node, at: at + 1 });
                    return self.enter(item, false);
                }
                self.depth -= 1;
                Ok(())
            }
            Frame::Merge { node, left } => {
                let Some(at) = left.checked_sub(1) else { return Ok(()) };
                self.frames.push(Frame::Merge { node, left: at });
                self.item(node, at).map_or(Ok(()), |source| self.merge_map(source))
            }
            Frame::Alias { node } => {
                self.active.pop();
                self.mark(node, false);
                Ok(())
            }
        }
    }

    /// Go's `unmarshal`. `merging`: into the map that is being read, not into one of its own.
    fn enter(&mut self, mut node: NodeId, merging: bool) -> Result<(), ScanError> {
        loop {
            self.count(node)?;
            let Some(Kind::Alias(target)) = self.kind(node) else {
                break;
            };
            if self.is_active.get(node).copied().unwrap_or_default() {
                return Err(self.fault(node, "an anchor holds an alias of itself"));
            }
            self.mark(node, true);
            self.active.push(node);
            self.frames.push(Frame::Alias { node });
            node = *target;
        }
        match self.kind(node) {
            Some(Kind::Scalar { value, .. }) => self.scalar(node, value),
            Some(Kind::Sequence(_)) => {
                self.deepen(node)?;
                self.frames.push(Frame::Sequence { node, at: 0 });
                Ok(())
            }
            Some(Kind::Mapping(_)) => {
                if !merging {
                    self.deepen(node)?;
                    self.outs.push(Object::default());
                }
                self.frames.push(Frame::Map { node, at: 0, merging });
                Ok(())
            }
            Some(Kind::Alias(_)) | None => Ok(()),
        }
    }

    fn scalar(&mut self, node: NodeId, value: &Scalar) -> Result<(), ScanError> {
        match value {
            Scalar::Float(float) if !float.is_finite() => {
                self.wordless.note(node);
                Ok(())
            }
            Scalar::Text(text) if !self.active.is_empty() => {
                self.expanded += text.len();
                if self.expanded > EXPANDED {
                    return Err(self.fault(node, "the aliases expand to too much text"));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn member(&mut self, key: NodeId, value: NodeId) -> Result<(), ScanError> {
        if let Some(Kind::Scalar { merge: true, .. }) = self.kind(key) {
            return self.merge(value);
        }
        self.count(key)?;
        let mut target = key;
        if let Some(Kind::Alias(to)) = self.kind(key) {
            // A key is no place for a cycle: only a scalar passes.
            self.active.push(key);
            let counted = self.count(*to);
            self.active.pop();
            counted?;
            target = *to;
        }
        let Some(Kind::Scalar { value: scalar, .. }) = self.kind(target) else {
            return Err(self.fault(key, "a list or a map cannot be a key"));
        };
        self.insert(key, scalar, value)?;
        self.enter(value, false)
    }

    fn insert(&mut self, node: NodeId, scalar: &'t Scalar, value: NodeId) -> Result<(), ScanError> {
        let (line, strict) = (self.line(node), self.strict);
        match self.outs.last_mut() {
            Some(out) => out.insert(scalar, line, value, strict).map_err(|error| error.at(line)),
            None => Ok(()),
        }
    }

    fn leave_map(&mut self, node: NodeId) {
        self.depth -= 1;
        if let Some(out) = self.outs.pop() {
            self.resolved.entry(node).or_insert_with(|| out.finish());
        }
    }

    fn merge(&mut self, value: NodeId) -> Result<(), ScanError> {
        if let Some(Kind::Sequence(sources)) = self.kind(value) {
            self.frames.push(Frame::Merge {
                node: value,
                left: sources.len(),
            });
            return Ok(());
        }
        self.merge_map(value)
    }

    fn merge_map(&mut self, source: NodeId) -> Result<(), ScanError> {
        let target = match self.kind(source) {
            Some(Kind::Alias(target)) => *target,
            _ => source,
        };
        if !matches!(self.kind(target), Some(Kind::Mapping(_))) {
            return Err(self.fault(source, "a merge needs a map or a list of maps"));
        }
        self.enter(source, true)
    }

    fn deepen(&mut self, node: NodeId) -> Result<(), ScanError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.fault(node, "the text is nested too deeply"));
        }
        Ok(())
    }

    fn count(&mut self, node: NodeId) -> Result<(), ScanError> {
        self.decoded += 1;
        if !self.active.is_empty() {
            self.aliased += 1;
        }
        if self.aliased > 100 && self.decoded > 1000 && too_many_aliases(self.aliased, self.decoded) {
            return Err(self.fault(node, "the text consists of aliases almost entirely"));
        }
        Ok(())
    }

    fn kind(&self, node: NodeId) -> Option<&'t Kind> {
        self.raw.nodes.get(node).map(|node| &node.kind)
    }

    fn pair(&self, node: NodeId, at: usize) -> Option<(NodeId, NodeId)> {
        match self.kind(node)? {
            Kind::Mapping(pairs) => pairs.get(at).copied(),
            _ => None,
        }
    }

    fn item(&self, node: NodeId, at: usize) -> Option<NodeId> {
        match self.kind(node)? {
            Kind::Sequence(items) => items.get(at).copied(),
            _ => None,
        }
    }

    fn mark(&mut self, node: NodeId, active: bool) {
        if let Some(flag) = self.is_active.get_mut(node) {
            *flag = active;
        }
    }

    fn line(&self, node: NodeId) -> u64 {
        self.raw.nodes.get(node).map_or(0, |node| node.line)
    }

    fn fault(&self, node: NodeId, message: &'static str) -> ScanError {
        ScanError::new(message).at(self.line(node))
    }
}

/// go-yaml's `allowedAliasRatio`.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn too_many_aliases(aliased: usize, decoded: usize) -> bool {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    let count = decoded as f64;
    let allowed = if count <= LOW {
        0.99
    } else if count >= HIGH {
        0.10
    } else {
        0.99 - 0.89 * ((count - LOW) / (HIGH - LOW))
    };
    aliased as f64 / count > allowed
}
