//! What the API server counts about admission webhooks.

/// One reading of the API server's `/metrics`.
pub(crate) struct ApiServerMetrics {
    text: String,
}

impl ApiServerMetrics {
    pub(crate) fn parse(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// The sum of a counter over all series whose labels hold every `LABEL="VALUE"` given.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        sum(&self.text, name, labels)
    }

    /// Calls that failed and were let through by failurePolicy Ignore.
    pub(crate) fn fail_open(&self) -> f64 {
        self.sum("apiserver_admission_webhook_fail_open_count", &[])
    }

    /// Requests refused because a webhook could not be called.
    pub(crate) fn failed_calls(&self) -> f64 {
        self.sum(
            "apiserver_admission_webhook_rejection_count",
            &[("error_type", "calling_webhook_error")],
        )
    }

    /// matchConditions that could not be evaluated: each follows failurePolicy, so each is a refusal.
    pub(crate) fn match_condition_errors(&self) -> f64 {
        self.sum("apiserver_admission_match_condition_evaluation_errors_total", &[])
    }
}

/// The sum of a Prometheus counter over the series that carry all of the labels.
pub(crate) fn sum(text: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with(['{', ' ']))
        .filter(|rest| {
            labels
                .iter()
                .all(|(label, value)| rest.contains(&format!("{label}=\"{value}\"")))
        })
        .filter_map(|rest| rest.rsplit(' ').next())
        .filter_map(|value| value.parse::<f64>().ok())
        .sum()
}
