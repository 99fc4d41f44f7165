//! A cluster that is there already: what stays as it is, and what it says of itself.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_cluster_of_kubeadms_stays_as_it_is() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    set_up(&api, &kubeadms, NOW).await;
    for (path, object) in &kubeadms {
        if object["kind"] == "ConfigMap" && !path.ends_with("cluster-info") {
            memory.put(path, object.clone());
        }
    }
    assert_eq!(set_up(&api, &kubeadms, NOW).await, Changed::No);
    // A user's own configuration carries no hash.
    let mut kubelet = from_map(&kubeadms, "kubelet-config", "kubelet");
    kubelet.user_supplied = true;
    assert_eq!(config_maps::upload_kubelet_config(&api, "kubelet-config", &kubelet).await.unwrap(), Changed::Yes);
    let path = "/api/v1/namespaces/kube-system/configmaps/kubelet-config";
    assert_eq!(memory.object(path).unwrap()["metadata"]["annotations"], json!({}));
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    assert_eq!(set_up(&api, &kubeadms, NOW).await, Changed::Yes);
    let writes = api.writes();
    assert_eq!(memory.drain().len(), writes);
    assert_eq!(set_up(&api, &kubeadms, NOW + time::Duration::hours(23)).await, Changed::No);
    assert_eq!((memory.drain(), api.writes()), (Vec::new(), writes));
    // The token has ended: a new life.
    assert_eq!(set_up(&api, &kubeadms, NOW + time::Duration::hours(25)).await, Changed::Yes);
}

#[tokio::test]
async fn a_users_corefile_and_replicas_stay() {
    let memory = Memory::new();
    let api = memory.api();
    assert_eq!(coredns::replicas(&api).await.unwrap(), coredns::REPLICAS);
    coredns::CoreDns::new(&coredns_plan()).apply(&api).await.unwrap();
    let map = "/api/v1/namespaces/kube-system/configmaps/coredns";
    let deployment = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
    let mut scaled = memory.object(deployment).unwrap();
    scaled["spec"]["replicas"] = 5.into();
    memory.put(deployment, scaled);
    let replicas = coredns::replicas(&api).await.unwrap();
    let mut dns = coredns::CoreDns::new(&coredns::Plan { replicas, ..coredns_plan() });

    let old_default = memory.object(map).unwrap()["data"]["Corefile"]
        .as_str()
        .unwrap()
        .replace(" {\n       disable success cluster.local\n       disable denial cluster.local\n    }", "");
    for (corefile, changed) in [(old_default.as_str(), Changed::Yes), (".:53 {\n    whoami\n}\n", Changed::No)] {
        let mut present = memory.object(map).unwrap();
        present["data"]["Corefile"] = corefile.into();
        memory.put(map, present);
        assert_eq!(dns.apply(&api).await.unwrap(), changed, "{corefile}");
    }
    assert_eq!(memory.object(deployment).unwrap()["spec"]["replicas"], 5);
    assert!(memory.object(map).unwrap()["data"]["Corefile"].as_str().unwrap().contains("whoami"));

    // Unless a patch has another number.
    dns.deployment["spec"]["replicas"] = 3.into();
    dns.apply(&api).await.unwrap();
    assert_eq!(memory.object(deployment).unwrap()["spec"]["replicas"], 3);
}

#[tokio::test]
async fn a_clusters_word_on_itself() {
    let (memory, kubeadms) = (Memory::new(), kubeadms());
    with_node(&memory);
    let api = memory.api();
    set_up(&api, &kubeadms, NOW).await;
    let facts = read_back::read(&api).await.unwrap();
    assert_eq!(facts.version, OWN);
    assert_eq!(facts.cluster.networking.pod_subnet, "10.244.0.0/16");
    assert!(!facts.kubelet.user_supplied && !facts.kube_proxy.unwrap().user_supplied);
    assert_eq!(facts.kubelet.document["kind"], "KubeletConfiguration");
    memory.fail(http::Method::GET, "/kube-proxy", 1, Some(http::StatusCode::FORBIDDEN));
    assert!(read_back::read(&api).await.unwrap().kube_proxy.is_none());

    // An older cluster: flags were maps.
    let path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
    let mut map = memory.object(path).unwrap();
    map["data"]["ClusterConfiguration"] = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n\
        kubernetesVersion: v1.29.0\napiServer:\n  timeoutForControlPlane: 4m0s\n  extraArgs:\n    v: \"4\"\n"
        .into();
    memory.put(path, map);
    let cluster = read_back::read_cluster(&api).await.unwrap();
    assert_eq!((&*cluster.api_server.extra_args[0].name, &*cluster.api_server.extra_args[0].value), ("v", "4"));
}
