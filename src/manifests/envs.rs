//! Environment variables of static pods.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::env_var;

/// Those variables of a process that say which proxies to use: `*_proxy` in any case, not empty.
pub fn proxy_environment(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let is_proxy = |name: &str| name.to_ascii_lowercase().ends_with("_proxy");
    variables.into_iter().filter(|(name, value)| is_proxy(name) && !value.is_empty()).collect()
}

/// A container's `env`: proxies, and a user's own (`EnvVar` of core/v1), which win. Sorted by name.
#[must_use]
pub(super) fn merged(proxies: &[(String, String)], extra: &[Value]) -> Vec<Value> {
    let mut by_name: BTreeMap<String, Value> =
        proxies.iter().map(|(name, value)| (name.clone(), json!({ "name": name, "value": value }))).collect();
    for variable in extra {
        let name = variable["name"].as_str().unwrap_or_default();
        by_name.insert(name.to_owned(), as_go_writes(variable));
    }
    by_name.into_values().collect()
}

/// Without what Go's types leave out, with what they fill in.
fn as_go_writes(variable: &Value) -> Value {
    let mut variable = variable.clone();
    env_var::complete(&mut variable);
    if let Some(fields) = variable.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    variable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_by_name_in_any_case_and_a_users_win() {
        let variables = [("HTTPS_PROXY", "p"), ("no_proxy", "a,b"), ("proxy", "x"), ("http_proxy", ""), ("PATH", "/")];
        let proxies = proxy_environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(proxies.len(), 2);
        let extra = [json!({"name": "no_proxy", "value": "c"}), json!({"name": "A", "value": ""})];
        assert_eq!(
            json!(merged(&proxies, &extra)),
            json!([{"name": "A"}, {"name": "HTTPS_PROXY", "value": "p"}, {"name": "no_proxy", "value": "c"}])
        );
        assert_eq!(json!(merged(&[], &[json!({"value": "x"})])), json!([{"name": "", "value": "x"}]));
    }
}
