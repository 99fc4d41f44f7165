//! The program as it is typed: help, exit statuses, texts.

use assert_cmd::Command;

fn kinit(args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("kinit").expect("built by cargo");
    let output = command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").args(args).output().expect("starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("exits"), text(output.stdout), text(output.stderr))
}

#[test]
fn an_unknown_flag_is_named_as_pflag_does() {
    let (status, _, stderr) = kinit(&["init", "--foo"]);
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error: unknown flag: --foo\n"), "{stderr}");
}

#[test]
fn a_flag_of_another_phase_is_unknown_too() {
    let (status, _, stderr) = kinit(&["init", "phase", "certs", "ca", "--pod-network-cidr", "10.0.0.0/16"]);
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error: unknown flag: --pod-network-cidr\n"), "{stderr}");
}

#[test]
fn the_word_after_a_flag_is_its_value() {
    let (status, _, stderr) = kinit(&["init", "phase", "kubelet-start", "--config", "--help"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("unable to read config from \"--help\""), "{stderr}");
}

#[test]
fn a_group_needs_a_phase_and_shows_its_help() {
    let (status, stdout, stderr) = kinit(&["init", "phase", "certs"]);
    assert_eq!(status, 1);
    assert!(stdout.contains("apiserver-etcd-client"), "{stdout}");
    assert!(stderr.contains("error: subcommand is required"), "{stderr}");
}

#[test]
fn an_unknown_command_is_named() {
    let (status, _, stderr) = kinit(&["inity"]);
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error: unknown command \"inity\" for \"kinit\"\n"), "{stderr}");
    let (_, _, stderr) = kinit(&["init", "phase", "certs", "nope"]);
    assert!(stderr.ends_with("hint: 'kinit init phase certs --help' lists the commands that there are\n"), "{stderr}");
}

#[test]
fn a_list_is_read_as_pflag_does() {
    let printed = |kinds: &[&str]| kinit(&[&["config", "print", "init-defaults"], kinds].concat());
    let both = printed(&["--component-configs", "KubeletConfiguration,KubeProxyConfiguration"]);
    assert_eq!(both.0, 0, "{both:?}");
    assert_eq!(
        printed(&["--component-configs=\"KubeletConfiguration\"", "--component-configs=KubeProxyConfiguration"]),
        both
    );
    let (status, _, stderr) = printed(&["--component-configs", "Kubelet\"Configuration"]);
    let said = "error: invalid argument \"Kubelet\\\"Configuration\" for \"--component-configs\" flag\n";
    assert!(status == 1 && stderr.starts_with(said), "{stderr}");
}

#[test]
fn a_port_that_is_none_is_told_in_plain_words() {
    let (status, _, stderr) = kinit(&["init", "--apiserver-bind-port", "abc"]);
    assert_eq!(status, 1);
    let said = "error: invalid argument \"abc\" for \"--apiserver-bind-port\" flag: expected an integer of 32 bits\n\
                hint: a port is a number from 1 to 65535\n";
    assert_eq!(stderr, said);
}

#[test]
fn an_unknown_phase_is_refused_before_anything_runs() {
    let (status, stdout, stderr) =
        kinit(&["init", "--dry-run", "--kubernetes-version", "v1.37.2", "--skip-phases", "certs/nope"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("invalid phase name: certs/nope"), "{stderr}");
    let slip = kinit(&["init", "--dry-run", "--kubernetes-version=v1.37.2", "--skip-phases=certs/apiservr"]).2;
    let hints = "hint: did you mean certs/apiserver?\nhint: 'kinit init --help' lists the phases\n";
    assert!(slip.ends_with(hints), "{slip}");
}

#[test]
fn help_of_init_lists_the_phases_in_order() {
    let (status, stdout, _) = kinit(&["init", "--help"]);
    assert_eq!(status, 0);
    let at = |text: &str| stdout.find(text).unwrap_or_else(|| panic!("{text} is not in {stdout}"));
    assert!(
        at("preflight ") < at("  /ca ") && at("  /ca ") < at("kubelet-start ") && at("kubelet-start ") < at("addon ")
    );
}

#[test]
fn version_is_the_kubernetes_release() {
    assert_eq!(kinit(&["version", "-o", "short"]), (0, "v1.37.2\n".to_owned(), String::new()));
    let (status, _, stderr) = kinit(&["version", "-o", "foo"]);
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error: invalid output format: foo\n"), "{stderr}");
}

#[test]
fn random_words_have_their_form() {
    let (status, token, stderr) = kinit(&["token", "generate"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(token.trim_end().parse::<kinit::config::token::Token>().is_ok(), "{token}");
    for words in [["certs", "certificate-key"], ["certificates", "certificate-key"]] {
        let (status, key, _) = kinit(&words);
        let key = key.trim_end();
        assert!(status == 0 && key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit()), "{key}");
    }
    assert_ne!(kinit(&["token", "generate"]).1, token);
}
