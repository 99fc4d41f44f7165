//! `config validate` and `config migrate` of the files in `tests/golden/config-files.txt`: what kubeadm v1.37.2 says to
//! each is stored, and kinit says the same; documents are compared by value.
//!
//! `UPDATE=1 KUBEADM=/path/to/kubeadm cargo test --test it config_file` writes its words anew; with KUBEADM alone they
//! are compared. With `KUBEADM_DIR` set to a directory of programs `kubeadm-1.26` and `kubeadm-1.36`, these judge how
//! configurations of their time are migrated.

#![expect(clippy::disallowed_methods, reason = "a test reads its files")]

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};

use kinit::yaml;

use crate::support::{PATH, Place, Root, as_stored, kinit, kubeadm, kubeadms, page, program, run};

const STORED: &str = "tests/golden/kubeadm-config-files.txt";
const COMMANDS: [(&str, &str); 2] = [("validate", "--config"), ("migrate", "--old-config")];

#[test]
fn kubeadm_says_what_is_stored() {
    let Some(kubeadm) = kubeadm() else { return };
    page(STORED, &cases().flat_map(|case| entries(&kubeadm, &case)).collect::<String>());
}

#[test]
fn kinit_says_the_same() {
    let stored = include_str!("../golden/kubeadm-config-files.txt");
    as_stored(stored, cases().flat_map(|case| entries(program().as_str(), &case)));
}

/// A file's name, the flags it is read with, and its content.
type Case = (&'static str, Vec<&'static str>, &'static str);

fn cases() -> impl Iterator<Item = Case> {
    let sections = include_str!("../golden/config-files.txt").split("==== ").skip(1);
    sections.map(|section| {
        let (head, content) = section.split_once('\n').expect("a line of its own");
        let mut words = head.split(' ');
        (words.next().expect("a name"), words.collect(), content)
    })
}

/// For each command its status, the error's meaning and the documents it writes.
fn entries(program: &str, (name, flags, content): &Case) -> Vec<String> {
    let place = Place::new();
    let file = place.file("config.yaml", content);
    let entry = |(command, flag): (&str, &str)| {
        let run = run(program, &[&["config", command, flag, &file], &flags[..]].concat(), PATH, "");
        let error = run.stderr.lines().find_map(|line| line.strip_prefix("error: ")).map(meaning).unwrap_or_default();
        format!("==== {command} {name}\n{}: {error}\n{}", run.status, written(&run.stdout))
    };
    COMMANDS.into_iter().map(entry).collect()
}

/// An error without what each says in its own words: where a field stands and what its type should be.
fn meaning(error: &str) -> String {
    let error = error.split_once("config.yaml\": ").map_or(error, |(_, error)| error);
    if let Some((_, types)) = error.split_once("unknown configuration APIs: ") {
        return format!("unknown types {}", quoted(types).join(" "));
    }
    let error = error.split_once(" (document ").map_or(error, |(error, _)| error);
    if let Some((document, fields)) = error.split_once("strict decoding error: ") {
        let paths = fields.split("unknown field \"").skip(1).filter_map(|field| field.split('"').next());
        return format!("{document}unknown fields {}", paths.collect::<Vec<_>>().join(", "));
    }
    match wrong_type(error) {
        Some(path) => format!("wrong type of {path}"),
        None => error.to_owned(),
    }
}

/// The words of types in quotes, in the order of letters: kubeadm has the group, the version and the kind, kinit the kind, and
/// the group with the version.
fn quoted(types: &str) -> Vec<&str> {
    let quoted = types.split('"').skip(1).step_by(2);
    let mut words: Vec<&str> = quoted.flat_map(|word| word.split('/')).collect();
    words.sort_unstable();
    words
}

/// `a.b.c` of a field that can't be decoded; Go leaves the numbers of items out, and puts the names of some types in.
fn wrong_type(error: &str) -> Option<String> {
    let kubeadms = || error.split_once(" Go struct field ")?.1.split_once('.')?.1.split_once(" of type ");
    let kinits = || error.split_once(": ")?.1.split_once(" at line ").filter(|(_, why)| why.contains("invalid value "));
    let (path, _) = kubeadms().or_else(kinits)?;
    let parts = path.split('.').filter(|part| !part.starts_with(|c: char| c.is_ascii_uppercase()));
    Some(parts.map(|part| part.split('[').next().unwrap_or_default()).collect::<Vec<_>>().join("."))
}

/// Documents in one form.
fn written(text: &str) -> String {
    let documents = yaml::documents(text).expect("YAML");
    let texts: Vec<String> = documents.iter().map(|document| yaml::to_string(document).expect("YAML")).collect();
    texts.join("---\n")
}

#[test]
fn the_new_file() {
    let place = Place::new();
    let old = place.file("old.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\n");
    let new = place.path("new.yaml");
    let migrate = |new: &str| kinit(&["config", "migrate", "--old-config", &old, "--new-config", new]);
    let masked = |umask: &str, new: &str| {
        let script = format!("umask {umask}; exec {} config migrate --old-config {old} --new-config \"$0\"", program());
        run("sh", &["-c", &script, new], PATH, "")
    };
    assert_eq!(masked("022", new.as_str()).ok().stdout, "");
    let printed = kinit(&["config", "migrate", "--old-config", &old]).ok().stdout;
    assert_eq!(fs::read_to_string(&new).expect("written"), printed);
    assert_eq!(printed, kinit(&["config", "print", "upgrade-defaults"]).ok().stdout);
    assert_eq!(fs::metadata(&new).expect("written").permissions().mode() & 0o777, 0o644);
    let mut beside = assert_cmd::Command::new(program());
    let args = ["config", "migrate", "--old-config", "old.yaml", "--new-config", "beside.yaml"];
    assert!(beside.current_dir(place.path("")).args(args).output().expect("runs").status.success());
    assert_eq!(fs::read_to_string(place.path("beside.yaml")).expect("written"), printed);
    // A device stays one.
    std::os::unix::fs::symlink("/dev/null", place.path("null")).expect("made");
    migrate(place.path("null").as_str()).ok();
    assert!(fs::metadata(place.path("null")).expect("there").file_type().is_char_device());
    // What is there keeps its mode and owner, and a link stays one.
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).expect("its own");
    let root = nix::unistd::geteuid().is_root();
    if root {
        std::os::unix::fs::chown(&new, Some(7), Some(8)).expect("root may");
    }
    std::os::unix::fs::symlink("new.yaml", place.path("link")).expect("made");
    migrate(place.path("link").as_str()).ok();
    assert!(place.path("link").is_symlink());
    let there = fs::metadata(&new).expect("there");
    assert_eq!(there.permissions().mode() & 0o777, 0o600);
    assert!(!root || (there.uid(), there.gid()) == (7, 8), "{there:?}");
    std::os::unix::fs::symlink("made.yaml", place.path("dangling")).expect("made");
    migrate(place.path("dangling").as_str()).ok();
    assert!(place.path("made.yaml").is_file() && place.path("dangling").is_symlink());
    assert_eq!(migrate("/dev/stdout").ok().stdout, printed, "a pipe has no name to lead to");
    masked("077", place.path("private").as_str()).ok();
    assert_eq!(fs::metadata(place.path("private")).expect("written").permissions().mode() & 0o777, 0o600);
    let refused = migrate(place.path("old.yaml/x").as_str());
    assert!(refused.status == 1 && refused.stderr.contains("failed to write the new configuration to the file"));
    let (file, dir) = (place.path("missing/dir/x.yaml"), place.path("missing/dir"));
    let failed = format!("failed to write the new configuration to the file {file:?}: there is no directory {dir}\n");
    migrate(file.as_str()).refused(&[&failed, &format!("hint: mkdir -p {dir}\n")]);
    assert!(!place.path("missing").exists());
}

#[test]
fn what_is_told_beside_the_result() {
    let place = Place::new();
    let text = "apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\nuseHyperKubeImage: true\n\
                kubernetesVersion: v1.37.2\n---\n\
                apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
    let file = place.file("old.yaml", text);
    let told = |args: &[&str]| kinit(&[&["config"], args].concat()).ok().stderr;
    let old = "of an old version of the API: \"kubeadm.k8s.io/v1beta2\" (kind: \"ClusterConfiguration\")";
    let lost = "ClusterConfiguration: useHyperKubeImage at line 3, column 1 is not carried over";
    let left = "the KubeProxyConfiguration in ";
    for (args, words) in [
        (&["migrate", "--old-config", &file][..], &[lost, left][..]),
        (&["validate", "--config", &file], &[old, lost]),
        (&["validate", "--config", &file, "--allow-deprecated-api"], &[lost]),
        (&["images", "list", "--config", &file], &[old, lost]),
    ] {
        let said = told(args);
        for all in [old, lost, left] {
            assert_eq!(said.matches(all).count(), usize::from(words.contains(&all)), "{args:?}: {all}:\n{said}");
        }
    }
}

/// What is not written would be gone.
#[test]
fn a_file_with_component_configurations_is_not_written_over() {
    let place = Place::new();
    let reset = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\n";
    let text = format!("{reset}---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n");
    let file = place.file("x.yaml", &text);
    std::os::unix::fs::symlink("x.yaml", place.path("link")).expect("made");
    let migrate = |new: &str| kinit(&["config", "migrate", "--old-config", &file, "--new-config", new]);
    for same in [file.as_str(), place.path("link").as_str(), place.path("./x.yaml").as_str()] {
        migrate(same).refused(&["the KubeletConfiguration in ", " would be lost", "hint: write to another file with"]);
        assert_eq!(fs::read_to_string(&file).expect("there"), text);
    }
    migrate(place.path("new.yaml").as_str()).ok();
    place.file("x.yaml", reset);
    migrate(&file).ok();
    assert_ne!(fs::read_to_string(&file).expect("there"), reset, "defaults are filled in");
}

#[test]
fn mandatory_flags() {
    for (command, flag) in [("migrate", "old-config"), ("validate", "config")] {
        kinit(&["config", command]).refused(&[&format!("error: the --{flag} flag is mandatory\n")]);
        kinit(&["config", command, &format!("--{flag}=/nowhere")]).refused(&["/nowhere", "no such file"]);
    }
}

#[test]
fn a_slip_of_the_pen_is_shown() {
    let place = Place::new();
    let file = place.file("x.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\nfroce: true\n");
    let said = "strict decoding error: unknown field \"froce\" at line 3, column 1 (did you mean \"force\"?)";
    kinit(&["config", "validate", "--config", &file]).refused(&[said, "x.yaml"]);
}

/// What the kubeadms of their time make of it, one after the other, is what kinit makes at once.
#[test]
fn old_files_become_what_their_own_kubeadms_made_of_them() {
    let Some(dir) = kubeadms() else { return };
    let migrated = |program: &str, text: &str| {
        let place = Place::new();
        run(program, &["config", "migrate", "--old-config", &place.file("old.yaml", text)], PATH, "").ok().stdout
    };
    for (name, minors) in [("v1beta2", &[26, 36][..]), ("v1beta3", &[36])] {
        for kind in ["init", "join"] {
            let file = format!("{}/tests/golden/old-api/{name}-{kind}.yaml", env!("CARGO_MANIFEST_DIR"));
            let text = fs::read_to_string(&file).expect(&file);
            let at = |minor: &u64, text: &str| {
                let line = |line: &str| match line.strip_prefix("kubernetesVersion: ") {
                    Some(_) => format!("kubernetesVersion: v1.{minor}.0\n"),
                    None => format!("{line}\n"),
                };
                text.lines().map(line).collect::<String>()
            };
            let theirs = minors
                .iter()
                .fold(text.clone(), |text, minor| migrated(&format!("{dir}/kubeadm-1.{minor}"), &at(minor, &text)));
            let ours = migrated(program().as_str(), &at(&36, &text));
            assert_eq!(written(&ours), written(&theirs), "{file}");
        }
    }
}

/// A node's own files can be read by root alone; what a directory in their place is to root, they are to all others.
#[test]
fn what_only_root_may_read_is_not_looked_at() {
    let Some(root) = Root::new() else { return };
    fs::create_dir_all(root.0.path("var/lib/kubelet/instance-config.yaml")).expect("can be made");
    root.0.file("x.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\n");
    for args in [
        &["config", "validate", "--config=/x.yaml"][..],
        &["config", "migrate", "--old-config=/x.yaml"],
        &["config", "images", "list", "--kubernetes-version=v1.37.2"],
    ] {
        root.kinit(args).ok();
    }
}
