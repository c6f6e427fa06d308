//! `scheduling:` of the policy file: what is injected, and when.

use serde::Deserialize;

use super::{PolicyError, word};

/// When anti-affinity and spread are injected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Inject {
    /// Where more than one replica runs.
    #[default]
    Ha,
    /// Everywhere.
    Always,
    /// Nowhere.
    Off,
}

/// What is injected, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scheduling {
    /// When.
    #[serde(deserialize_with = "word")]
    pub inject: Inject,
    /// Preferred pod anti-affinity.
    pub anti_affinity: AntiAffinity,
    /// Topology spread, always `ScheduleAnyway`.
    pub topology_spread: TopologySpread,
}

/// Weights of the preferred terms, 1 to 100; 0 leaves a term out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AntiAffinity {
    /// Whether it is injected at all.
    pub enabled: bool,
    /// For `kubernetes.io/hostname`.
    pub hostname_weight: i64,
    /// For `topology.kubernetes.io/zone`.
    pub zone_weight: i64,
}

impl Default for AntiAffinity {
    /// What charts up to 0.19 had (vcluster@v0.19.0: charts/k3s/templates/syncer.yaml).
    fn default() -> Self {
        Self {
            enabled: true,
            hostname_weight: 100,
            zone_weight: 50,
        }
    }
}

/// The spread over hosts, and over zones if all nodes are known to have one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TopologySpread {
    /// Whether it is injected at all.
    pub enabled: bool,
    /// For both keys.
    pub max_skew: i64,
    /// Whether zones are spread over, too. Nodes without a zone label then drop out of scoring for hosts as well
    /// (kubernetes: podtopologyspread/scoring.go), so it is for clusters where every node has one.
    pub zone: bool,
}

impl Default for TopologySpread {
    fn default() -> Self {
        Self {
            enabled: true,
            max_skew: 1,
            zone: false,
        }
    }
}

impl Scheduling {
    /// Checks what the types cannot.
    pub(super) fn validate(&self) -> Result<(), PolicyError> {
        let weights = [
            ("antiAffinity.hostnameWeight", self.anti_affinity.hostname_weight),
            ("antiAffinity.zoneWeight", self.anti_affinity.zone_weight),
        ];
        for (key, weight) in weights {
            if !(0..=100).contains(&weight) {
                return Err(PolicyError::Scheduling(
                    key,
                    weight,
                    "a weight is 1 to 100, or 0 to leave the term out",
                ));
            }
        }
        let skew = self.topology_spread.max_skew;
        if skew < 1 {
            return Err(PolicyError::Scheduling(
                "topologySpread.maxSkew",
                skew,
                "it is at least 1",
            ));
        }
        Ok(())
    }
}
