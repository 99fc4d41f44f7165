//! Reading log lines: klog of the Kubernetes components, JSON of etcd, the runtime's log files. Pure.

use serde_json::Value;

/// How much of a long log line's beginning and end is shown.
const HEAD: usize = 160;
const TAIL: usize = 300;

/// A klog line's severity: I, W, E or F. `None` for other lines.
pub(super) fn severity(line: &str) -> Option<char> {
    let mut chars = line.chars();
    let severity = chars.next().filter(|first| "IWEF".contains(*first))?;
    let digits = chars.take(4).filter(char::is_ascii_digit).count();
    (digits == 4).then_some(severity)
}

/// A klog line without its header: `E1123 13:56:17.607540   25295 run.go:72] "x"` is `"x"`.
pub(super) fn body(line: &str) -> &str {
    if severity(line).is_none() {
        return line.trim();
    }
    line.split_once("] ").map_or(line, |(_, body)| body).trim()
}

/// The quoted or bare value of `key=` in a structured klog line, unquoted.
pub(super) fn field(line: &str, key: &str) -> Option<String> {
    let start = line.find(&format!(" {key}="))? + key.len() + 2;
    let rest = &line[start..];
    if !rest.starts_with('"') {
        return Some(rest.split(' ').next().unwrap_or_default().to_owned());
    }
    Some(unquote(rest))
}

/// The first Go string literal of a text, unescaped.
fn unquote(text: &str) -> String {
    let mut value = String::new();
    let mut chars = text.chars().skip(1);
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    value
}

/// A line for people: `message: error` from klog or etcd's JSON, shortened.
pub(super) fn plain(line: &str) -> String {
    let text = json(line).unwrap_or_else(|| structured(body(line)));
    shorten(&text)
}

/// On one line, and not much of it: its beginning and, where errors put what counts, its end.
pub(super) fn shorten(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: Vec<char> = words.join(" ").chars().collect();
    if text.len() <= HEAD + TAIL {
        return text.into_iter().collect();
    }
    let (head, tail) = (&text[..HEAD], &text[text.len() - TAIL..]);
    head.iter().chain(&[' ', '…', ' ']).chain(tail).collect()
}

/// `"message" err="error" pod="x"` as `message: error`; other texts as they are.
fn structured(body: &str) -> String {
    if !body.starts_with('"') {
        return body.to_owned();
    }
    let message = unquote(body);
    field(body, "err").map_or_else(|| message.clone(), |error| format!("{message}: {error}"))
}

/// etcd's `{"level":"fatal","msg":"listener failed","error":"…"}` as `listener failed: …`.
fn json(line: &str) -> Option<String> {
    let value: Value = serde_json::from_str(line).ok().filter(Value::is_object)?;
    let word = |key| value.get(key).and_then(Value::as_str);
    let message = word("msg")?;
    Some(word("error").map_or_else(|| message.to_owned(), |error| format!("{message}: {error}")))
}

/// A line of the runtime's log file without its time and stream: `2026-…Z stderr F text` is `text`.
pub(super) fn container_line(line: &str) -> &str {
    let mut words = line.splitn(4, ' ');
    let (_, stream, _) = (words.next(), words.next(), words.next());
    match (stream, words.next()) {
        (Some("stdout" | "stderr"), Some(text)) => text,
        _ => line,
    }
}

/// The line that says why a process ended: the last that claims to, else the last error, else the last one.
pub(super) fn last_words<'a>(lines: impl DoubleEndedIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut backwards = lines.rev().filter(|line| !line.trim().is_empty());
    let mut same = backwards.clone();
    let mut again = backwards.clone();
    same.find(|line| is_fatal(line))
        .or_else(|| again.find(|line| severity(line) == Some('E') || line.contains(r#""level":"error""#)))
        .or_else(|| backwards.next())
}

fn is_fatal(line: &str) -> bool {
    const STARTS: [&str; 5] = ["Error: ", "panic: ", "fatal error: ", "Fatal ", "flag provided but not defined"];
    severity(line) == Some('F')
        || STARTS.iter().any(|start| line.starts_with(start))
        || line.contains(r#""command failed""#)
        || line.contains(r#""level":"fatal""#)
        || line.contains(r#""level":"panic""#)
        || line.contains(r#""Failed to start ContainerManager""#)
        || line.contains(r#""Failed to start cAdvisor""#)
        || line.contains(r#""Failed to initialize internal modules""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a kubelet v1.37.2 that was given a flag of old.
    const FLAG: &str = r#"E1123 13:56:17.675599   25304 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: --network-plugin""#;

    #[test]
    fn klog() {
        assert_eq!(severity(FLAG), Some('E'));
        assert_eq!(severity("Error: unknown flag: --x"), None);
        assert_eq!(plain(FLAG), "command failed: failed to parse kubelet flag: unknown flag: --network-plugin");
        let old = "F0102 03:04:05.000000       1 server.go:206] failed to load kubelet config file";
        assert_eq!(plain(old), "failed to load kubelet config file");
    }

    #[test]
    fn fields_are_unquoted() {
        let line =
            r#"E1123 14:09:38.331937    7778 x.go:74] "Failed" err="a \"b\": c\nd" pod="kube-system/etcd-n1" n=3"#;
        assert_eq!(field(line, "err").unwrap(), "a \"b\": c\nd");
        assert_eq!(field(line, "pod").unwrap(), "kube-system/etcd-n1");
        assert_eq!(field(line, "n").unwrap(), "3");
        assert_eq!(field(line, "missing"), None);
    }

    #[test]
    fn etcd_and_log_files() {
        let line = concat!(
            r#"2026-11-23T13:59:24.28Z stderr F {"level":"fatal","msg":"listener failed","#,
            r#""error":"open /nope: no such file or directory"}"#
        );
        assert_eq!(plain(container_line(line)), "listener failed: open /nope: no such file or directory");
        assert_eq!(container_line("no log file's line"), "no log file's line");
    }

    #[test]
    fn last_words_are_those_that_claim_to_be() {
        let lines = ["I1123 a.go:1] start", FLAG, "E1123 13:56:18.675599 25304 y.go:1] later noise", ""];
        assert_eq!(last_words(lines.into_iter()), Some(FLAG));
        assert_eq!(last_words(["one", "two", " "].into_iter()), Some("two"));
        assert_eq!(last_words([].into_iter()), None);
    }

    #[test]
    fn long_lines_are_shortened() {
        let text = format!("{}what counts", "ä".repeat(1000));
        let short = shorten(&text);
        assert_eq!(short.chars().count(), HEAD + 3 + TAIL);
        assert!(short.starts_with("ää") && short.ends_with("what counts"), "{short}");
    }
}
