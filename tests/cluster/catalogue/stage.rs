//! A namespace in which a case is played: what stood before is there, and somebody asks for what the case says.

use anyhow::Context;
use http::Method;
use serde_json::{Value, json};

use super::api::{Answer, Api, As};
use super::complete;
use crate::case::Case;

/// The kinds that cases ask for, and how the API server calls them.
const RESOURCES: [(&str, &str); 7] = [
    ("Secret", "secrets"),
    ("StatefulSet", "statefulsets"),
    ("Deployment", "deployments"),
    ("PodDisruptionBudget", "poddisruptionbudgets"),
    // Not ours to judge, and in the cases to show that.
    ("DaemonSet", "daemonsets"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("Pod", "pods"),
];

pub(crate) struct Stage<'a> {
    api: &'a Api,
    namespace: String,
}

impl<'a> Stage<'a> {
    /// A fresh namespace.
    pub(crate) async fn new(api: &'a Api, namespace: String) -> anyhow::Result<Self> {
        // No pod gets in, and nothing is said of that: what controllers make of the workloads is not the point here.
        let labels = json!({
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "privileged",
        });
        let metadata = json!({"name": namespace, "labels": labels});
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        let answer = api
            .send(As::Unseen, Method::POST, "/api/v1/namespaces", Some(&object))
            .await?;
        anyhow::ensure!(answer.ok, "{}", answer.message());
        Ok(Self { api, namespace })
    }

    /// The namespace that was made before.
    pub(crate) fn again(api: &'a Api, namespace: String) -> Self {
        Self { api, namespace }
    }

    /// Asks for each object of the case, the others being there already, and gives the answers.
    pub(crate) async fn play(&self, case: &Case) -> anyhow::Result<Vec<Answer>> {
        let mut answers = Vec::new();
        for object in case.before.iter().flatten().chain(&case.beside) {
            answers.extend(self.place(object).await?);
        }
        for (index, object) in case.now.iter().enumerate() {
            let others = case.now.iter().enumerate().filter(|(other, _)| *other != index);
            for (_, other) in others {
                answers.extend(self.place(other).await?);
            }
            let before = case.before.iter().flatten().find(|old| same(old, object));
            answers.push(self.ask(object, before, &case.beside).await?);
        }
        for object in case.before.iter().flatten().chain(&case.beside).chain(&case.now) {
            self.remove(object).await?;
        }
        Ok(answers)
    }

    /// Leaves these there, whole as they are; whether the API server took them all.
    pub(crate) async fn leave(&self, objects: &[Value]) -> anyhow::Result<bool> {
        for object in objects {
            let answer = self.create(As::Unseen, object).await?;
            if !answer.ok {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The object as the user asks for it: an update where it was there before.
    async fn ask(&self, object: &Value, before: Option<&Value>, beside: &[Value]) -> anyhow::Result<Answer> {
        if object["kind"] == "Scale" {
            return self.scale(object, before, beside).await;
        }
        let terminating = &object["metadata"]["deletionTimestamp"];
        let mut object = complete::object(object, &self.namespace);
        let Some(mut before) = before.cloned() else {
            self.remove(&object).await?;
            return self.create(As::User, &object).await;
        };
        // A deletion is no update: it has begun before.
        if terminating.is_string() {
            before["metadata"]["deletionTimestamp"] = terminating.clone();
        }
        self.place(&before).await?;
        let path = self.path(&object)?;
        loop {
            let stored = self.api.send(As::User, Method::GET, &path, None).await?;
            if !stored.ok {
                return Ok(stored);
            }
            for key in ["resourceVersion", "deletionTimestamp"] {
                object["metadata"][key] = stored.body["metadata"][key].clone();
            }
            let answer = self.api.send(As::User, Method::PUT, &path, Some(&object)).await?;
            // A controller wrote its status between the two.
            if answer.body["reason"] != "Conflict" {
                return Ok(answer);
            }
        }
    }

    /// A Scale is no object: what it scales has to be there.
    async fn scale(&self, scale: &Value, before: Option<&Value>, beside: &[Value]) -> anyhow::Result<Answer> {
        let scaled = |object: &&Value| {
            ["StatefulSet", "Deployment"].map(Value::from).contains(&object["kind"])
                && object["metadata"]["name"] == scale["metadata"]["name"]
        };
        let before = before.unwrap_or(scale);
        let mut workload = match beside.iter().find(scaled) {
            Some(workload) => workload.clone(),
            None => complete::workload(before, &self.namespace),
        };
        workload["spec"]["replicas"] = before["spec"]["replicas"].as_u64().unwrap_or(0).into();
        if let Some(refused) = self.place(&workload).await? {
            return Ok(refused);
        }
        let path = format!("{}/scale", self.path(&workload)?);
        let scale = complete::object(scale, &self.namespace);
        let answer = self.api.send(As::User, Method::PUT, &path, Some(&scale)).await?;
        self.remove(&workload).await?;
        Ok(answer)
    }

    /// Puts an object there unseen by the guard; the answer if the API server does not take it.
    async fn place(&self, object: &Value) -> anyhow::Result<Option<Answer>> {
        if resource(object).is_none() {
            return Ok(None);
        }
        self.remove(object).await?;
        let whole = complete::object(object, &self.namespace);
        let answer = self.create(As::Unseen, &whole).await?;
        if object["metadata"]["deletionTimestamp"].is_string() {
            self.remove(object).await?;
        }
        Ok((!answer.ok).then_some(answer))
    }

    async fn create(&self, who: As, object: &Value) -> anyhow::Result<Answer> {
        self.api
            .send(who, Method::POST, &self.collection(object)?, Some(object))
            .await
    }

    async fn remove(&self, object: &Value) -> anyhow::Result<()> {
        if resource(object).is_some() {
            let path = format!(
                "{}?gracePeriodSeconds=0&propagationPolicy=Background",
                self.path(object)?
            );
            self.api.send(As::Unseen, Method::DELETE, &path, None).await?;
        }
        Ok(())
    }

    fn path(&self, object: &Value) -> anyhow::Result<String> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        Ok(format!("{}/{name}", self.collection(object)?))
    }

    fn collection(&self, object: &Value) -> anyhow::Result<String> {
        let resource = resource(object).with_context(|| format!("{} is of another kind", object["kind"]))?;
        let version = object["apiVersion"].as_str().unwrap_or_default();
        let root = if version.contains('/') { "apis" } else { "api" };
        Ok(format!("/{root}/{version}/namespaces/{}/{resource}", self.namespace))
    }
}

/// How the API server calls objects of that kind, if admission ever looks at them.
fn resource(object: &Value) -> Option<&'static str> {
    let found = RESOURCES.iter().find(|(kind, _)| object["kind"] == *kind);
    found.map(|(_, resource)| *resource)
}

/// Whether objects of that kind are put into the cluster.
pub(crate) fn is_placed(object: &Value) -> bool {
    resource(object).is_some()
}

fn same(one: &Value, other: &Value) -> bool {
    one["kind"] == other["kind"] && one["metadata"]["name"] == other["metadata"]["name"]
}
