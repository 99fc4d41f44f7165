//! The whole command line: help of every command in docs/cli.md, and what commands that need no machine print.
//!
//! `UPDATE=1 cargo test --test it cli_reference` writes docs/cli.md and the list of images anew.

use std::fmt::Write;

use kinit::versions::OWN;
use serde_json::Value;

use crate::support::{PATH, Place, Root, config, kinit, kubeadm, page, program, run};

#[test]
fn the_page_of_commands_is_the_help() {
    let mut text = String::from(
        "# Commands\n\nWritten from the program's own help by `UPDATE=1 cargo test --test it cli_reference`; a test \
         compares them.\nWhat each phase does is in [phases.md](phases.md).\n",
    );
    section(&mut text, &[]);
    page("docs/cli.md", &text);
}

/// A command's help, and its children's below it.
fn section(text: &mut String, words: &[&str]) {
    let run = kinit(&[words, &["--help"]].concat()).ok();
    assert_eq!(run.stderr, "");
    let help: String = run.stdout.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let name = [&["kinit"], words].concat().join(" ");
    assert!(help.contains(&format!("\nUsage:\n  {name} ")) && !help.starts_with(['`', '\n']), "{name}: {help}");
    write!(text, "\n## {name}\n\n```\n{}\n```\n", help.trim_end()).expect("into a String");
    for child in rows(&help).map(|(name, _)| name).filter(|name| !name.starts_with('-')) {
        section(text, &[words, &[child]].concat());
    }
}

/// Commands and flags in a help text, with what they are for.
fn rows(help: &str) -> impl Iterator<Item = (&str, &str)> {
    let below = help.lines().skip_while(|line| *line != "Available Commands:" && *line != "Flags:");
    let rows = below.take_while(|line| *line != "Additional help topics:").filter(|line| line.starts_with("  "));
    rows.map(str::trim_start).map(|row| {
        let head = if row.starts_with('-') { row.find("   ") } else { row.find(' ') };
        let (head, about) = row.split_at(head.unwrap_or(row.len()));
        (head, about.trim_start())
    })
}

#[test]
fn every_command_and_flag_says_what_it_is_for() {
    for words in [&[][..], &["init"], &["join"], &["reset"], &["config", "images"], &["init", "phase", "certs"]] {
        let help = kinit(&[words, &["-h"]].concat()).ok().stdout;
        assert!(rows(&help).count() > 4, "{words:?}: {help}");
        for (head, about) in rows(&help) {
            assert!(about.len() > 5 && !about.contains('`'), "{words:?}: {head}: {about}");
        }
    }
}

#[test]
fn a_command_that_only_holds_others_shows_its_help() {
    for words in [&["config"][..], &["config", "print"], &["init", "phase"], &["init", "phase", "certs"]] {
        let run = kinit(words);
        assert_eq!((run.status, run.stderr.as_str()), (1, "error: subcommand is required\n"), "{words:?}");
        assert!(run.stdout.contains(&format!("Usage:\n  kinit {} [flags]\n", words.join(" "))), "{}", run.stdout);
    }
    assert_eq!(kinit(&[]).ok().stdout, kinit(&["help"]).ok().stdout);
    assert_eq!(kinit(&["alpha"]).ok().stdout, kinit(&["help", "alpha"]).ok().stdout);
    assert_eq!(kinit(&["init", "phase", "-h"]).ok().stdout, kinit(&["help", "init", "phase"]).ok().stdout);
    let run = kinit(&["help", "nothing"]).ok();
    assert!(run.stderr.starts_with("Unknown help topic [`nothing`]\nUsage:\n  kinit [command]\n"), "{}", run.stderr);
}

#[test]
fn images_of_every_minor() {
    let mut text = String::from("# `kinit config images list` of each minor; UPDATE=1 writes it anew.\n");
    for minor in 23..=OWN.minor() {
        let version = if minor == OWN.minor() { OWN.to_string() } else { format!("v1.{minor}.0") };
        let run = kinit(&["config", "images", "list", "--kubernetes-version", &version]).ok();
        assert_eq!(run.stderr, "", "{version}");
        write!(text, "\n{version}\n{}", run.stdout).expect("into a String");
        assert_eq!(run.stdout.matches(&format!("/kube-apiserver:{version}\n")).count(), 1, "{}", run.stdout);
    }
    page("tests/golden/images.txt", &text);
}

#[test]
fn images_in_their_forms_and_of_another_repository() {
    let list = |args: &[&str]| kinit(&[&["config", "images", "list", "--kubernetes-version=v1.37.2"], args].concat());
    let plain = list(&[]).ok().stdout;
    let json: Value = serde_json::from_str(&list(&["-o", "json"]).ok().stdout).expect("JSON");
    for form in ["--output=yaml", "-okyaml"] {
        assert_eq!(json, kinit::yaml::document(&list(&[form]).ok().stdout).expect("YAML"));
    }
    let images: Vec<&str> = json["images"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(plain.lines().collect::<Vec<_>>(), images);
    assert_eq!((&json["kind"], images.len()), (&Value::from("Images"), 7));

    let mirror = list(&["--image-repository", "mirror.example.com/k8s"]).ok().stdout;
    assert!(mirror.lines().all(|image| image.starts_with("mirror.example.com/k8s/")), "{mirror}");
    list(&["-o", "xml"]).refused(&["unable to match a printer suitable for the output format \"xml\""]);

    let place = Place::new();
    let file = place.file("c.yaml", &config("", "imageRepository: mirror.example.com\ndns: {imageTag: v9}\n"));
    let of_file = kinit(&["config", "images", "list", "--config", &file]).ok().stdout;
    assert!(of_file.contains("mirror.example.com/coredns:v9\n"), "{of_file}");
}

#[test]
fn version_in_its_forms() {
    let own = OWN.to_string();
    assert_eq!(kinit(&["version", "--output=short"]).ok().stdout, format!("{own}\n"));
    let json: Value = serde_json::from_str(&kinit(&["version", "-o", "json"]).ok().stdout).expect("JSON");
    let yaml = kinit::yaml::document(&kinit(&["version", "-oyaml"]).ok().stdout).expect("YAML");
    assert_eq!(json, yaml);
    assert_eq!(json["clientVersion"]["gitVersion"], own.as_str());
    let plain = kinit(&["version"]).ok().stdout;
    assert!(plain.starts_with("kinit version: &version.Info{Major:\"1\", Minor:\"37\", "), "{plain}");
    assert!(plain.contains(&format!(", GitVersion:\"{own}\", ")), "{plain}");
    kinit(&["version", "-o", "xml"]).refused(&["error: invalid output format: xml", "hint: use yaml, json or short"]);
}

#[test]
fn version_has_kubeadms_fields() {
    let Some(kubeadm) = kubeadm() else { return };
    let names = |text: &str| -> Vec<String> {
        let fields = text.split_once('{').and_then(|(_, rest)| rest.split_once('}')).expect("fields").0;
        fields.split(", ").filter_map(|field| field.split(':').next()).map(str::to_owned).collect()
    };
    let asked = |program: &str, form: &[&str]| run(program, &[&["version"], form].concat(), PATH, "").ok().stdout;
    let own = program();
    assert_eq!(names(&asked(own.as_str(), &[])), names(&asked(&kubeadm, &[])));
    assert_eq!(asked(own.as_str(), &["-oshort"]), asked(&kubeadm, &["-oshort"]));
    let json = |text: String| -> Value { serde_json::from_str(&text).expect("JSON") };
    let (ours, theirs) = (json(asked(own.as_str(), &["-ojson"])), json(asked(&kubeadm, &["-ojson"])));
    let fields = theirs["clientVersion"].as_object().expect("an object");
    assert!(fields.keys().all(|name| ours["clientVersion"][name].is_string()), "{ours} {theirs}");
}

#[test]
fn under_the_name_kubeadm_it_is_kubeadm() {
    let place = Place::new();
    let link = place.path("kubeadm");
    std::os::unix::fs::symlink(program(), &link).expect("linked");
    let kubeadm = |args: &[&str]| run(link.as_str(), args, PATH, "");
    assert_eq!(kubeadm(&["version", "-o=short"]).ok().stdout, "v1.37.2\n");
    assert!(kubeadm(&["version"]).ok().stdout.starts_with("kubeadm version: "));
    for args in
        [&["--help"][..], &["init", "--help"], &["reset", "--help"], &["init", "phase", "certs", "ca", "--help"]]
    {
        let help = kubeadm(args).ok().stdout;
        assert!(help.contains("Usage:\n  kubeadm"), "{help}");
        assert!(!help.contains("kinit"), "{args:?}: {help}");
    }
    assert!(kubeadm(&["completion", "zsh"]).ok().stdout.starts_with("#compdef kubeadm"));
    let pki = format!("--cert-dir={}", place.path("pki"));
    let args = ["init", "--dry-run", "--kubernetes-version=v1.37.2", "--ignore-preflight-errors=all", &pki];
    let run = kubeadm(&[&args[..], &["--apiserver-advertise-address=192.0.2.10"]].concat()).ok();
    assert!(run.stdout.contains("\nkubeadm join 192.0.2.10:6443 --token "), "{}", run.stdout);
    assert!(run.stdout.contains("(like 'kubeadm config images pull')"), "{}", run.stdout);
    let all = format!("{}{}", run.stdout, run.stderr);
    let own: Vec<&str> = all.lines().filter(|line| line.contains("kinit")).collect();
    assert!(own.is_empty(), "{own:#?}");
    assert!(kubeadm(&["inti"]).stderr.contains("unknown command \"inti\" for \"kubeadm\""));
}

#[test]
fn a_root_directory_that_is_not_there() {
    if Root::new().is_some() {
        let run = kinit(&["--rootfs", "/nowhere/at/all", "version"]);
        assert_eq!(run.status, 1);
        assert!(run.stderr.starts_with("error: failed to chroot to /nowhere/at/all: "), "{}", run.stderr);
    }
}

#[test]
fn flags_in_all_their_forms() {
    let Some(root) = Root::new() else { return };
    let phase = ["init", "phase", "certs", "sa", "--kubernetes-version=v1.37.2"];
    let run_with = |args: &[&str]| root.kinit(&[&phase[..], args].concat());
    assert!(run_with(&["--dry-run"]).ok().stdout.contains("[dryrun] Would write"));
    assert!(run_with(&["--dry-run=true"]).ok().stdout.contains("[dryrun] Would write"));
    assert!(!root.0.path("etc").exists());
    for verbose in [&["-v", "5"][..], &["-v=5"], &["-v5"], &["--v=5"], &["--v", "5"]] {
        let run = run_with(&[&["--dry-run"], verbose].concat()).ok();
        assert!(run.stderr.contains("[certs/sa] took "), "{verbose:?}: {}", run.stderr);
    }
    assert_eq!(run_with(&["--dry-run"]).ok().stderr, "", "quiet without -v");
    assert_eq!(root.kinit(&[&["-v", "5"], &phase[..], &["--dry-run"]].concat()).ok().status, 0, "in front as well");
    let wrong = run_with(&["--dry-run=maybe"]);
    assert_eq!(wrong.status, 1);
    assert!(wrong.stderr.starts_with("error: invalid argument \"maybe\" for \"--dry-run\" flag"), "{}", wrong.stderr);
    let wrong = run_with(&["-v", "many"]);
    assert!(wrong.stderr.starts_with("error: invalid argument \"many\" for \"-v, --v\" flag"), "{}", wrong.stderr);
    let wrong = run_with(&["--config"]);
    assert!(wrong.stderr.starts_with("error: flag needs an argument: --config"), "{}", wrong.stderr);

    assert!(!run_with(&["--dry-run=false"]).ok().stdout.contains("[dryrun]"));
    assert!(root.0.path("etc/kubernetes/pki/sa.key").exists());
}

#[test]
fn printed_defaults_are_a_configuration() {
    let Some(root) = Root::new() else { return };
    for kinds in [&[][..], &["--component-configs", "KubeletConfiguration,KubeProxyConfiguration"]] {
        let printed = kinit(&[&["config", "print", "init-defaults"], kinds].concat()).ok().stdout;
        root.0.file("config.yaml", &printed);
        root.kinit(&["init", "phase", "certs", "all", "--dry-run", "--config", "/config.yaml"]).ok();
    }
    let json = serde_json::to_string(&kinit::yaml::documents(&config("", "")).expect("YAML")[1]).expect("JSON");
    root.0.file("config.json", &json);
    root.kinit(&["init", "phase", "certs", "ca", "--dry-run", "--config", "/config.json"]).ok();
}
