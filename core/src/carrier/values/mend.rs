//! From a change of the values to the edits of what holds them: which of several layers it is made in, and how it is
//! written there.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Carrier, Form, Layer, locate};
use crate::edit::{Act, Edit, Refused};
use crate::object::tokens;
use crate::remedy::Change;

impl Carrier {
    /// The edits of the object that make a change of its values.
    pub fn edits(&self, change: &Change) -> Result<Vec<Edit>, Refused> {
        let path = steps(change.path());
        for layer in &self.layers {
            layer.accepts(change.path(), &path)?;
        }
        self.decides(change, &path)?;
        match change {
            Change::Set { value, .. } => Ok(Vec::from([self.set(change.path(), &path, value)?])),
            Change::Remove { .. } => self.remove(&path),
        }
    }

    /// Beside values that cannot be seen, only a key that is seen to decide may get another value: a new one could meet
    /// another there, and one that goes could uncover another.
    fn decides(&self, change: &Change, path: &[String]) -> Result<(), Refused> {
        let is_written = self.layers.iter().any(|layer| layer.depth(path) == path.len());
        let is_sure = is_written && !self.overrides && matches!(change, Change::Set { .. });
        if self.hidden.is_empty() || is_sure {
            return Ok(());
        }
        let hidden = self.hidden.join(", ");
        Err(Refused::new(format!(
            "{hidden} cannot be seen from here and may say otherwise"
        )))
    }

    /// Where the key is written, in the layer that wins; else beside the deepest of what leads to it.
    fn set(&self, name: &str, path: &[String], value: &Value) -> Result<Edit, Refused> {
        let written = self.layers.iter().rfind(|layer| layer.depth(path) == path.len());
        let beside = |layer: &&Layer| (layer.depth(path), !matches!(layer.form, Form::Parameter));
        let layer = written
            .or_else(|| self.layers.iter().max_by_key(beside))
            .ok_or(Refused::new("there are no values yet that it could be written into"))?;
        if let Form::Parameter = layer.form {
            return layer.set_parameter(name, path, value);
        }
        Ok(layer.edit(path, Act::Set(value.clone())))
    }

    /// From every layer, or a lower one would show.
    fn remove(&self, path: &[String]) -> Result<Vec<Edit>, Refused> {
        let written = |layer: &&Layer| layer.depth(path) == path.len();
        // From the last one on, so that no item moves before it is looked for.
        let edits: Vec<Edit> = self
            .layers
            .iter()
            .rev()
            .filter(written)
            .map(|layer| match layer.form {
                Form::Parameter => Edit {
                    path: tokens(&layer.pointer),
                    act: Act::Remove,
                },
                Form::Map | Form::Text(_) => layer.edit(path, Act::Remove),
            })
            .collect();
        if edits.is_empty() {
            return Err(Refused::new("it is not written here"));
        }
        Ok(edits)
    }
}

impl Layer {
    /// How much of a path is written, key by key.
    fn depth(&self, path: &[String]) -> usize {
        let mut value = &self.values;
        for (depth, token) in path.iter().enumerate() {
            let next = match value {
                Value::Object(map) => map.get(token),
                Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => return depth,
            }
        }
        path.len()
    }

    /// Refuses what would mean something else here than it says.
    fn accepts(&self, name: &str, path: &[String]) -> Result<(), Refused> {
        let depth = self.depth(path);
        let place = locate::place(&self.values, name);
        let exact = json_pointer(path.get(..depth).unwrap_or_default());
        if place.pointer != exact {
            return Err(Refused::new(
                "a key that leads to it is spelled in another case, which the chart does not read",
            ));
        }
        let at = self.values.pointer(&exact);
        if depth > 0 && depth < path.len() && at.is_some_and(Value::is_null) {
            return Err(Refused::new(
                "null stands above it, which takes the chart's defaults away",
            ));
        }
        if self.open && path.iter().any(|token| token.parse::<usize>().is_ok()) {
            return Err(Refused::new("the list has items that are yet to be filled in"));
        }
        Ok(())
    }

    fn edit(&self, path: &[String], act: Act) -> Edit {
        let here = tokens(&self.pointer);
        match self.form {
            Form::Text(_) => Edit {
                path: here,
                act: Act::Inside(Box::new(Edit { path: path.into(), act })),
            },
            Form::Map | Form::Parameter => Edit {
                path: [here, tokens(self.inside), path.into()].concat(),
                act,
            },
        }
    }

    /// The value of the parameter, or a parameter more.
    fn set_parameter(&self, name: &str, path: &[String], value: &Value) -> Result<Edit, Refused> {
        let text = value.as_str().map_or_else(|| value.to_string(), String::from);
        let plain = |text: &str| !text.contains(['[', ']', '{', '}', ',', '\\', '=']);
        if !plain(name) || !plain(&text) || value.is_object() || value.is_array() {
            return Err(Refused::new("parameters have a syntax of their own for it"));
        }
        let mut here = tokens(&self.pointer);
        if self.depth(path) == path.len() {
            here.push("value".into());
            return Ok(Edit {
                path: here,
                act: Act::Set(Value::String(text)),
            });
        }
        here.pop();
        here.push("-".into());
        Ok(Edit {
            path: here,
            act: Act::Set(json!({"name": name, "value": text})),
        })
    }
}

/// `a.b[2].c` as its steps.
fn steps(path: &str) -> Vec<String> {
    let parts = path.split(['.', '[']);
    parts.map(|part| part.trim_end_matches(']').to_string()).collect()
}

fn json_pointer(path: &[String]) -> String {
    let escaped = path.iter().map(|token| token.replace('~', "~0").replace('/', "~1"));
    escaped.fold(String::new(), |pointer, token| pointer + "/" + &token)
}
