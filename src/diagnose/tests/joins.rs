//! Joins that do not get on.

use super::*;

/// The texts of certificate_manager.go and csr.go, v1.37.2.
fn request_failed(why: &str) -> String {
    format!(
        "E1123 14:09:38.332021    7778 certificate_manager.go:605] \"Failed while requesting a signed certificate from the \
         control plane\" err=\"cannot create certificate signing request: {why}\" logger=\"UnhandledError\""
    )
}

#[test]
fn a_join_whose_token_is_rejected() {
    let mut seen = Seen { role: Role::Worker, components: Vec::new(), ..control_plane(12) };
    for second in [1, 3] {
        say(&mut seen, second, 7778, &request_failed("Unauthorized"));
    }
    assert_eq!(certain(&seen), None);
    say(&mut seen, 8, 7778, &request_failed("Unauthorized"));
    let symptom = r#"E1123 14:41:55.6 7778 kubelet_node_status.go:114] "Unable to register node with API server, error getting existing node" err="nodes \"worker1\" is forbidden: User \"system:anonymous\" cannot get resource \"nodes\" in API group \"\" at the cluster scope" node="worker1""#;
    say(&mut seen, 9, 7778, symptom);
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-JOIN-TOKEN");
    assert_eq!(diagnosis.hints("kinit")[1], "kinit init phase bootstrap-token");
}

#[test]
fn a_kubelet_that_has_no_certificate_yet_is_refused_as_nobody() {
    let refused = r#"E1123 14:41:55.6 7778 kubelet_node_status.go:114] "Unable to register node with API server, error getting existing node" err="nodes \"worker1\" is forbidden: User \"system:anonymous\" cannot get resource \"nodes\" in API group \"\" at the cluster scope" node="worker1""#;
    let mut seen = Seen { role: Role::Worker, components: Vec::new(), ..control_plane(14) };
    for second in [1, 2, 4, 8, 13] {
        say(&mut seen, second, 7778, refused);
    }
    assert_eq!(certain(&seen), None);
    for second in [9, 11, 13] {
        say(&mut seen, second, 7778, &refused.replace("system:anonymous", "system:node:worker9"));
    }
    seen.elapsed = Duration::from_secs(20);
    assert_eq!(code(certain(&seen)), Some("KI-JOIN-REGISTER"));
}

#[test]
fn a_joining_control_plane_waits_for_its_own_api_server() {
    let refused = "Post \\\"https://192.0.2.2:6443/apis\\\": dial tcp 192.0.2.2:6443: connect: connection refused";
    for (role, expected) in [(Role::Worker, Some("KI-JOIN-UNREACHABLE")), (Role::JoiningControlPlane, None)] {
        let mut seen = Seen { role, components: Vec::new(), ..control_plane(30) };
        for second in [1, 3, 7, 15] {
            say(&mut seen, second, 7778, &request_failed(refused));
        }
        assert_eq!(code(certain(&seen)), expected, "{role:?}");
        assert_eq!(code(likeliest(&seen)), Some("KI-JOIN-UNREACHABLE"));
    }
}

#[test]
fn a_request_that_nobody_signs_is_named_when_the_time_is_over() {
    let seen = Seen { role: Role::Worker, components: Vec::new(), ..control_plane(300) };
    assert_eq!(certain(&seen), None);
    assert_eq!(code(likeliest(&seen)), Some("KI-JOIN-CSR-PENDING"));
}
