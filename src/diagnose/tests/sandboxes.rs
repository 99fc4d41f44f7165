//! Sandboxes that are not made and images that are not pulled.

use super::*;

/// What pod_workers.go of v1.37.2 writes around an error of a pod.
fn pod_error(component: &str, action: &str, kind: &str, error: &str) -> String {
    let pod = format!("{component}-n1_kube-system(be6616f89e4a9b97a9f3fd1e191ac9f4)");
    let subject = if action == "CreatePodSandbox" { pod.as_str() } else { component };
    let inner = format!("failed to {action:?} for {subject:?} with {kind}: {error:?}");
    format!(
        "E1123 14:09:38.332021    7778 pod_workers.go:1338] \"Error syncing pod, skipping\" err={inner:?} \
         pod=\"kube-system/{component}-n1\" podUID=\"be6616f89e4a9b97a9f3fd1e191ac9f4\""
    )
}

fn sandbox_error(component: &str, runtime: &str) -> String {
    let error = format!(
        "Failed to create sandbox for pod \"{component}-n1_kube-system(be66)\": rpc error: code = Unknown desc = {runtime}"
    );
    pod_error(component, "CreatePodSandbox", "CreatePodSandboxError", &error)
}

const RUNC: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
                    failed: unable to start container process: can't get final child's PID from pipe: EOF: unknown";

const RUNC_FAILS: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to \
                          retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/47/log.json: \
                          no such file or directory): runc did not terminate successfully: exit status 1: unknown";

#[test]
fn sandboxes_that_fail_and_fail_again() {
    let mut seen = control_plane(3);
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        say(&mut seen, 1, 7778, &sandbox_error(name, RUNC));
    }
    assert_eq!(certain(&seen), None, "all of them, but only just now");
    seen.elapsed = Duration::from_secs(6);
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-SANDBOX-OOM-SCORE");
    assert!(diagnosis.evidence[0].ends_with("can't get final child's PID from pipe: EOF: unknown"), "{diagnosis}");

    let mut broken = control_plane(13);
    say(&mut broken, 1, 7778, &sandbox_error("etcd", RUNC_FAILS));
    say(&mut broken, 12, 7778, &sandbox_error("etcd", RUNC_FAILS));
    assert_eq!(code(certain(&broken)), Some("KI-SANDBOX-RUNC"));

    let mut one = control_plane(13);
    say(&mut one, 1, 7778, &sandbox_error("etcd", "something else"));
    assert_eq!(certain(&one), None, "one failure of one pod");
    say(&mut one, 12, 7778, &sandbox_error("etcd", "something else"));
    assert_eq!(code(certain(&one)), Some("KI-SANDBOX"));
    component(&mut one, "etcd").sandbox = true;
    assert_eq!(likeliest(&one), None, "it was made after all");
}

#[test]
fn sandbox_of_a_pod_that_nobody_waits_for() {
    let mut seen = control_plane(20);
    let line = sandbox_error("coredns", RUNC);
    say(&mut seen, 1, 7778, &line);
    say(&mut seen, 12, 7778, &line);
    assert_eq!(likeliest(&seen), None);
}

#[test]
fn cgroup_drivers_that_differ() {
    let error = "failed to create containerd task: OCI runtime create failed: expected cgroupsPath to be of format \
                 \"slice:prefix:name\" for systemd cgroups, got \"/kubepods/burstable/podbe66/1234\" instead: unknown";
    let mut seen = control_plane(7);
    say(&mut seen, 1, 7778, &sandbox_error("etcd", error));
    assert_eq!(code(certain(&seen)), Some("KI-SANDBOX-CGROUP-DRIVER"));
}

#[test]
fn the_pause_image_that_cannot_be_pulled() {
    let error = "failed to get sandbox image \"registry.example/pause:3.6\": failed to pull image \
                 \"registry.example/pause:3.6\": failed to pull and unpack image \"registry.example/pause:3.6\": failed \
                 to resolve reference \"registry.example/pause:3.6\": failed to do request: Head \
                 \"https://registry.example/v2/pause/manifests/3.6\": dial tcp: lookup registry.example: no such host";
    let mut seen = control_plane(13);
    say(&mut seen, 1, 7778, &sandbox_error("etcd", error));
    say(&mut seen, 12, 7778, &sandbox_error("etcd", error));
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-IMAGE-DNS");
    assert!(diagnosis.cause.contains("the image of the runtime's pause container"), "{}", diagnosis.cause);
}

#[test]
fn images_that_cannot_be_pulled() {
    let reference = "rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example/etcd:9\": failed \
                     to resolve reference \"registry.example/etcd:9\": registry.example/etcd:9";
    let absent = pod_error("etcd", "StartContainer", "ErrImagePull", &format!("{reference}: not found"));
    let mut seen = control_plane(3);
    say(&mut seen, 1, 7778, &absent);
    assert_eq!(certain(&seen), None, "only just now");
    seen.elapsed = Duration::from_secs(7);
    assert_eq!(code(certain(&seen)), Some("KI-IMAGE-NOT-FOUND"));
    component(&mut seen, "etcd").running = Some(("id".into(), Duration::from_secs(6)));
    assert_eq!(likeliest(&seen), None, "it came after all");

    let refused = "failed to do request: Head \"https://registry.example/v2/\": dial tcp 192.0.2.1:443: connect: connection refused";
    let mut seen = control_plane(14);
    say(&mut seen, 1, 7778, &pod_error("etcd", "StartContainer", "ErrImagePull", refused));
    assert_eq!(certain(&seen), None, "once may be the network's start");
    let pause = "Back-off pulling image \"registry.example/etcd:9\"";
    say(&mut seen, 13, 7778, &pod_error("etcd", "StartContainer", "ImagePullBackOff", pause));
    let diagnosis = certain(&seen).unwrap();
    assert_eq!(diagnosis.code, "KI-IMAGE-UNREACHABLE");
    assert!(diagnosis.evidence[0].contains("connection refused"), "{diagnosis}");
}
