//! A patch, applied and shown as lines.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use json_patch::Patch;
use serde_json::Value;

/// Applies the patch of `answer`, if it has one, to the object of `review`, and tells which places it changes.
pub(crate) fn apply(review: &mut Value, answer: &Value) -> anyhow::Result<Vec<String>> {
    let Some(encoded) = answer["response"]["patch"].as_str() else {
        return Ok(Vec::new());
    };
    let text = STANDARD.decode(encoded).context("the patch is not base64")?;
    let patch: Patch = serde_json::from_slice(&text).context("the patch is no RFC 6902 patch")?;
    // An append names no place of its own: the list it grows is shown.
    let mut places: Vec<String> = Vec::new();
    for step in patch.iter() {
        let place = step.path().as_str();
        let place = place.strip_suffix("/-").unwrap_or(place).to_owned();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    json_patch::patch(&mut review["request"]["object"], &patch).context("the patch does not apply")?;
    Ok(places)
}

/// What stands at `place` before and after, as lines with `-` and `+`.
pub(crate) fn lines(before: &Value, after: &Value, place: &str) -> Vec<String> {
    let (old, new) = (text(before.pointer(place)), text(after.pointer(place)));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count()
        .min(shorter);
    let part = |lines: &[&str], sign: char| -> Vec<String> {
        lines[head..lines.len() - tail]
            .iter()
            .map(|line| format!("{sign} {line}"))
            .collect()
    };
    [part(&old, '-'), part(&new, '+')].concat()
}

fn text(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => format!("{value:#}"),
    }
}
