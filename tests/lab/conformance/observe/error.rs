//! What an error means: which field, flag, command or file is named, and in what sort of complaint. Sentences differ between programs, and between
//! the minors of kubeadm; a line that no rule knows counts word by word.

use std::collections::{BTreeSet, HashSet};
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
    (r"error parsing (?:template|jsonpath) (.*?)(?:, template: |: line )[^\n]*", "template $1"),
    (r#"unable to read config from "([^"]*)""#, "unreadable $1"),
    (r#"\b(?:open|read|stat) ([^\n:"]+): (?:no such file or directory|is a directory|not a directory)"#, "unreadable $1"),
    // Documents and their fields.
    (r"invalid configuration for GroupVersionKind ([^:]*): kind and apiVersion is mandatory", "document without kind: $1"),
    (r#"no kind "([^"]*)" is registered for version "([^"]*)""#, "unknown kind $1 of $2"),
    (r#"GroupVersionKind\{Group:"([^"]*)", Version:"([^"]*)", Kind:"([^"]*)"\}[,}]"#, "unknown type $3 of $1/$2"),
    (r#"kind "([^"]*)" of "([^"]*)" at line"#, "unknown type $1 of $2"),
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
    (r"hostport (.*?): (?:host|port|address|invalid)", "host and port $1"),
    (r"unrecognized feature-gate key: (\S+)", "feature gate $1"),
    (r"missing bool value for feature-gate key: ?(\S+)", "feature gate $1 without a value"),
    (r#"(?:version|couldn't parse Kubernetes version) "([^"]*)"(?: doesn't match patterns|: illegal)"#, "version $1"),
    (r"only supports deploying clusters with the control plane version >= .*Current version: (\S+)", "too old: $1"),
    // Joining.
    (r"failed to verify JWS signature of received cluster info object", "token of another cluster"),
    (r"cluster CA found in cluster-info ConfigMap is invalid", "CA pin of another cluster"),
    (r"kinit can't yet join a node to the control plane", "join of a control plane"),
    (r#"could not list patch files for path "([^"]*)": (?:(?:lstat|getPatchSetsFromPath) \S+: )?(?:no such|not a)"#, "no patches in $1"),
    (r"unknown or missing patch type after '\+'", "patch of an unknown type"),
    // The machine.
    (r"\[ERROR ([\w./-]+)\]", "preflight check $1"),
    (r"the kubeconfig file \S+ contains an invalid CA cert", "kubeconfig without a CA"),
    (r"a kubeconfig file \S+ exists but does not contain a trusted CA|a kubeconfig file \S+ exists already but has got the wrong CA cert", "kubeconfig of another CA"),
    (r#"(?:cannot use the configuration file "[^"]*": )?cannot use "[^"]*" as the bind address for the API Server"#, "address that nobody listens at"),
];

/// Rules that go first, and take what they match out of the text: other rules would find less in it. First what only kinit refuses.
#[rustfmt::skip]
const WHOLE: &[(&str, &str)] = &[
    (r"the configuration is not valid YAML: line \d+, column \d+: duplicate mapping key: .*", "duplicate key"),
    (r"strict decoding error: yaml: unmarshal errors:", "duplicate key"),
    (r#"localAPIEndpoint\.advertiseAddress: Invalid value: "[^"]*": an IPv[46] address needs a first service subnet of its family[^\n,]*, but [^;]*; [^,\]\n]*, or another address"#, "address of another family"),
    (r#"networking\.podSubnet: Invalid value: "[^"]*": it overlaps the service subnet [^;]*; choose subnets apart from each other"#, "overlapping subnets"),
    (r#"discovery\.bootstrapToken\.caCertHashes: Invalid value: "[^"]*": a pin is "sha256:" and the 64 hex digits of the CA public key's hash"#, "malformed pin"),
    // What an earlier run left, and dry runs of single phases.
    (r"invalid or incomplete external (?:front-proxy )?CA: [^\n]*|the \S+ file does not exists or it is not valid: [^\n]*", "incomplete external CA"),
    (r"[^\n]*(?:from /etc/kubernetes/tmp/kubeadm-init-dryrun\d+|/etc/kubernetes/tmp/kubeadm-init-dryrun\d+/[^\n]*: no such file or directory)[^\n]*", "nothing in the dry run's directory"),
    (r#"[^\n]*failed to run component "[\w-]+" as non-root: [^\n]*"#, "component as non-root"),
    (r"certificate \S+ has expired: it was valid until \S+", "expired certificate"),
    (r"private key \S+ does not belong to certificate \S+, which is for another public key, \S+", "key of another certificate"),
    (r"unable to sign certificate: x509: provided PrivateKey doesn't match parent's PublicKey", "key of another certificate"),
    (r"certificate \S+ not signed by CA certificate [^\n]*", "certificate of another CA"),
    (r"certificate \S+ exists, but its private key \S+ does not", "certificate without its key"),
    (r"public key \S+ exists, but its private key \S+ does not", "public key without its private key"),
    (r"certificate \S+ is not good for [^;\n]*; it is good for [^\n]*", "certificate that lacks a name"),
    (r"certificate \S+ is not meant for TLS \w+ \(extended key usage\)", "certificate for another usage"),
    (r"certificate \S+ is not a CA: it says CA:FALSE or nothing at all in its basic constraints", "CA that is none"),
    (r"couldn't load CA certificate \S+: \S+ certificate is not a certificate authority", "CA that is none"),
    (r"public key \S+ does not belong to private key \S+", "public key of another private key"),
    (r"the client certificate in kubeconfig file \S+ can't be used: [^\n]*", "client certificate of a kubeconfig"),
    (r"failed to load kubeconfig file [^\n]*|failed to find (?:the given )?CurrentContext", "kubeconfig without use"),
    (r"couldn't load the certificate file \S+: open \S+: no such file or directory|couldn't load CA certificate \S+: there is no such file|couldn't load \S+ certificate authority from \S+", "certificate that is missing"),
    (r"couldn't load the private key file \S+: open \S+: no such file or directory", "private key that is missing"),
    (r"couldn't load the certificate file \S+: (?:error reading \S+: data does not contain any valid RSA or ECDSA certificates|it (?:holds no PEM certificate|is damaged))", "damaged certificate"),
    (r"couldn't load the private key file \S+: (?:error reading private key file \S+: data does not contain a valid RSA or ECDSA private key|it (?:holds no PEM private key|is damaged, or encrypted))", "damaged private key"),
    (r#"failed to unmarshal patched manifest[^\n]*|the patched manifest of "[^"]*" is not a valid Pod object[^\n]*"#, "patch that makes no Pod"),
    (r"unable to decode kube-proxy daemonset: [^\n]*|the patched kube-proxy DaemonSet is not a valid DaemonSet object[^\n]*", "patch that makes no DaemonSet"),
    (r"unable to decode CoreDNS Deployment: [^\n]*|the patched coredns Deployment is not a valid Deployment object[^\n]*", "patch that makes no Deployment"),
    (r"the patched kube-proxy DaemonSet has no container in [\w.]+", "kube-proxy DaemonSet without a container"),
    (r"(?s)panic: runtime error: .*", "panic"),
    (r#"(?s)could not apply the following patch of type "application/merge-patch\+json" to target "corednsdeployment", from the file "[^"]*":\n\[.*: a merge patch has to be a map"#, "patch that makes no Deployment"),
    (r#"(?s)could not apply the following patch of type "application/merge-patch\+json" to target "kubeproxydaemonset", from the file "[^"]*":\n\[.*: a merge patch has to be a map"#, "patch that makes no DaemonSet"),
    (r#"(?s)could not apply the following patch of type "application/merge-patch\+json" to target "(?:kube-[\w-]+|etcd)", from the file "[^"]*":\n\[.*: a merge patch has to be a map"#, "patch that makes no Pod"),
    (r#"(?s)could not apply the following patch of type .*unable to find api field in struct \w+ for the json field "([^"]*)".*"#, "patch of the unknown field $1"),
    (r#"(?s)could not apply the following patch of type "([^"]*)" to target "([^"]*)".*"#, "patch $1 of $2"),
    (r#"(?s)failed to patch static Pod manifest file for "([^"]*)": (?:failed to unmarshal patched manifest|patched manifest is not a valid Pod object): .*"#, "no Pod after patches: $1"),
    // Then what only kubeadm refuses.
    (r#"your configuration file uses an old API spec: "([^"]*)".*"#, "old version $1"),
    (r#"bootstrapTokens\.\d+: Invalid value: "": the BootstrapToken \.TTL and \.Expires fields are mutually exclusive"#, "ttl and expires of a token"),
    (r"(?:couldn't get version/kind; json parse error: |could not interpret GroupVersionKind; unmarshal error: )?error converting YAML to JSON: yaml: .*found incompatible YAML document", "YAML directive"),
    (r"(?:couldn't get version/kind; json parse error|could not interpret GroupVersionKind; unmarshal error): invalid character '\.' after top-level value", "JSON before the end of a document"),
    (r"could not find a mutator for input: .*kubeadm\.UpgradeConfiguration.*", "UpgradeConfiguration to migrate"),
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
];

static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(RULES));
static WHOLE_COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(WHOLE));

fn compiled(rules: &'static [(&str, &str)]) -> Vec<(Regex, &'static str)> {
    rules.iter().filter_map(|(pattern, meaning)| Some((Regex::new(pattern).ok()?, *meaning))).collect()
}

/// What only one of the two puts into a field's path: the number of an item, and the name of a Go type that stands within another.
static ITEMS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[\d+\]|\.[A-Z]\w*").ok());

/// Lines that are no complaint: of the logger, of advice, what a phase says, what only says where, and Go's stack that `-v 5` brings.
static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(\t\[WARNING [\w./-]+\]: |[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ |To see the stack trace|no stack trace$|hint: |warning: |error: $|error: \d+ existing [\w ]+ can't be used:$|\s+help: |\[[\w-]+\] |Did you mean this\?|One or more conditions for hosting a new control plane instance is not satisfied\.$|Please ensure that:$|\* The c|error: error execution phase preflight: preflight checks failed$|error execution phase [\w/-]+$|\s+line \d+: key \S+ already set in map$|couldn't load CA certificate [\w-]+$|\t\w[\w-]*$|\s*$|\t/\S+:\d+$|(?:[\w.-]+/)*[\w-]+(?:\.(?:\(\*?\w+\)|\w+))+$)").ok()
});

/// What stands for a complaint that a rule has taken out.
const TAKEN: &str = "\u{1}";

/// Which phase it was, and what Go wraps around an error of the configuration.
static PHASE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:error execution phase [\w/-]+|could not convert cfg to an internal cfg): ").ok());

/// The meanings of what was said on standard error.
pub(super) fn meanings(stderr: &str) -> BTreeSet<String> {
    // With `-v 5` what Go wraps around an error comes behind the error's stack.
    let frame = |line: &str| line.starts_with("\t/");
    let behind = stderr.lines().zip(stderr.lines().skip(1)).filter(|(line, _)| frame(line));
    let wrapping: HashSet<&str> = behind.map(|(_, line)| line).collect();
    let noise = |line: &&str| NOISE.as_ref().is_some_and(|noise| noise.is_match(line));
    let lines: Vec<&str> = stderr.lines().filter(|line| !noise(line)).collect();
    let mut text = lines.join("\n");
    let mut found = BTreeSet::new();
    for (rule, meaning) in WHOLE_COMPILED.iter() {
        found.extend(matches(rule, meaning, &text));
        text = rule.replace_all(&text, TAKEN).into_owned();
    }
    found.extend(COMPILED.iter().flat_map(|(rule, meaning)| matches(rule, meaning, &text)));
    // Beside a known complaint there may be another one.
    let known = |line: &str| line.contains(TAKEN) || COMPILED.iter().any(|(rule, _)| rule.is_match(line));
    let unknown = text.lines().filter(|line| !known(line) && !wrapping.contains(line)).map(plain);
    found.extend(unknown.filter(|words| !words.is_empty()));
    if found.is_empty() { [String::new()].into() } else { found }
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
