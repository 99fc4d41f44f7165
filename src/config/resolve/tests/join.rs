//! `join` and `reset`: flags, files and the machine.

use super::*;

#[test]
fn join_flags() {
    let flags = JoinFlags {
        endpoint: Some("192.0.2.2:6443".to_owned()),
        token: Some("abcdef.0123456789abcdef".to_owned()),
        discovery_token_ca_cert_hash: vec![format!("sha256:{}", "a".repeat(64))],
        certificate_key: Some("unused".to_owned()),
        ..JoinFlags::default()
    };
    let resolved = join_with(&flags, "").unwrap();
    let join = &resolved.value.join;
    let token = join.discovery.bootstrap_token.as_ref().unwrap();
    assert_eq!(
        (token.token.as_str(), token.api_server_endpoint.as_str()),
        ("abcdef.0123456789abcdef", "192.0.2.2:6443")
    );
    assert_eq!(join.discovery.tls_bootstrap_token, "abcdef.0123456789abcdef");
    assert_eq!((&join.control_plane, &join.node_registration.taints), (&None, &None));
    assert!(resolved.warnings[0].contains("--control-plane is also required"), "{:?}", resolved.warnings);
    let wrong_pin = JoinFlags { discovery_token_ca_cert_hash: vec!["sha256:ab".to_owned()], ..flags.clone() };
    assert!(join_with(&wrong_pin, "").unwrap_err().contains("caCertHashes: Invalid value: \"sha256:ab\": a pin is"));
    let nothing = JoinFlags::default();
    assert_eq!(
        join_with(&nothing, "").unwrap_err(),
        "discovery: Invalid value: \"\": bootstrapToken or file must be set"
    );
    for file in ["file:///discovery.conf", "file:/discovery.conf", "FILE://localhost/discovery%2econf"] {
        let flags = JoinFlags { discovery_file: Some(file.to_owned()), ..JoinFlags::default() };
        let join = join_with(&flags, "").unwrap().value.join;
        assert_eq!(join.discovery.file.unwrap().kube_config_path, "/discovery.conf");
    }
    let endpoint = "etcd: {external: {endpoints: ['HTTPS://192.0.2.1:2379'], caFile: /ca, certFile: /c, keyFile: /k}}";
    assert!(init_from(&cluster(endpoint)).is_ok());
    let phase = JoinFlags { without_discovery_flags: true, ..JoinFlags::default() };
    assert!(join_with(&phase, "").unwrap_err().starts_with("File /etc/kubernetes/admin.conf does not exists."));
}

#[test]
fn reset_prefers_the_registered_socket() {
    let [a, b] = ["unix:///a", "unix:///b"].map(str::to_owned);
    let busy = Machine { cri_sockets: vec![a, b.clone()], ..machine() };
    let resolved = reset(&ResetFlags::default(), &FakeHost::new(), &busy, Some(&b), &mut Vec::new()).unwrap();
    assert_eq!(resolved.reset.cri_socket, "unix:///b");
    assert!(!resolved.certificates_dir_given && resolved.reset.certificates_dir == "/etc/kubernetes/pki");
    // `reset` takes the experimental version too.
    let config = document("ResetConfiguration", "force: true").replace("v1beta4", "v1");
    assert!(reset_from(&config).unwrap().value.reset.force);
    let said = reset_from(&document("JoinConfiguration", "")).unwrap_err();
    assert_eq!(said, "no ResetConfiguration found in the supplied config");
}
