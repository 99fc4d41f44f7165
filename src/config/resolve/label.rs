//! Which version a label such as `stable-1.37` stands for.
//!
//! Asks the release server, for a few seconds at most; without an answer it is kinit's own version.

use std::future::Future;
use std::time::Duration;

use super::super::error::ConfigError;
use crate::download;
use crate::failure::chain;
use crate::versions::{self, Version};

/// Gets small text files from the internet.
pub trait Fetch {
    /// The text at a URL, trimmed.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<String, FetchError>>;
}

/// No text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unable to get URL {url:?}: {reason}")]
pub struct FetchError {
    /// What was asked for.
    pub url: String,
    /// Why there is none.
    pub reason: String,
}

/// The real internet; a proxy named by the environment counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Internet;

/// kubeadm waits 10 s; a machine without internet has no reason to.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of a version, with much to spare.
const LARGEST: usize = 256;
const RELEASES: &str = "https://dl.k8s.io/release";
const CI_BUILDS: &str = "https://storage.googleapis.com/k8s-release-dev/ci";

impl Fetch for Internet {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        let failed = |error| FetchError { url: url.to_owned(), reason: chain(&error) };
        download::text(url, LARGEST, PATIENCE).await.map(|text| text.trim().to_owned()).map_err(failed)
    }
}

/// The internet, unless a control plane is here already: then every label stands for its version, so that the same
/// command goes on with it, whatever was released since and whether or not a server answers.
#[derive(Debug, Clone, Default)]
pub struct HereOrInternet {
    /// The version of the control plane that is here.
    pub here: Option<Version>,
}

impl Fetch for HereOrInternet {
    async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        match &self.here {
            Some(version) => Ok(version.to_string()),
            None => Internet.fetch(url).await,
        }
    }
}

/// A version that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) version: Version,
    /// A build of the CI, not a release.
    pub(super) ci: bool,
}

/// The version that `kubernetesVersion` names.
pub(super) async fn choose(text: &str, fetch: &impl Fetch, warnings: &mut Vec<String>) -> Result<Chosen, ConfigError> {
    let (ci, name) = split_prefix(text);
    if let Some(version) = exact(name) {
        return supported(version, ci);
    }
    if !is_label(name) {
        return Err(ConfigError::Version(text.to_owned()));
    }
    let version = look_up(name, ci, fetch, warnings).await?;
    supported(version, ci)
}

/// Whether it is a CI build, and the label or version itself.
fn split_prefix(text: &str) -> (bool, &str) {
    match text.split_once('/') {
        Some(("ci", name)) => (true, name),
        Some(("release", name)) => (false, name),
        _ => (false, text),
    }
}

async fn look_up(
    label: &str,
    ci: bool,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<Version, ConfigError> {
    let own = versions::OWN;
    // Instead of a version that is too new, of the CI or not, it is the newest release of the own minor.
    let fallback = format!("stable-{}.{}", own.major(), own.minor());
    for (address, label) in [(if ci { CI_BUILDS } else { RELEASES }, label), (RELEASES, fallback.as_str())] {
        let found = match fetch.fetch(&format!("{address}/{label}.txt")).await {
            Ok(found) => found,
            Err(error) => {
                warnings.push(format!(
                    "could not fetch a Kubernetes version from the internet: {error}; falling back to the local client \
                     version: {own}"
                ));
                return Ok(own);
            }
        };
        let version = exact(&found).ok_or_else(|| ConfigError::LabelContent { label: label.to_owned(), found })?;
        if (version.major(), version.minor()) <= (own.major(), own.minor()) {
            return Ok(version);
        }
        warnings.push(format!("remote version is much newer: {version}; falling back to: {fallback}"));
    }
    Ok(own)
}

fn supported(version: Version, ci: bool) -> Result<Chosen, ConfigError> {
    if version < versions::OLDEST_CONTROL_PLANE {
        let minimum = "1.23.0";
        return Err(ConfigError::TooOld { minimum, version: version.to_string() });
    }
    Ok(Chosen { version, ci })
}

/// Three numbers and what may follow them, with or without `v`.
fn exact(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

/// `latest`, `stable-1`, `stable-1.37`.
fn is_label(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("stable").or_else(|| text.strip_prefix("latest")) else { return false };
    let Some(numbers) = rest.strip_prefix('-') else { return rest.is_empty() };
    let number = |digits: &str, most: usize| {
        !digits.is_empty()
            && digits.len() <= most
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (major, minor) = numbers.split_once('.').map_or((numbers, None), |(major, minor)| (major, Some(minor)));
    number(major, 1) && minor.is_none_or(|minor| number(minor, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Answers(&'static [(&'static str, &'static str)]);

    impl Fetch for Answers {
        async fn fetch(&self, url: &str) -> Result<String, FetchError> {
            let found = self.0.iter().find(|(label, _)| url.ends_with(&format!("/{label}.txt")));
            let missing = || FetchError { url: url.to_owned(), reason: "no route to host".to_owned() };
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(missing)
        }
    }

    #[test]
    fn a_label_is_the_version_that_is_here() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut warnings, here) = (Vec::new(), Version::new(1, 36, 1));
        let versions = HereOrInternet { here: Some(here.clone()) };
        let mut choose = |text| runtime.block_on(choose(text, &versions, &mut warnings)).unwrap().version;
        assert_eq!(choose("stable-1"), here);
        assert_eq!(choose("v1.35.0"), Version::new(1, 35, 0), "what is asked for by number counts");
    }

    fn chosen(text: &str, answers: &'static [(&'static str, &'static str)]) -> (Result<String, String>, Vec<String>) {
        let mut warnings = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let chosen = runtime.block_on(choose(text, &Answers(answers), &mut warnings));
        let text = |chosen: Chosen| format!("{}{}", if chosen.ci { "ci/" } else { "" }, chosen.version);
        (chosen.map(text).map_err(|error| error.to_string()), warnings)
    }

    #[test]
    fn an_exact_version_needs_no_network() {
        for (asked, version) in [
            ("1.37.2", "v1.37.2"),
            ("v1.30.0-rc.1", "v1.30.0-rc.1"),
            ("v1.36.1+abc", "v1.36.1+abc"),
            ("ci/v1.37.0-alpha.1.22+0a1b2c", "ci/v1.37.0-alpha.1.22+0a1b2c"),
        ] {
            assert_eq!(chosen(asked, &[]), (Ok(version.to_owned()), Vec::new()));
        }
    }

    #[test]
    fn a_label_is_looked_up() {
        let answers: &[_] = &[("stable-1", "v1.37.1"), ("latest-1.30", "v1.30.14"), ("stable-1.37", "v1.37.4")];
        assert_eq!(chosen("stable-1", answers).0, Ok("v1.37.1".to_owned()));
        assert_eq!(chosen("release/latest-1.30", answers).0, Ok("v1.30.14".to_owned()));
        let (found, warnings) = chosen("stable", &[("stable", "v1.38.0"), ("stable-1.37", "v1.37.4")]);
        assert_eq!(found, Ok("v1.37.4".to_owned()));
        assert_eq!(warnings, ["remote version is much newer: v1.38.0; falling back to: stable-1.37"]);
        let answers: &[_] = &[("ci/latest", "v1.38.0-alpha.1"), ("release/stable-1.37", "v1.37.4")];
        assert_eq!(chosen("ci/latest", answers).0, Ok("ci/v1.37.4".to_owned()), "releases are where they always are");
    }

    #[test]
    fn offline_it_is_the_own_version_and_one_line() {
        let (found, warnings) = chosen("stable-1", &[]);
        assert_eq!(found, Ok("v1.37.2".to_owned()));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].ends_with("no route to host; falling back to the local client version: v1.37.2"));
        assert_eq!(chosen("ci/latest", &[]).0, Ok("ci/v1.37.2".to_owned()));
    }

    #[test]
    fn neither_version_nor_label() {
        for wrong in ["1.37", "v1.37", "newest", "stable-", "stable-1.", "stable-01", "", "ci/", "stable-1.137"] {
            let said = chosen(wrong, &[]).0.unwrap_err();
            let tail = "doesn't match patterns for neither semantic version nor labels (stable, latest, ...)";
            assert_eq!(said, format!("version {wrong:?} {tail}"));
        }
        let said = chosen("v1.22.9", &[]).0.unwrap_err();
        assert!(said.ends_with("control plane version >= 1.23.0. Current version: v1.22.9"), "{said}");
        assert!(chosen("stable", &[("stable", "<html>")]).0.unwrap_err().contains("no Kubernetes version"));
    }
}
