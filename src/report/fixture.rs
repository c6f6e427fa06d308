//! One report that holds everything a report can hold, with text that means something to every format; and the
//! comparison with what each format made of it, which is kept in `tests/reports`.

use std::path::PathBuf;

use serde_json::json;
use vcluster_guard_core::object::{ObjectRef, Release};
use vcluster_guard_core::remedy::Remedy;
use vcluster_guard_core::rule::{Need, Severity};

use super::finding::Exemption;
use super::{
    Explained, Finding, Format, Kind, ObjectPatch, Observation, Outcome, Report, Source, Topic, Undecided, VCluster,
};

/// Markup, quotes, separators of every format, line ends, a terminal's escape, a name that reads backwards, and width.
const HOSTILE: &str =
    "\"quoted\" 'too' & <script>alert(1)</script>, 100%: `a|b`\r\n::error::\u{1b}[31m\u{202e}ünï 東京 ]]> --!>";

const UNUSED: Kind = Kind {
    topic: Topic::Exemption,
    id: "unused",
    title: "Exemptions that nobody needs",
};

/// A report of two vClusters.
pub(super) fn report() -> Report {
    let mut report = Report::new();
    report.vclusters = vec![vcluster("team-a", "calm"), vcluster("team <b>", "evil, inc: 100%")];
    findings_of_evil(&mut report);
    beside_findings_of_calm(&mut report);
    report.incomplete.push(format!("b.yaml line 3: {HOSTILE}"));
    report.observations = vec![
        Observation::of(
            UNUSED,
            &Release::new("team <b>", "evil, inc: 100%"),
            "an exemption of sch-dns is not needed",
        )
        .fix("remove the annotation"),
        Observation::of_cluster(UNUSED, HOSTILE),
    ];
    report
}

fn findings_of_evil(report: &mut Report) {
    finding(report, 1, Severity::Info, "sch-priority").message = "3 replicas run without a priority class".into();
    let worst = finding(report, 1, Severity::Deny, "ha-embedded-db");
    worst.message = HOSTILE.into();
    worst.related.push(object("team-a", "vc-config-calm"));
    worst.source = Some(Source {
        file: "./a dir/ü:1,%.yaml".into(),
        line: 12,
    });
    finding(report, 1, Severity::Deny, "ha-embedded-db").path = "controlPlane.statefulSet".into();
    let exempt = finding(report, 1, Severity::Info, "etcd-deploy-scale");
    exempt.exemption = Some(Exemption {
        reason: format!("ticket 4711 {HOSTILE}"),
        until: "2030-01-31T18:00:00Z".into(),
    });
    exempt.source = Some(Source {
        file: "-".into(),
        line: 3,
    });
    finding(report, 1, Severity::Warn, "img-rewrite").source = None;
}

/// A patch, what is undecided, and what was explained.
fn beside_findings_of_calm(report: &mut Report) {
    report.patches.push(ObjectPatch {
        release: "calm".into(),
        object: ObjectRef {
            api_version: "apps/v1".into(),
            kind: "StatefulSet".into(),
            ..object("team-a", "calm")
        },
        patch: json!([{"op": "add", "path": "/metadata/annotations", "value": {"note": HOSTILE}}]),
    });
    for (rule, needs) in [
        ("sch-required-antiaffinity", Need::Nodes),
        ("tr-leftover-pvc", Need::Claims),
    ] {
        report.undecided.push(Undecided {
            vcluster: 0,
            rule,
            needs,
            namespace: "team-a".into(),
            release: "calm".into(),
        });
    }
    report.vclusters[0].undecided = 2;
    report.explained.push(Explained {
        rule: "sch-dns",
        namespace: "team-a".into(),
        release: "calm".into(),
        outcome: Outcome::Passed,
        why: HOSTILE.into(),
        read: vec![
            "spec.template.spec.dnsPolicy".into(),
            "spec.template.spec.hostNetwork".into(),
        ],
    });
}

/// The same vCluster many times: what a fleet looks like.
pub(super) fn fleet(count: usize) -> Report {
    let mut report = Report::new();
    for index in 0..count {
        report.vclusters.push(vcluster("team-a", &format!("vc-{index}")));
        if index % 2 == 0 {
            finding(&mut report, index, Severity::Deny, "ha-embedded-db");
        }
        let release = Release::new("team-a", &format!("vc-{index}"));
        report.observations.push(Observation::of(
            UNUSED,
            &release,
            "an exemption of sch-dns is not needed",
        ));
    }
    report
}

/// Compares what a format makes of a report with the file of that name.
#[track_caller]
pub(super) fn assert_written(format: &dyn Format, report: &Report, name: &str) {
    assert_kept(&written(format, report), name);
}

/// Compares a text with the file of that name. `UPDATE_REPORTS=1` writes the file instead, to be read before it is
/// committed.
#[track_caller]
pub(super) fn assert_kept(written: &str, name: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reports")
        .join(name);
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        std::fs::write(&file, written).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    let first = written
        .lines()
        .zip(expected.lines())
        .find(|(written, expected)| written != expected);
    assert!(
        written == expected,
        "not as in {} (UPDATE_REPORTS=1 writes it anew): {first:?}",
        file.display()
    );
}

/// What a format makes of a report.
pub(super) fn written(format: &dyn Format, report: &Report) -> String {
    let mut written = Vec::new();
    format.write(report, &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

pub(crate) fn vcluster(namespace: &str, release: &str) -> VCluster {
    VCluster {
        namespace: namespace.into(),
        release: release.into(),
        chart: Some("0.36.1".into()),
        kind: Some("StatefulSet"),
        store: Some("embedded-database"),
        replicas: Some(3),
        deny: 0,
        warn: 0,
        info: 0,
        undecided: 0,
        passed: 80,
        partly_read: false,
        owner: None,
    }
}

pub(crate) fn finding<'r>(
    report: &'r mut Report,
    vcluster: usize,
    severity: Severity,
    rule: &'static str,
) -> &'r mut Finding {
    report.summary.vclusters = report.vclusters.len();
    let row = &mut report.vclusters[vcluster];
    row.count(severity);
    report.summary.count(severity);
    report.findings.push(Finding {
        vcluster,
        rule,
        severity,
        namespace: row.namespace.clone(),
        release: row.release.clone(),
        object: object(&row.namespace, &format!("vc-config-{}", row.release)),
        path: "controlPlane.statefulSet.highAvailability.replicas".into(),
        message: "3 replicas on the embedded database, which supports one".into(),
        consequence: "every pod that restarts exits".into(),
        fix: "set controlPlane.statefulSet.highAvailability.replicas to 1".into(),
        related: Vec::new(),
        remedy: Remedy::default(),
        exemption: None,
        source: Some(Source {
            file: "a.yaml".into(),
            line: 7,
        }),
    });
    report.findings.last_mut().unwrap()
}

pub(crate) fn object(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: namespace.into(),
        name: name.into(),
    }
}
