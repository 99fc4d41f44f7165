//! Completion: what `__complete` answers, and what the shells make of it, typed into them.

use std::os::unix::fs::symlink;

use camino::Utf8Path;

use crate::support::{PATH, Place, Root, kinit, program, run, skipped};

/// The candidates for the last word of a line, and the number that ends the answer.
fn candidates(line: &str) -> (Vec<String>, String) {
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let run = kinit(&[&["__completeNoDesc"], &words[..]].concat()).ok();
    assert_eq!(run.stderr, "");
    let mut lines: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
    let then = lines.pop().expect("an answer ends with a number");
    (lines, then)
}

#[track_caller]
fn completes(line: &str, words: &[&str], then: &str) {
    assert_eq!(candidates(line), (words.iter().map(ToString::to_string).collect(), then.to_owned()), "{line}");
}

#[test]
fn commands_and_flags() {
    completes("kinit ini", &["init"], ":4");
    completes("kinit init phase certs apiserver-", &["apiserver-etcd-client", "apiserver-kubelet-client"], ":4");
    completes("kinit init foo pha", &[], ":4");
    completes("kinit --v 3 init pha", &["phase"], ":4");
    completes("kinit init --skip-p", &["--skip-phases"], ":4");
    completes("kinit init --config x --con", &["--control-plane-endpoint"], ":4");
    completes("kinit init phase certs ca --pod", &[], ":4");
    completes("kinit help init ph", &["phase"], ":4");
    completes("kinit completion ", &["bash", "fish", "zsh"], ":4");
    let (all, _) = candidates("kinit init --");
    assert!(all.len() > 25 && all.contains(&"--help".to_owned()) && !all.contains(&"--print-manifest".to_owned()));
    let described = kinit(&["__complete", "ver"]).ok().stdout;
    assert_eq!(described, "version\tPrint the version of kinit\n:4\n");
}

#[test]
fn values_of_flags() {
    completes("kinit init --skip-phases addon", &["addon", "addon/coredns", "addon/kube-proxy"], ":6");
    completes(
        "kinit init --skip-phases=preflight,upload-config/",
        &["preflight,upload-config/kubeadm", "preflight,upload-config/kubelet"],
        ":6",
    );
    completes("kinit join --skip-phases preflight,pre", &[], ":6");
    completes("kinit reset --skip-phases=", &["preflight", "remove-etcd-member", "cleanup-node"], ":6");
    completes("kinit init --ignore-preflight-errors Swap,Num", &["Swap,NumCPU"], ":6");
    completes("kinit version -o ", &["json", "short", "yaml"], ":4");
    completes("kinit config images list -o jsonpath-a", &["jsonpath-as-json="], ":6");
    completes("kinit config print init-defaults --component-configs Kubel", &["KubeletConfiguration"], ":6");
    completes("kinit init --dry-run=t", &["true"], ":4");
    completes(
        "kinit init --kubernetes-version stable-1.2",
        &["stable-1.29", "stable-1.28", "stable-1.27", "stable-1.26", "stable-1.25", "stable-1.24", "stable-1.23"],
        ":4",
    );
    completes("kinit init --config ", &[], ":0");
    completes("kinit init --patches=x", &[], ":16");
    completes("kinit init --token ", &[], ":4");
    completes("kinit init --nothing=x", &[], ":0");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "looks at the sources")]
fn every_check_of_a_fixed_name_is_known() {
    let (checks, _) = candidates("kinit init --ignore-preflight-errors ");
    let mut named = 0;
    for file in Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("src/preflight").read_dir_utf8().expect("there") {
        let file = file.expect("readable").into_path();
        if file.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("text");
        for (_, rest) in ["Finding::error(\"", "Finding::warning(\""]
            .iter()
            .flat_map(|call| text.match_indices(call))
            .map(|(at, call)| (at, &text[at + call.len()..]))
        {
            let name = rest.split('"').next().expect("closed");
            assert!(checks.iter().any(|known| known == name), "{name}");
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn image_repositories_are_those_of_the_configuration() {
    let place = Place::new();
    let config = "kind: ClusterConfiguration\nimageRepository: a.example.com:5000\ndns: {imageRepository: b.example.com}\n\
                  etcd: {local: {imageRepository: ''}}\n---\nkind: Other\n";
    let path = place.file("c.yaml", config);
    let known = ["a.example.com:5000", "b.example.com", "registry.k8s.io"];
    completes(&format!("kinit init --config {path} --image-repository "), &known, ":4");
    completes(
        &format!("kinit --image-repository=a init --config={path} --image-repository=b"),
        &["b.example.com"],
        ":4",
    );
    completes("kinit init --config /nowhere --image-repository ", &["registry.k8s.io"], ":4");
    let broken = place.file("broken.yaml", "a: [");
    completes(&format!("kinit init --config {broken} --image-repository "), &["registry.k8s.io"], ":4");
}

#[test]
fn node_names_are_this_machines_where_no_cluster_answers() {
    let (names, then) = candidates("kinit join --node-name ");
    let own = nix::unistd::gethostname().expect("has a name").into_string().expect("UTF-8").to_lowercase();
    assert_eq!((names, then.as_str()), (vec![own], ":4"));
}

/// What a line becomes when it is typed into a shell, with a tab at its end. Ctrl-A goes to its beginning.
fn typed(shell: &str, flags: &str, setup: &str, line: &str, place: &Place) -> String {
    let input = format!("{setup}\n{line}\t\u{1}echo GOT: \nexit\n");
    let path = format!("{}:{PATH}", place.path("bin"));
    let command = format!("cd {}; HOME=$PWD TERM=dumb {shell} {flags} -i", place.path(""));
    let text = run("script", &["-qec", &command, "/dev/null"], &path, &input).stdout;
    let got =
        text.lines().rev().find_map(|line| line.trim_start_matches('\r').strip_prefix("GOT: ").map(str::to_owned));
    got.unwrap_or_else(|| panic!("no line came of it: {text}")).trim_end().to_owned()
}

const TYPED: [(&str, &str); 8] = [
    ("kinit init phase cer", "kinit init phase certs"),
    ("kinit init --skip-phases preflight,addon/c", "kinit init --skip-phases preflight,addon/coredns"),
    ("kinit init --skip-phases=preflight,addon/c", "kinit init --skip-phases=preflight,addon/coredns"),
    (
        "kinit init --config c.yaml --image-repository a.example.com:5",
        "kinit init --config c.yaml --image-repository a.example.com:5000/k8s",
    ),
    (
        "kinit init --config=c.yaml --image-repository=a.example.com:5",
        "kinit init --config=c.yaml --image-repository=a.example.com:5000/k8s",
    ),
    ("kinit init --config=c.ya", "kinit init --config=c.yaml"),
    ("kinit init --cert-dir b", "kinit init --cert-dir bin/"),
    ("kinit version -o sh", "kinit version -o short"),
];

/// A folder with kinit in its path, and files to complete.
fn workplace() -> Place {
    let place = Place::new();
    place.file("c.yaml", "imageRepository: a.example.com:5000/k8s\n");
    place.file("bin/.keep", "");
    symlink(program(), place.path("bin/kinit")).expect("linked");
    place
}

fn is_there(shell: &str) -> bool {
    let there = Utf8Path::new("/usr/bin").join(shell).exists();
    if !there {
        skipped(&format!("no {shell}"));
    }
    there
}

#[test]
fn typed_into_bash() {
    if !is_there("bash") || !is_there("script") {
        return;
    }
    let place = workplace();
    for (line, expected) in TYPED {
        let setup = "PS1=; source <(kinit completion bash)";
        assert_eq!(typed("bash", "--norc --noprofile", setup, line, &place), expected, "{line}");
    }
}

#[test]
fn typed_into_zsh() {
    if !is_there("zsh") || !is_there("script") {
        return;
    }
    let place = workplace();
    for (line, expected) in TYPED {
        let setup = "PS1=; bindkey -e; autoload -U compinit; compinit -u; source <(kinit completion zsh)";
        // Zsh takes the slash of a directory away when the line ends there.
        let line = typed("zsh", "-f", setup, line, &place);
        assert_eq!(line, expected.trim_end_matches('/'));
    }
}

#[test]
fn asked_of_fish() {
    if !is_there("fish") {
        return;
    }
    let place = workplace();
    let path = format!("{}:{PATH}", place.path("bin"));
    for (line, expected) in TYPED {
        let ask = format!("cd {}; kinit completion fish | source; complete -C '{line}'", place.path(""));
        let answer = run("/usr/bin/fish", &["--no-config", "-c", &ask], &path, "").ok().stdout;
        let last = expected.rsplit(' ').next().expect("a word");
        let words: Vec<&str> = answer.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(words, [last], "{line}");
    }
}

#[test]
fn scripts_of_every_shell() {
    for (shell, mark) in
        [("bash", "complete -o default -F _kinit kinit"), ("zsh", "#compdef kinit"), ("fish", "complete -c kinit")]
    {
        let run = kinit(&["completion", shell]).ok();
        assert!(run.stdout.contains(mark) && !run.stdout.contains("PROGRAM"), "{shell}: {}", run.stdout);
    }
    kinit(&["completion"]).refused(&["error: shell not specified", "hint: kinit completion bash"]);
    let other = kinit(&["completion", "tcsh"]);
    assert!(
        other
            .stderr
            .starts_with("error: unsupported shell type \"tcsh\", the supported shell types are [bash fish zsh]")
    );
}

#[test]
fn a_question_that_is_none_is_answered_with_nothing() {
    for words in [&["__complete"][..], &["__complete", "--"], &["__complete", "\u{1}", ""], &["__complete", "--config"]]
    {
        assert_eq!(kinit(words).ok().stderr, "");
    }
    if Root::new().is_some() {
        completes("kinit --rootfs /nowhere ini", &["init"], ":4");
    }
}
