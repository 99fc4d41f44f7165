//! What errors tell a person to type is there to be typed.

use camino::{Utf8Path, Utf8PathBuf};
use kinit::config::token::PIN_COMMAND;
use kinit::pki::Certificate;

use crate::support::{PATH, Place, config, kinit, run};

#[test]
fn every_command_of_this_program_in_an_error_exists() {
    let mut commands: Vec<String> = sources().iter().flat_map(|text| commands(text)).collect();
    commands.sort();
    commands.dedup();
    for known in ["config print", "init phase bootstrap-token", "init phase upload-config kubeadm", "reset"] {
        assert!(commands.iter().any(|command| command == known), "{known} is not in {commands:#?}");
    }
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = kinit(&words).ok().stdout;
        // That of the group is printed for a word that is no command of it.
        assert!(help.contains(&format!("\nUsage:\n  kinit {command} ")), "there is no {command}, but\n{help}");
    }
}

/// What follows the program's name in a text, up to the first word that is none of a command.
fn commands(text: &str) -> Vec<String> {
    let first = ["certs", "config", "init", "join", "kubeconfig", "reset", "token", "upgrade"];
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let texts = ["{program} ", "{PROGRAM} "].into_iter().flat_map(|program| text.split(program).skip(1));
    let after = texts.map(|rest| {
        let line = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ' ' && letter != '-').next();
        let words = line.unwrap_or_default().split(' ').take_while(is_word).take_while(|word| !word.starts_with('-'));
        words.collect::<Vec<_>>()
    });
    after.filter(|words| words.first().is_some_and(|word| first.contains(word))).map(|words| words.join(" ")).collect()
}

#[test]
fn advice_about_a_configuration_is_for_the_command_that_was_typed() {
    let place = Place::new();
    let file = place.file("x.yaml", &config("", "").replace("node-1", "a_b"));
    for (args, hint) in [
        (&["init", "--dry-run", "--config", &file][..], "give another --node-name, or nodeRegistration.name in the"),
        (&["config", "validate", "--config", &file], "correct nodeRegistration.name in the"),
        (&["config", "migrate", "--old-config", &file], "correct nodeRegistration.name in the"),
        (&["config", "images", "list", "--config", &file], "correct nodeRegistration.name in the"),
        (&["init", "--config=/nowhere"], "`kinit config print init-defaults` shows"),
        (&["join", "--config", &file], "add a document of that kind, or give the file to the command that it is for; "),
        (&["join", "--config", &file], "`kinit config print join-defaults` shows"),
        (&["reset", "--dry-run", "--config=/nowhere"], "`kinit config print reset-defaults` shows"),
        (&["config", "images", "list", "--config=/nowhere"], "`kinit config print init-defaults` shows"),
        (&["config", "validate", "--config=/nowhere"], "`kinit config print --help` lists"),
    ] {
        kinit(args).refused(&[hint]);
    }
}

/// The texts of all source files; strings that go on in the next line are whole.
#[expect(clippy::disallowed_methods, reason = "reads the sources")]
fn sources() -> Vec<String> {
    let mut left = vec![Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut texts = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(path.read_dir_utf8().expect("readable").map(|entry| entry.expect("readable").into_path()));
        } else if path.extension() == Some("rs") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let parts = text.split("\\\n").enumerate();
            texts.push(parts.map(|(at, part)| if at == 0 { part } else { part.trim_start() }).collect());
        }
    }
    texts
}

#[test]
fn the_pin_of_a_ca_is_printed_by_what_is_said_to_print_it() {
    let ca = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pki/testdata/ca.crt");
    let command = PIN_COMMAND.replace("/etc/kubernetes/pki/ca.crt", ca.as_str());
    assert_ne!(command, PIN_COMMAND);
    if run("sh", &["-c", "command -v openssl"], PATH, "").status != 0 {
        return;
    }
    let printed = run("sh", &["-c", &command], PATH, "").ok().stdout;
    let pem = include_bytes!("../../src/pki/testdata/ca.crt");
    assert_eq!(printed.trim_end(), Certificate::chain_from_pem(pem).expect("a certificate").first.pin());
}
