//! Every command and flag of kubeadm v1.37.2 is there, with the same shorthand, type and default, or listed in
//! docs/compatibility.md as one that comes later; every flag more than that is listed there too.
//!
//! Both trees are read from `--help`, by the same eyes. kubeadm's is stored: `UPDATE=1 KUBEADM=/path/to/kubeadm cargo
//! test --test it command_tree` writes it anew, and with KUBEADM alone it is compared with that kubeadm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::compatibility::rows;
use crate::support::{PATH, Place, kubeadm, page, program, run};

const STORED: &str = "tests/golden/kubeadm-commands.txt";

/// Commands, by their words, with their flags by name.
type Tree = BTreeMap<String, BTreeMap<String, Flag>>;

/// All that a help text says of a flag but what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Flag {
    short: Option<char>,
    kind: String,
    default: Option<String>,
    /// The commands below take it too.
    persistent: bool,
}

#[test]
fn kubeadms_tree_is_the_stored_one() {
    let Some(kubeadm) = kubeadm() else { return };
    page(STORED, &written(&walk(&kubeadm)));
}

#[test]
fn every_command_of_kubeadm_is_there_or_listed() {
    let (theirs, ours) = (stored(), walk(program().as_str()));
    assert_eq!((theirs.len(), theirs.values().map(BTreeMap::len).sum()), (134, 703), "as kubeadm's help has them");
    let later: BTreeSet<&str> = rows("Commands that come later").iter().map(|row| unquoted(row[0])).collect();
    let is_later = |words: &str| later.iter().any(|listed| *listed == words || is_below(words, listed));
    let missing: Vec<&String> = theirs.keys().filter(|words| !ours.contains_key(*words)).collect();
    let unlisted: Vec<_> = missing.iter().filter(|words| !is_later(words)).collect();
    assert!(unlisted.is_empty(), "neither there nor listed as coming later: {unlisted:#?}");
    for words in later {
        assert!(theirs.contains_key(words), "{words} is listed as coming later, and no command of kubeadm");
        assert!(!ours.contains_key(words), "{words} is listed as coming later, and there");
    }
    let more: Vec<&String> = ours.keys().filter(|words| !theirs.contains_key(*words)).collect();
    assert!(more.is_empty(), "not in kubeadm: {more:#?}");
}

#[test]
fn every_flag_is_kubeadms_or_listed() {
    let (theirs, ours) = (stored(), walk(program().as_str()));
    let own: Vec<(&str, &str)> =
        rows("Flags of its own").iter().map(|row| (unquoted(row[0]), unquoted(row[1]))).collect();
    let mut used = BTreeSet::new();
    for (words, flags) in &ours {
        let known = &theirs[words];
        for (name, flag) in flags {
            let listed = own.iter().find(|(of, own)| own == name && (of == words || is_below(words, of)));
            match (known.get(name), listed) {
                (Some(known), None) => assert_eq!(flag, known, "{words} --{name}"),
                (None, Some(listed)) => drop(used.insert(*listed)),
                (Some(_), Some(_)) => panic!("{words} --{name} is listed as kinit's own, and kubeadm's"),
                (None, None) => panic!("{words} --{name} is neither kubeadm's nor listed as kinit's own"),
            }
        }
        let missing: Vec<&String> = known.keys().filter(|name| !flags.contains_key(*name)).collect();
        assert!(missing.is_empty(), "{words} lacks {missing:?}");
    }
    assert_eq!(used, own.into_iter().collect(), "each listed flag occurs");
}

/// Help is silent about them, kubeadm's too, so that the trees do not have them.
#[test]
fn deprecated_flags_are_where_kubeadm_has_them() {
    for component in ["apiserver", "controller-manager", "scheduler"] {
        let flag = format!("--{component}-extra-args=v=1");
        for phase in ["all", "apiserver", "controller-manager", "scheduler"] {
            let run = run(program().as_str(), &["init", "phase", "control-plane", phase, &flag, "--help"], PATH, "");
            assert_eq!(run.status == 0, phase == "all" || phase == component, "{phase} {flag}: {run:?}");
            assert!(!run.stdout.contains("-extra-args"), "{}", run.stdout);
        }
        let refused = run(program().as_str(), &["init", &flag], PATH, "");
        assert!(refused.stderr.starts_with(&format!("error: unknown flag: --{component}-extra-args\n")), "{refused:?}");
    }
    let line = "init phase control-plane all --dry-run --kubernetes-version=v1.37.2 --apiserver-extra-args=v=1 \
                --apiserver-advertise-address=192.0.2.10 --scheduler-extra-args v=2,a= --scheduler-extra-args=a=b";
    let run = run(program().as_str(), &line.split_whitespace().collect::<Vec<_>>(), PATH, "").ok();
    let flags = |name: &str| run.stdout.lines().filter(|line| line.contains(&format!("- --{name}="))).count();
    assert_eq!((flags("v"), flags("a")), (2, 2), "{}", run.stdout);
    assert_eq!(run.stderr.matches("-extra-args has been deprecated, use 'ClusterConfiguration.").count(), 2);
}

#[test]
fn under_the_name_kubeadm_no_help_says_kinit() {
    let place = Place::new();
    let link = place.path("kubeadm");
    std::os::unix::fs::symlink(program(), &link).expect("linked");
    for words in walk(program().as_str()).keys() {
        let words: Vec<&str> = words.split(' ').skip(1).chain(["--help"]).collect();
        let help = run(link.as_str(), &words, PATH, "").ok().stdout;
        assert!(help.contains("\nUsage:\n  kubeadm ") && !help.contains("kinit"), "{words:?}: {help}");
    }
}

fn unquoted(cell: &str) -> &str {
    cell.trim_matches('`').trim_start_matches("--")
}

fn is_below(words: &str, above: &str) -> bool {
    words.strip_prefix(above).is_some_and(|rest| rest.starts_with(' '))
}

/// Every command from the root down. `help` is the libraries' own, not counted.
fn walk(program: &str) -> Tree {
    let mut tree = Tree::new();
    visit(program, &[], &mut tree);
    tree
}

fn visit(program: &str, words: &[&str], tree: &mut Tree) -> BTreeSet<String> {
    let help = run(program, &[words, &["--help"]].concat(), PATH, "").ok().stdout;
    let mut flags = flags(&help, "Flags:");
    let rows = rows_below(&help, "Available Commands:").into_iter().filter_map(|row| row.split_whitespace().next());
    for child in rows.filter(|name| *name != "help") {
        for global in visit(program, &[words, &[child]].concat(), tree) {
            if let Some(flag) = flags.get_mut(&global) {
                flag.persistent = true;
            }
        }
    }
    tree.insert([&["kubeadm"], words].concat().join(" "), flags);
    self::flags(&help, "Global Flags:").into_keys().collect()
}

fn rows_below<'a>(help: &'a str, title: &str) -> Vec<&'a str> {
    help.lines().skip_while(|line| *line != title).skip(1).take_while(|line| !line.is_empty()).collect()
}

/// Rows such as `  -f, --force string   What it is for (default "x")`.
fn flags(help: &str, title: &str) -> BTreeMap<String, Flag> {
    let rows = rows_below(help, title).into_iter().filter(|row| row.trim_start().starts_with('-'));
    let flag = |row: &str| {
        let (head, about) = row.trim_start().split_once("   ").expect("a description");
        let (short, long) = head.split_once("--").expect("a long name");
        let (name, kind) = long.split_once(' ').unwrap_or((long, "bool"));
        let default = about.rsplit_once("(default ").and_then(|(_, rest)| rest.strip_suffix(')'));
        let flag = Flag {
            short: short.chars().nth(1),
            kind: kind.to_owned(),
            default: default.map(str::to_owned),
            persistent: false,
        };
        (name.to_owned(), flag)
    };
    rows.map(flag).collect()
}

/// The stored form: a command, and its flags below it.
fn written(tree: &Tree) -> String {
    let mut text = String::from("# Commands and flags of kubeadm v1.37.2, from its --help.\n");
    for (words, flags) in tree {
        writeln!(text, "{words}").expect("into a String");
        for (name, flag) in flags {
            let short = flag.short.map(|short| format!("-{short}, ")).unwrap_or_default();
            let persistent = if flag.persistent { " persistent" } else { "" };
            let default = flag.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
            writeln!(text, "  {short}--{name} {}{persistent}{default}", flag.kind).expect("into a String");
        }
    }
    text
}

fn stored() -> Tree {
    let text = include_str!("../golden/kubeadm-commands.txt");
    let mut tree = Tree::new();
    let mut command = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            None => {
                command = line.to_owned();
                tree.insert(command.clone(), BTreeMap::new());
            }
            Some(row) => {
                let (short, rest) = row.split_once("--").expect("a long name");
                let (head, default) = rest.split_once(" = ").map_or((rest, None), |(head, value)| (head, Some(value)));
                let mut head = head.split(' ');
                let name = head.next().expect("a name").to_owned();
                let flag = Flag {
                    short: short.chars().nth(1),
                    kind: head.next().expect("a type").to_owned(),
                    default: default.map(str::to_owned),
                    persistent: head.next().is_some(),
                };
                tree.get_mut(&command).expect("begun").insert(name, flag);
            }
        }
    }
    tree
}
