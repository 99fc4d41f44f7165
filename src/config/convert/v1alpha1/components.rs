//! The component configurations of Kubernetes v1.9, which v1.10 reads under other names.

use serde_json::{Map, Value};

use super::super::super::path::{put, take};
use super::super::Lost;
use super::super::moves::{Fields, Gone, Move, lose, rename};
use super::super::v1alpha2::ONLY_USERSPACE;

const MOVES: [Move; 3] = [
    ("kubeletConfiguration.baseConfig.podManifestPath", "kubeletConfiguration.baseConfig.staticPodPath"),
    ("kubeletConfiguration.baseConfig.manifestURL", "kubeletConfiguration.baseConfig.staticPodURL"),
    ("kubeletConfiguration.baseConfig.manifestURLHeader", "kubeletConfiguration.baseConfig.staticPodURLHeader"),
];

const ADMISSION: &str = "label namespaces with pod-security.kubernetes.io/enforce";

const GONE: [Gone; 7] = [
    Gone { field: "kubeletConfiguration.baseConfig.allowPrivileged", usual: "true", instead: ADMISSION },
    Gone { field: "kubeletConfiguration.baseConfig.hostNetworkSources", usual: "[\"*\"]", instead: ADMISSION },
    Gone { field: "kubeletConfiguration.baseConfig.hostPIDSources", usual: "[\"*\"]", instead: ADMISSION },
    Gone { field: "kubeletConfiguration.baseConfig.hostIPCSources", usual: "[\"*\"]", instead: ADMISSION },
    Gone {
        field: "kubeletConfiguration.baseConfig.cAdvisorPort",
        usual: "",
        instead: "nothing: what cAdvisor served is at the kubelet's own port, below /metrics/cadvisor",
    },
    Gone {
        field: "kubeletConfiguration.baseConfig.configTrialDuration",
        usual: "10m0s",
        instead: "nothing: kubelets take no configuration from the API server any more",
    },
    Gone { field: "kubeProxy.config.udpTimeoutMilliseconds", usual: "250ms", instead: ONLY_USERSPACE },
];

const GATES: &str = "kubeProxy.config.featureGates";
const GATES_AS_MAP: &str = "write featureGates of the KubeProxyConfiguration as a map: {NameOfTheGate: true}";

/// Of kubelet v1alpha1 and v1.9's kube-proxy v1alpha1, to what both are since v1.10.
pub(super) fn to_v1beta1(kind: &'static str, fields: &mut Fields) -> Vec<Lost> {
    let mut lost = rename(kind, fields, &MOVES);
    lost.extend(lose(kind, fields, &GONE));
    lost.extend(gates(kind, fields));
    lost
}

/// `A=true,B=false`, to a map.
fn gates(kind: &'static str, fields: &mut Fields) -> Option<Lost> {
    let value = take(fields, GATES)?;
    let Some(text) = value.as_str() else {
        put(fields, GATES, value);
        return None;
    };
    let parsed: Option<Map<String, Value>> =
        text.split(',').map(str::trim).filter(|gate| !gate.is_empty()).map(gate).collect();
    let Some(map) = parsed else {
        return Some(Lost { kind, field: GATES.to_owned(), instead: GATES_AS_MAP });
    };
    put(fields, GATES, Value::Object(map));
    None
}

fn gate(text: &str) -> Option<(String, Value)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_owned(), Value::Bool(value.trim().parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn gates_in_one_text_are_a_map() {
        let converted = |gates: Value| {
            let mut fields = json!({"kubeProxy": {"config": {"featureGates": gates}}}).as_object().cloned().unwrap();
            let lost = to_v1beta1("Kind", &mut fields);
            (fields["kubeProxy"]["config"]["featureGates"].clone(), lost.len())
        };
        assert_eq!(converted(json!("A=true, B=false,")), (json!({"A": true, "B": false}), 0));
        assert_eq!(converted(json!("")), (json!({}), 0));
        assert_eq!(converted(json!({"A": true})), (json!({"A": true}), 0));
        for strange in ["A", "A=x", "A=true;B=true"] {
            assert_eq!(converted(json!(strange)), (Value::Null, 1), "{strange}");
        }
    }
}
