//! `vClusterConfigHash`, by which the chart's pod template tells from which config it was rendered.
//!
//! SHA-256 over the base64 of the values as the chart prints them (vcluster: chart/templates/_vclusterconfighash.tpl,
//! measured on renders of 0.20 to 0.37). Since 0.28 that is not quite what the Secret holds.

use alloc::format;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What a hash tells of whether a template was rendered from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was rendered from another.
    Other,
    /// It may have been: the hash is that of a small part.
    Part,
    /// It was.
    Whole,
}

/// What this hash tells of the text.
pub(super) fn proof(text: &[u8], hash: &str) -> Proof {
    let matches = |text: &[u8]| format!("{:x}", Sha256::digest(STANDARD.encode(text))) == hash;
    let ended = text.strip_suffix(b"\n").unwrap_or(text);
    if matches(ended) || matches(text) {
        return Proof::Whole;
    }
    let fixed = without_auto_nodes(ended);
    let unvipped = |added| without_kube_vip(&fixed, added).is_some_and(|text| matches(&text));
    if matches(&fixed) || (1..=KUBE_VIP.len()).any(unvipped) {
        Proof::Whole
    } else if matches(&private_nodes(&fixed)) {
        Proof::Part
    } else {
        Proof::Other
    }
}

/// All that chart 0.28.0 takes the hash of: `privateNodes` alone, without `autoNodes`. It tells next to nothing of the
/// config, but a render of that chart is no stranger to its own Secret.
fn private_nodes(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|&b| b == b'\n');
    let below = lines.skip_while(|line| !line.starts_with(b"privateNodes:")).skip(1);
    let below = below.map_while(|line| line.strip_prefix(b"  "));
    let mut block: Vec<u8> = below.flatten().copied().collect();
    block.pop_if(|last| *last == b'\n');
    block
}

/// Helm's `toYaml` sorts keys and indents by two, so leaving a key out leaves its lines out.
fn without_auto_nodes(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let (mut inside_parent, mut dropping) = (false, false);
    for line in text.split_inclusive(|&b| b == b'\n') {
        let at_top = line.first().is_some_and(|&b| !b.is_ascii_whitespace() && b != b'-');
        if at_top {
            inside_parent = line.starts_with(b"privateNodes:");
        }
        let continues =
            line.starts_with(b"   ") || line.starts_with(b"  - ") || line.iter().all(u8::is_ascii_whitespace);
        dropping = inside_parent && (line.starts_with(b"  autoNodes:") || (dropping && continues));
        if !dropping {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// Where the chart adds what kube-vip needs, from the top.
const ADDED: [&[u8]; 6] = [
    b"controlPlane:",
    b"statefulSet:",
    b"security:",
    b"containerSecurityContext:",
    b"capabilities:",
    b"add:",
];

/// What it adds, in that order, unless it is there already.
const KUBE_VIP: [&[u8]; 2] = [b"- NET_ADMIN", b"- NET_RAW"];

/// The text before the chart wrote capabilities into its own values (chart/templates/statefulset.yaml, `set` on the
/// values themselves), which it does after it has taken the hash: without so many from the end of the list. A list or a
/// map that is empty then was not there before.
fn without_kube_vip(text: &[u8], added: usize) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&b| b == b'\n').collect();
    let mut path = [0; ADDED.len()];
    let mut from = 0;
    for (depth, (key, at)) in ADDED.iter().zip(&mut path).enumerate() {
        *at = find(&lines, from, depth, key)?;
        from = *at + 1;
    }
    let [.., capabilities, add] = path;
    let below = |line: &&&[u8], depth: usize| indent(line) >= 2 * depth;
    let items = lines
        .iter()
        .skip(from)
        .take_while(|line| line.trim_ascii().starts_with(b"- "));
    let end = from + items.count();
    let start = end.checked_sub(added).filter(|&start| start >= from)?;
    let are_ours = lines
        .get(start..end)?
        .iter()
        .all(|line| KUBE_VIP.contains(&line.trim_ascii()));
    let is_alone = lines.get(end).is_none_or(|line| !below(&line, ADDED.len() - 1)) && add == capabilities + 1;
    let first = match start == from {
        true if is_alone => capabilities,
        true => add,
        false => start,
    };
    are_ours.then(|| {
        let kept = lines.iter().take(first).chain(lines.iter().skip(end));
        kept.copied().flatten().copied().collect()
    })
}

/// The line of a key at a depth, among what is at least as deep.
fn find(lines: &[&[u8]], from: usize, depth: usize, key: &[u8]) -> Option<usize> {
    let inside = lines
        .iter()
        .enumerate()
        .skip(from)
        .take_while(|(_, line)| indent(line) >= 2 * depth || is_blank(line));
    let mut inside = inside.filter(|(_, line)| indent(line) == 2 * depth && line.trim_ascii() == key);
    inside.next().map(|(at, _)| at)
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|&&b| b == b' ').count()
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn values(capabilities: &str) -> String {
        format!(
            "controlPlane:\n  backingStore: {{}}\n  statefulSet:\n    security:\n      containerSecurityContext:\n\
             {capabilities}        runAsUser: 0\n      podSecurityContext: {{}}\n  tlsRoute: {{}}\nprivateNodes:\n  \
             enabled: true"
        )
    }

    fn hash(text: &str) -> String {
        format!("{:x}", Sha256::digest(STANDARD.encode(text)))
    }

    /// As charts 0.30 to 0.37 render them with kube-vip enabled.
    #[test]
    fn capabilities_that_the_chart_adds_are_not_in_the_hash() {
        let pairs = [
            ("add:\n          - NET_ADMIN\n          - NET_RAW\n", ""),
            (
                "add:\n          - NET_ADMIN\n          - NET_RAW\n          drop:\n          - ALL\n",
                "        capabilities:\n          drop:\n          - ALL\n",
            ),
            (
                "add:\n          - SYS_TIME\n          - NET_RAW\n          - NET_ADMIN\n",
                "        capabilities:\n          add:\n          - SYS_TIME\n          - NET_RAW\n",
            ),
        ];
        for (rendered, hashed) in pairs {
            let rendered = values(&format!("        capabilities:\n          {rendered}"));
            let hash = hash(&values(hashed));
            assert_eq!(proof(rendered.as_bytes(), &hash), Proof::Whole, "{rendered}");
        }
    }

    #[test]
    fn capabilities_of_the_user_are() {
        let own = |name: &str| values(&format!("        capabilities:\n          add:\n          - {name}\n"));
        assert_eq!(proof(own("SYS_TIME").as_bytes(), &hash(&values(""))), Proof::Other);
        assert_eq!(proof(own("SYS_TIME").as_bytes(), &hash(&own("SYS_TIME"))), Proof::Whole);
    }

    #[test]
    fn nodes_that_the_platform_adds_are_not_in_the_hash() {
        let text =
            "controlPlane: {}\nprivateNodes:\n  autoNodes:\n  - provider: a\n\n    x: b\n  enabled: true\nsync: {}";
        let hashed = "controlPlane: {}\nprivateNodes:\n  enabled: true\nsync: {}";
        assert_eq!(proof(text.as_bytes(), &hash(hashed)), Proof::Whole);
    }

    /// `unset` hands on the map that it was given.
    #[test]
    fn chart_0_28_0_hashes_private_nodes_alone() {
        let text = "controlPlane: {}\nprivateNodes:\n  autoNodes:\n    static: []\n  enabled: true\n  kubelet:\n    \
                    config: {}\nsync: {}";
        assert_eq!(
            proof(text.as_bytes(), &hash("enabled: true\nkubelet:\n  config: {}")),
            Proof::Part
        );
        assert_eq!(
            proof(text.as_bytes(), &hash("enabled: false\nkubelet:\n  config: {}")),
            Proof::Other
        );
        assert_eq!(proof(b"controlPlane: {}", &hash("enabled: true")), Proof::Other);
    }

    #[test]
    fn a_final_newline_counts_or_not() {
        assert_eq!(proof(b"a: b\n", &hash("a: b")), Proof::Whole);
        assert_eq!(proof(b"a: b\n", &hash("a: b\n")), Proof::Whole);
        assert_eq!(proof(b"a: b\n", &hash("a: c")), Proof::Other);
    }
}
