//! Where each kind of object keeps a vCluster's values, and what it takes from elsewhere.

mod file;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::object::{ObjectRef, Release, Strings};

/// Name of the chart, and of the subchart in other charts' values.
const CHART: &str = "vcluster";

/// Where values lie, before anything of them is read.
#[derive(Debug)]
pub(super) struct Sketch {
    pub(super) object: ObjectRef,
    pub(super) release: Release,
    /// As it is written; empty where none is named.
    pub(super) chart: String,
    pub(super) hidden: Vec<&'static str>,
    pub(super) overrides: bool,
    pub(super) annotations: Strings,
    /// Lowest first.
    pub(super) sources: Vec<Source>,
}

/// One place in the object that gives values.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) pointer: String,
    /// Where the values begin inside a map.
    pub(super) inside: &'static str,
    /// A name and a value, as `--set` takes them.
    pub(super) parameter: bool,
    /// A template of the platform: `{{ … }}` is yet to be filled in.
    pub(super) template: bool,
}

impl Source {
    fn values(pointer: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            inside: "",
            parameter: false,
            template: false,
        }
    }
}

/// Every vCluster that the object makes.
pub(super) fn of(object: &Value, file: &str) -> Vec<Sketch> {
    let group = text(object, "/apiVersion")
        .split_once('/')
        .map_or("", |(group, _)| group);
    match (group, text(object, "/kind")) {
        ("", "") => file::values(object, file).into_iter().collect(),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => flux(object).into_iter().collect(),
        ("argoproj.io", "Application") => argo(object),
        ("management.loft.sh" | "storage.loft.sh", "VirtualClusterInstance") => instance(object).into_iter().collect(),
        ("management.loft.sh" | "storage.loft.sh", "VirtualClusterTemplate") => templates(object),
        ("infrastructure.cluster.x-k8s.io", "VCluster") => cluster_api(object).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_given(object: &Value, pointer: &str) -> bool {
    match object.pointer(pointer) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(_) => true,
    }
}

/// The first that says something.
fn first<'v>(texts: &[&'v str]) -> &'v str {
    texts.iter().copied().find(|text| !text.is_empty()).unwrap_or_default()
}

impl Sketch {
    fn of(object: &Value, namespace: &str, name: &str) -> Self {
        let annotations = object.pointer("/metadata/annotations");
        Self {
            object: ObjectRef {
                api_version: String::from(text(object, "/apiVersion")).into(),
                kind: String::from(text(object, "/kind")).into(),
                namespace: text(object, "/metadata/namespace").into(),
                name: text(object, "/metadata/name").into(),
            },
            release: Release::new(namespace, name),
            chart: String::new(),
            hidden: Vec::new(),
            overrides: false,
            annotations: annotations.map(|map| super::strings(map).collect()).unwrap_or_default(),
            sources: Vec::new(),
        }
    }
}

/// helm-controller: `api/v2/helmrelease_types.go`. `values` lie over everything of `valuesFrom`.
fn flux(object: &Value) -> Option<Sketch> {
    let chart = text(object, "/spec/chart/spec/chart");
    // In a Git or bucket source it is a path.
    let named = chart.trim_end_matches('/').rsplit('/').next() == Some(CHART);
    if !named && !is_referenced(object) {
        return None;
    }
    let (own, target) = (
        text(object, "/metadata/namespace"),
        text(object, "/spec/targetNamespace"),
    );
    let name = text(object, "/metadata/name");
    let composed = match target {
        "" => String::from(name),
        target => format!("{target}-{name}"),
    };
    let release = first(&[text(object, "/spec/releaseName"), &composed]);
    let mut sketch = Sketch::of(object, first(&[target, own]), release);
    // The version counts only where a repository has several.
    if matches!(text(object, "/spec/chart/spec/sourceRef/kind"), "" | "HelmRepository") {
        sketch.chart = text(object, "/spec/chart/spec/version").into();
    }
    let elsewhere = [
        ("/spec/valuesFrom", "spec.valuesFrom"),
        ("/spec/chart/spec/valuesFiles", "spec.chart.spec.valuesFiles"),
        ("/spec/chart/spec/valuesFile", "spec.chart.spec.valuesFile"),
    ];
    let elsewhere = elsewhere.into_iter().filter(|(pointer, _)| is_given(object, pointer));
    sketch.hidden.extend(elsewhere.map(|(_, name)| name));
    sketch.sources.push(Source::values("/spec/values"));
    Some(sketch)
}

/// A chart by reference to an object that is not at hand: ours by that object's name, or by values that only our chart has.
fn is_referenced(object: &Value) -> bool {
    let values = [
        "/spec/values/controlPlane/statefulSet",
        "/spec/values/controlPlane/backingStore",
    ];
    let name = text(object, "/spec/chartRef/name");
    is_given(object, "/spec/chartRef") && (name == CHART || values.iter().any(|values| is_given(object, values)))
}

/// argo-cd: `pkg/apis/application/v1alpha1/types.go`. Parameters lie over values, those over value files.
fn argo(object: &Value) -> Vec<Sketch> {
    let many = object
        .pointer("/spec/sources")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let sources = if many > 0 {
        (0..many).map(|index| format!("/spec/sources/{index}")).collect()
    } else {
        Vec::from([String::from("/spec/source")])
    };
    let ours = |source: &String| text(object, &format!("{source}/chart")) == CHART;
    sources
        .into_iter()
        .filter(ours)
        .map(|source| argo_source(object, &source))
        .collect()
}

fn argo_source(object: &Value, source: &str) -> Sketch {
    let at = |field: &str| format!("{source}/helm/{field}");
    let name = first(&[text(object, &at("releaseName")), text(object, "/metadata/name")]);
    let mut sketch = Sketch::of(object, text(object, "/spec/destination/namespace"), name);
    sketch.chart = text(object, &format!("{source}/targetRevision")).into();
    if is_given(object, &at("valueFiles")) {
        sketch.hidden.push("helm.valueFiles");
    }
    if is_given(object, &at("fileParameters")) {
        sketch.hidden.push("helm.fileParameters");
        sketch.overrides = true;
    }
    // valuesObject wins, it does not merge.
    let values = ["valuesObject", "values"]
        .into_iter()
        .find(|field| is_given(object, &at(field)));
    sketch.sources.extend(values.map(|field| Source::values(at(field))));
    let parameters = object.pointer(&at("parameters")).and_then(Value::as_array);
    let parameters = (0..parameters.map_or(0, Vec::len)).map(|index| Source {
        parameter: true,
        ..Source::values(format!("{}/{index}", at("parameters")))
    });
    sketch.sources.extend(parameters);
    sketch
}

/// loft-sh/api: `pkg/apis/storage/v1/virtualclusterinstance_types.go`.
fn instance(object: &Value) -> Option<Sketch> {
    let reference = |field: &str| text(object, &format!("/spec/clusterRef/{field}"));
    let name = first(&[reference("virtualCluster"), text(object, "/metadata/name")]);
    let mut sketch = template(object, "/spec/template", reference("namespace"), name)?;
    for (pointer, name) in [
        ("/spec/templateRef", "spec.templateRef"),
        ("/spec/parameters", "spec.parameters"),
    ] {
        if is_given(object, pointer) {
            sketch.hidden.push(name);
        }
    }
    // The two exclude each other; whoever gives both gets the one that is not here.
    sketch.overrides = is_given(object, "/spec/templateRef");
    Some(sketch)
}

/// loft-sh/api: `pkg/apis/storage/v1/virtualclustertemplate_types.go`. Each version is a template of its own.
fn templates(object: &Value) -> Vec<Sketch> {
    let many = object
        .pointer("/spec/versions")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let versions = (0..many).map(|index| format!("/spec/versions/{index}"));
    let places = core::iter::once(String::from("/spec")).chain(versions);
    let sketch = |place: String| {
        let at = format!("{place}/template");
        if !is_given(object, &format!("{at}/helmRelease")) {
            return None;
        }
        let mut sketch = template(object, &at, "", text(object, "/metadata/name"))?;
        if is_given(object, &format!("{place}/parameters")) {
            sketch.hidden.push("spec.parameters");
        }
        Some(sketch)
    };
    places.filter_map(sketch).collect()
}

fn template(object: &Value, at: &str, namespace: &str, name: &str) -> Option<Sketch> {
    let mut sketch = helm_release(object, &format!("{at}/helmRelease"), namespace, name)?;
    for source in &mut sketch.sources {
        source.template = true;
    }
    Some(sketch)
}

/// cluster-api-provider-vcluster: `api/v1alpha1/vcluster_types.go`. The namespace is the object's.
fn cluster_api(object: &Value) -> Option<Sketch> {
    let own = |field: &str| text(object, &format!("/metadata/{field}"));
    helm_release(object, "/spec/helmRelease", own("namespace"), own("name"))
}

/// The same struct in the platform and in Cluster API: a chart, and its values as text.
fn helm_release(object: &Value, at: &str, namespace: &str, name: &str) -> Option<Sketch> {
    if !matches!(text(object, &format!("{at}/chart/name")), "" | CHART) {
        return None;
    }
    let mut sketch = Sketch::of(object, namespace, name);
    sketch.chart = text(object, &format!("{at}/chart/version")).into();
    sketch.sources.push(Source::values(format!("{at}/values")));
    Some(sketch)
}
