//! `-o json` of `init` and `join`: every line is an object of the form that docs/output.md promises, and the result
//! says what came of it.

use serde_json::Value;

use crate::support::{Root, Run, config, kinit};

const PAGE: &str = include_str!("../../docs/output.md");

/// The events of a run, checked for what holds of all.
#[track_caller]
fn events(run: &Run) -> Vec<Value> {
    let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let events: Vec<Value> = run.stdout.lines().map(parsed).collect();
    let known: Vec<&str> = events_of_the_page();
    for event in &events {
        let time = event["time"].as_str().expect("a time");
        assert!(time.ends_with('Z') && time.starts_with("20"), "{time}");
        let kind = event["event"].as_str().expect("a kind");
        assert!(known.contains(&kind), "{kind} is not in docs/output.md");
    }
    let kinds = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((kinds("started"), kinds("result")), (1, 1));
    assert_eq!((&events[0]["event"], &events[0]["schema"]), (&"started".into(), &1.into()));
    let result = events.last().expect("a result");
    assert_eq!((result["event"].as_str(), result["status"] == "succeeded"), (Some("result"), run.status == 0));
    assert_eq!(result["error"].is_null(), run.status == 0);
    events
}

/// The first cells of the table of events.
fn events_of_the_page() -> Vec<&'static str> {
    let (_, section) = PAGE.split_once("\n## Events\n").expect("there");
    let rows = section.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('`').nth(1)).collect()
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

/// An init whose phases need no machine.
fn init(root: &Root, args: &[&str]) -> Run {
    root.0.file("c.yaml", &config("skipPhases: [preflight]\n", "controlPlaneEndpoint: api.example.com:6443\n"));
    root.kinit(&[&["init", "-o", "json", "--dry-run", "--config=/c.yaml"], args].concat())
}

#[test]
fn a_dry_run_told_to_programs() {
    let Some(root) = Root::new() else { return };
    let run = init(&root, &[]).ok();
    let events = events(&run);
    let phases: Vec<&Value> = of(&events, "phaseStarted").iter().map(|event| &event["phase"]).collect();
    assert!(phases.len() > 20 && phases[0] == "certs/ca" && phases[phases.len() - 1] == "show-join-command");
    let finished = of(&events, "phaseFinished");
    assert_eq!(finished.iter().map(|event| &event["phase"]).collect::<Vec<_>>(), phases);
    assert!(finished.iter().all(|event| event["seconds"].is_f64()));
    let texts: Vec<&str> = of(&events, "message").iter().filter_map(|event| event["text"].as_str()).collect();
    assert!(texts.contains(&"[init] Using Kubernetes version: v1.37.2"), "{texts:#?}");
    let change = |kind: &str, path: &str| {
        events.iter().find(|event| event["change"] == kind && event["path"] == path).unwrap_or(&Value::Null)
    };
    let manifest = change("writeFile", "/etc/kubernetes/manifests/kube-apiserver.yaml");
    assert!(manifest["content"].as_str().is_some_and(|text| text.contains("kind: Pod")) && manifest["mode"] == "0600");
    let key = change("writeFile", "/etc/kubernetes/pki/ca.key");
    assert!(key["mode"] == "0600" && key["content"].is_null(), "{key}");
    assert!(events.iter().any(|event| event["change"] == "writeObject" && event["verb"].is_string()));
    let result = &events[events.len() - 1];
    for (field, value) in [
        ("nodeName", Value::from("node-1")),
        ("controlPlaneEndpoint", "api.example.com:6443".into()),
        ("kubernetesVersion", "v1.37.2".into()),
        ("kubeconfig", "/etc/kubernetes/admin.conf".into()),
        ("dryRun", true.into()),
        ("changed", false.into()),
    ] {
        assert_eq!(result[field], value, "{result}");
    }
    let join = &result["join"][0];
    assert_eq!(join["endpoint"], "api.example.com:6443");
    let pin = join["caCertHashes"][0].as_str().expect("a pin");
    let worker = "kinit join api.example.com:6443 --token <value withheld> --discovery-token-ca-cert-hash";
    assert_eq!(join["worker"], format!("{worker} {pin}"));
    assert!(join["controlPlane"].as_str().is_some_and(|command| command.contains(" --control-plane")), "{join}");
    assert!(join["token"].is_null(), "a dry run tells no secret: {join}");
}

#[test]
fn what_is_really_done_is_told() {
    let Some(root) = Root::new() else { return };
    root.0.file("c.yaml", &config("", ""));
    let later = "--skip-phases=preflight,control-plane,etcd,kubelet-start,wait-control-plane,upload-config,upload-certs,\
                 mark-control-plane,bootstrap-token,kubelet-finalize,addon,show-join-command";
    let init = |args: &[&str]| root.kinit(&[&["init", "-o=json", "--config=/c.yaml", later], args].concat()).ok();
    let told = events(&init(&[]));
    let written = |events: &[Value]| events.iter().filter(|event| event["change"] == "writeFile").count();
    assert!(written(&told) > 20, "{told:#?}");
    assert!(told.iter().all(|event| event["content"].is_null()));
    assert_eq!(told[told.len() - 1]["changed"], true);
    let again = events(&init(&[]));
    assert_eq!((written(&again), &again[again.len() - 1]["changed"]), (0, &false.into()));
}

#[test]
fn a_failure_says_where_why_and_what_to_do() {
    let Some(root) = Root::new() else { return };
    root.0.file("c.yaml", &config("", ""));
    let run = root.kinit(&["init", "-ojson", "--dry-run", "--config=/c.yaml", "--ignore-preflight-errors=Mem"]);
    let told = events(&run);
    let error = &told[told.len() - 1]["error"];
    assert_eq!(error["phase"], "preflight");
    assert!(error["message"].as_str().is_some_and(|text| run.stderr.contains(&format!("error: {text}\n"))), "{error}");
    let failed: Vec<&Value> = error["checks"].as_array().expect("checks").iter().collect();
    let findings = of(&told, "finding");
    let fatal = findings.iter().filter(|event| event["severity"] == "error" && event["ignored"] == false);
    assert!(!failed.is_empty());
    assert_eq!(fatal.map(|event| &event["check"]).collect::<Vec<_>>(), failed);

    let missing = kinit(&["init", "--output=json", "--config=/nowhere"]);
    let told = events(&missing);
    let error = &told[told.len() - 1]["error"];
    assert!(error["phase"].is_null() && error["message"].as_str().is_some_and(|text| text.contains("/nowhere")));
    assert!(error["remedies"][0].as_str().is_some_and(|text| text.starts_with("give the path")), "{error}");
}

#[test]
fn join_tells_the_same_way() {
    let run = kinit(&["join", "-o", "json", "192.0.2.1:6443", "--token", "abcdef.0123456789abcdef"]);
    let told = events(&run);
    assert_eq!(told[0]["command"], "join");
    assert!(told[told.len() - 1]["error"]["message"].is_string());
}

#[test]
fn other_forms_and_other_commands() {
    kinit(&["init", "-o", "yaml"]).refused(&["error: invalid output format: yaml", "hint: use text or json"]);
    assert_eq!(
        kinit(&["init", "phase", "certs", "ca", "-o", "json"]).stderr,
        "error: unknown shorthand flag: 'o' in -o\n"
    );
}
