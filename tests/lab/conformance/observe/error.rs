//! What an error means: which field, flag, command or file is named, and in what sort of complaint. Sentences differ between programs, and between
//! the minors of kubeadm; what no rule knows counts word by word.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// What is said, as a regular expression, and what it means. Every rule that fits counts, every time that it fits.
#[rustfmt::skip]
const RULES: &[(&str, &str)] = &[
    // The command line.
    (r"unknown flag: (--[\w-]+)", "unknown flag $1"),
    (r"unknown shorthand flag: '(.)'", "unknown flag -$1"),
    (r#"unknown command "([^"]*)" for "([^"]*)""#, "unknown command $1 of $2"),
    (r#"invalid argument "((?:[^"\\]|\\.)*)" for "(?:-\w, )?(--[\w-]+)" flag"#, "flag $2 with the value $1"),
    (r"flag needs an argument: (?:'\w' in )?(-[\w-]+)", "flag $1 without a value"),
    (r"can not mix '--config' with arguments \[([^\]]*)\]", "--config with $1"),
    (r#"couldn't use "([^"]*)" as "apiserver-advertise-address""#, "address $1"),
    (r#"unable to read config from "([^"]*)""#, "unreadable $1"),
    (r"(?:open|read) (\S+): (?:no such file or directory|is a directory|not a directory)", "unreadable $1"),
    // Documents and their fields.
    (r"invalid configuration for GroupVersionKind ([^:]*): kind and apiVersion is mandatory", "document without kind: $1"),
    (r#"no kind "([^"]*)" is registered for version "([^"]*)""#, "unknown kind $1 of $2"),
    (r#"experimental API spec: "([^"]*)" \(kind: "([^"]*)"\) is not allowed"#, "experimental $2 of $1"),
    (r#"kind "([^"]*)" is specified twice"#, "two of $1"),
    (r"unexpected GroupVersion string: (\S+)", "apiVersion $1"),
    (r"no (\w+) or (\w+) kind was found in", "neither $1 nor $2"),
    (r"no (\w+) found in the supplied config", "no $1"),
    (r#"([A-Za-z][\w.\-/]*(?:\[[^\]\s]*\][\w.]*)*): (Invalid value|Required value|Forbidden|Duplicate value|Unsupported value|Not found|Too long|Too many|Internal error)"#, "field $1: $2"),
    (r#"unknown field "([^"]*)""#, "unknown field $1"),
    (r"cannot unmarshal \w+(?: \S+)? into Go (?:struct field|value) (?:\w+\.)?([\w.]+)? ?of type", "type of $1"),
    (r"([\w.\[\]]+) at line \d+, column \d+: invalid (?:value|type)", "type of $1"),
    (r#"time: (?:missing unit in|invalid|unknown unit "[^"]*" in) duration "([^"]*)""#, "duration $1"),
    (r#"parsing time "([^"]*)""#, "time $1"),
    (r"unrecognized feature-gate key: (\S+)", "feature gate $1"),
    (r"missing bool value for feature-gate key: ?(\S+)", "feature gate $1 without a value"),
    (r#"version "([^"]*)" doesn't match patterns"#, "version $1"),
    (r"only supports deploying clusters with the control plane version >= .*Current version: (\S+)", "too old: $1"),
    // Joining.
    (r"failed to verify JWS signature of received cluster info object", "token of another cluster"),
    (r"cluster CA found in cluster-info ConfigMap is invalid", "CA pin of another cluster"),
    (r"kinit can't yet join a node to the control plane", "join of a control plane"),
    // The machine.
    (r"\[ERROR ([\w./-]+)\]", "preflight check $1"),
    (r"existing certificates? and keys? can't be used|invalid or incomplete external CA|failure loading|failed to load|couldn't load", "existing certificates"),
];

/// Rules that go first, and take what they match out of the text: other rules would find less in it. First what only kinit refuses.
#[rustfmt::skip]
const WHOLE: &[(&str, &str)] = &[
    (r"the configuration is not valid YAML: line \d+, column \d+: duplicate mapping key: .*", "duplicate key"),
    (r#"localAPIEndpoint\.advertiseAddress: Invalid value: "[^"]*": an IPv[46] address needs a first service subnet of its family[^\n,]*, but [^;]*; [^,\]\n]*, or another address"#, "address of another family"),
    (r#"networking\.podSubnet: Invalid value: "[^"]*": it overlaps the service subnet [^;]*; choose subnets apart from each other"#, "overlapping subnets"),
    (r#"discovery\.bootstrapToken\.caCertHashes: Invalid value: "[^"]*": a pin is "sha256:" and the 64 hex digits of the CA public key's hash"#, "malformed pin"),
    // Then what only kubeadm refuses.
    (r#"your configuration file uses an old API spec: "([^"]*)" \(kind: "([^"]*)"\).*"#, "old version $1"),
    (r#"bootstrapTokens\.\d+: Invalid value: "": the BootstrapToken \.TTL and \.Expires fields are mutually exclusive"#, "ttl and expires of a token"),
    (r"(?:couldn't get version/kind; json parse error: |could not interpret GroupVersionKind; unmarshal error: )?error converting YAML to JSON: yaml: .*found incompatible YAML document", "YAML directive"),
    (r"(?:couldn't get version/kind; json parse error|could not interpret GroupVersionKind; unmarshal error): invalid character '\.' after top-level value", "JSON before the end of a document"),
    // A token is read with its document, or checked with the other fields.
    (r#"the bootstrap token "([^"]*)" was not of the form .*"#, "token $1"),
    (r#"bootstrapTokens\.\d+\.token: Invalid value: "([^"]*)": the bootstrap token is invalid"#, "token $1"),
    (r#"bootstrapTokens\[\d+\]\.token at line \d+, column \d+: invalid value ([^,]*), expected a string"#, "token $1"),
    // Files that are no documents: what is no YAML to one reader is a text to another.
    (r"(?:couldn't get version/kind; json parse error|could not interpret GroupVersionKind; unmarshal error): .*cannot unmarshal \w+ into Go value of type (?:struct|runtime\.TypeMeta).*", "no document"),
    (r"(?:couldn't get version/kind; json parse error|could not interpret GroupVersionKind; unmarshal error): .*", "no document"),
    (r"document \d+ of the configuration is not a map of fields but .*", "no document"),
    (r"(?:couldn't get version/kind; json parse error: |could not interpret GroupVersionKind; unmarshal error: )?error converting YAML to JSON: yaml: .*", "no document"),
    (r"the configuration is not valid YAML: .*", "no document"),
    (r#"[\w.\[\]]+ at line \d+, column \d+: invalid value "([^"]*)", expected a time"#, "time $1"),
    (r"unknown configuration APIs: \[\]schema\.GroupVersionKind\{(.*)\}", "unknown types $1"),
];

static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(RULES));
static WHOLE_COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(WHOLE));

fn compiled(rules: &'static [(&str, &str)]) -> Vec<(Regex, &'static str)> {
    rules.iter().filter_map(|(pattern, meaning)| Some((Regex::new(pattern).ok()?, *meaning))).collect()
}

/// What only one of the two puts into a field's path: the number of an item, and the name of a Go type that stands within another.
static ITEMS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[\d+\]|\.[A-Z]\w*").ok());

/// Lines that are no part of an error: of the logger, of advice, what a phase says, and Go's stack that `-v 5` brings.
static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(\t\[WARNING [\w./-]+\]: |[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ |To see the stack trace|hint: |warning: |error: $|\s+help: |\[[\w-]+\] |Did you mean this\?|\t\w[\w-]*$|\s*$|\t/\S+:\d+$|(?:[\w.-]+/)*[\w-]+\.(?:\(\*?\w+\)\.)?[\w.]+$)").ok()
});

/// Which phase it was, and what Go wraps around an error of the configuration.
static PHASE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:error execution phase [\w/-]+|could not convert cfg to an internal cfg): ").ok());

/// The meanings of what was said on standard error.
pub(super) fn meanings(stderr: &str) -> BTreeSet<String> {
    let noise = |line: &&str| NOISE.as_ref().is_some_and(|noise| noise.is_match(line));
    let lines: Vec<&str> = stderr.lines().filter(|line| !noise(line)).collect();
    let mut text = lines.join("\n");
    let mut found = BTreeSet::new();
    for (rule, meaning) in WHOLE_COMPILED.iter() {
        found.extend(matches(rule, meaning, &text));
        text = rule.replace_all(&text, "").into_owned();
    }
    found.extend(COMPILED.iter().flat_map(|(rule, meaning)| matches(rule, meaning, &text)));
    if found.is_empty() { [plain(&text)].into() } else { found }
}

fn matches(rule: &Regex, meaning: &str, text: &str) -> Vec<String> {
    let expanded = rule.captures_iter(text).map(|found| {
        let mut expanded = String::new();
        found.expand(meaning, &mut expanded);
        match ITEMS.as_ref() {
            Some(items) if meaning.starts_with("type of ") => items.replace_all(&expanded, "").into_owned(),
            _ => expanded,
        }
    });
    expanded.collect()
}

/// The words alone, without what programs put in front of every error.
fn plain(text: &str) -> String {
    let text = text.trim_start_matches("error: ").trim_start_matches("Error: ");
    PHASE.as_ref().map_or(text.into(), |phase| phase.replace(text, "")).into_owned()
}
