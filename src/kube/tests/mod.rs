//! The objects and the verbs together, on a server in memory.

mod objects;
mod verbs;

use serde_json::json;

use super::dry_run::Memory;

const NODE_PATH: &str = "/api/v1/nodes/n1";

fn with_node(memory: &Memory) {
    memory.put(
        NODE_PATH,
        json!({"kind": "Node", "metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "n1"}}}),
    );
}
