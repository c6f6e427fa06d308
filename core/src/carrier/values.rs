//! What holds a vCluster's values before there is a Secret: a values file, a Flux `HelmRelease`, an Argo CD Application,
//! a `VirtualClusterInstance` or `-Template` of the platform, a `VCluster` of Cluster API.
//!
//! ```text
//! object -> shapes (where the values lie, what is out of sight) -> layers -> merge over the chart's defaults -> Secret
//! ```
//!
//! The outcome is the Secret that the chart would render, so the rules that judge Secrets judge it, and do not know.
//! What others will add at deploy time is out of sight; a denial that rests on it is no more than a warning.

mod chart;
mod defaults;
mod layer;
mod mend;
mod merge;
mod shapes;
mod template;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::Value;

use super::locate;
use super::secret::{ConfigSecret, Origin, Unseen};
use crate::config::yaml::{self, Document};
use crate::config::{Config, ParseError, key};
use crate::object::{Meta, ObjectRef, Release, Strings};
use chart::Chart;
pub use layer::Written;
use layer::{Form, Layer};
use shapes::{Sketch, Source};

/// The kind that reports give a values file; it is no Kubernetes object.
pub const VALUES_KIND: &str = "Values";

/// Values of one vCluster, and where they lie.
#[derive(Debug)]
pub struct Carrier {
    /// What holds them.
    pub object: ObjectRef,
    /// The vCluster that they make.
    pub release: Release,
    /// What adds to them and cannot be seen from here.
    pub hidden: Vec<&'static str>,
    /// Whether it may even replace what is seen.
    overrides: bool,
    chart: Chart,
    annotations: Strings,
    /// Lowest first.
    layers: Vec<Layer>,
}

/// Values that are not judged.
#[derive(Debug)]
pub struct Refused {
    /// What holds them.
    pub object: ObjectRef,
    /// Why.
    pub why: Refusal,
}

/// Why values are not judged.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing of them is there to be read.
    #[error("the values are out of sight ({0})")]
    OutOfSight(String),
    /// They are of another kind.
    #[error("chart {0} is older than 0.20, whose values differ; render it and check the manifests")]
    Legacy(String),
    /// Helm would refuse them.
    #[error("the values at {pointer} cannot be read: {error}")]
    Unreadable {
        /// JSON pointer to the text.
        pointer: String,
        /// What is wrong; never a value.
        error: ParseError,
    },
}

/// Everything in an object that makes a vCluster; nothing when the object is none of ours. `file` names a values file,
/// which has no name of its own.
#[must_use]
pub fn read(object: &Value, file: &str) -> Vec<Result<Carrier, Box<Refused>>> {
    let build = |sketch: Sketch| {
        let refused = |object, why| Box::new(Refused { object, why });
        let named = sketch.object.clone();
        Carrier::build(sketch, object).map_err(|why| refused(named, why))
    };
    shapes::of(object, file).into_iter().map(build).collect()
}

impl Carrier {
    fn build(sketch: Sketch, object: &Value) -> Result<Self, Refusal> {
        let chart = Chart::of(&sketch.chart);
        if chart.is_legacy() {
            return Err(Refusal::Legacy(sketch.chart));
        }
        let mut carrier = Self {
            object: sketch.object,
            release: sketch.release,
            hidden: sketch.hidden,
            overrides: sketch.overrides,
            chart,
            annotations: sketch.annotations,
            layers: Vec::new(),
        };
        for source in sketch.sources {
            carrier.add(source, object)?;
        }
        if carrier.layers.is_empty() && !carrier.hidden.is_empty() {
            return Err(Refusal::OutOfSight(carrier.hidden.join(", ")));
        }
        Ok(carrier)
    }

    fn add(&mut self, source: Source, object: &Value) -> Result<(), Refusal> {
        let pointer = source.pointer;
        let Some(written) = object.pointer(&pointer) else {
            return Ok(());
        };
        if source.parameter {
            self.parameter(pointer, written);
            return Ok(());
        }
        let (mut values, form) = match written {
            Value::String(text) => match text_values(text) {
                Ok(Some(document)) => (document.value.clone(), Form::Text(document)),
                Ok(None) => return Ok(()),
                // What the platform has yet to fill in need not be YAML before.
                Err(_) if template::is_open(text) => {
                    self.hide("template expressions", true);
                    return Ok(());
                }
                Err(error) => return Err(Refusal::Unreadable { pointer, error }),
            },
            Value::Null => return Ok(()),
            other => (other.pointer(source.inside).cloned().unwrap_or_default(), Form::Map),
        };
        let open = source.template && template::prune(&mut values);
        if open {
            self.hide("template expressions", false);
        }
        self.layers.push(Layer {
            pointer,
            inside: source.inside,
            values,
            form,
            open,
        });
        Ok(())
    }

    fn parameter(&mut self, pointer: String, written: &Value) {
        let text = |name: &str| written.get(name).and_then(Value::as_str).unwrap_or_default();
        let force_string = written.get("forceString").and_then(Value::as_bool) == Some(true);
        match merge::parameter(text("name"), text("value"), force_string) {
            Some(values) => self.layers.push(Layer {
                pointer,
                inside: "",
                values,
                form: Form::Parameter,
                open: false,
            }),
            None => self.hide("parameters about lists", true),
        }
    }

    fn hide(&mut self, what: &'static str, overrides: bool) {
        if !self.hidden.contains(&what) {
            self.hidden.push(what);
        }
        self.overrides |= overrides;
    }

    /// The Secret that the chart would render, as far as it can be told.
    #[must_use]
    pub fn config_secret(&self) -> ConfigSecret {
        let mut visible = Value::Object(serde_json::Map::new());
        for layer in &self.layers {
            merge::stack(&mut visible, layer.values.clone());
        }
        let mut merged = defaults::of(self.chart.defaults.as_ref());
        merge::lay(&mut merged, visible.clone());
        if self.chart.exact.is_none() {
            defaults::complete_tag(&mut merged, self.chart.defaults.as_ref());
        }
        // JSON is YAML.
        let text = merged.to_string().into_bytes();
        let mut metadata = Meta {
            name: alloc::format!("{}{}", crate::recognise::names::CONFIG_SECRET_PREFIX, self.release.name),
            namespace: self.release.namespace.clone(),
            annotations: self.annotations.clone(),
            ..Meta::default()
        };
        if let Some(version) = &self.chart.exact {
            let label = alloc::format!("vcluster-{version}").replace('+', "_");
            metadata.labels.insert("chart".into(), label);
        }
        if let Ok(config) = Config::parse(&text) {
            metadata
                .annotations
                .extend(strings(config.any(key::GLOBAL_ANNOTATIONS)));
        }
        let unseen = (!self.hidden.is_empty()).then_some(Unseen {
            visible,
            overrides: self.overrides,
        });
        let origin = Origin {
            object: self.object.clone(),
            unseen,
        };
        ConfigSecret::new(metadata, text).told_as(Arc::new(origin))
    }

    /// The key that makes the whole config unreadable, if one does.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        self.config_secret().config().err()?.path
    }

    /// Where a dotted path is written, or the deepest of what leads to it. Higher layers win.
    #[must_use]
    pub fn locate(&self, path: &str) -> Written {
        let places = self
            .layers
            .iter()
            .map(|layer| (layer, locate::place(&layer.values, path)));
        let deepest = places.max_by_key(|(_, place)| place.depth);
        match deepest {
            Some((layer, place)) => layer.written(&place),
            None => Written {
                pointer: String::new(),
                line: None,
            },
        }
    }

    /// Whether both hold the values of the same vCluster, at two times.
    #[must_use]
    pub fn follows(&self, other: &Self) -> bool {
        let same_kind = self.object.kind == other.object.kind;
        same_kind && (self.object == other.object || self.release == other.release)
    }
}

/// Helm reads the first document of a values text.
fn text_values(text: &str) -> Result<Option<Document>, ParseError> {
    Ok(yaml::documents(text.as_bytes())?.into_iter().next())
}

fn strings(value: &Value) -> impl Iterator<Item = (String, String)> {
    let map = value.as_object().into_iter().flatten();
    map.filter_map(|(name, value)| Some((name.clone(), String::from(value.as_str()?))))
}

#[cfg(test)]
#[path = "values/tests.rs"]
mod tests;
