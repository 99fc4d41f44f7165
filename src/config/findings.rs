//! What is the matter with a document's fields, before anybody asks what they mean.

/// What was found. Paths are `a.b[0].c`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// Fields that Go could not decode, each with the reason.
    pub(super) wrong: Vec<(String, String)>,
    /// Fields that Go would drop, each with the known name that was perhaps meant.
    pub(super) unknown: Vec<(String, Option<&'static str>)>,
}

/// What every document has beside its fields. Go finds them whatever their capitals are, and then calls them unknown.
pub(super) const TYPE_KEYS: [&str; 2] = ["apiVersion", "kind"];

/// The name that was perhaps meant: alike but for some letters.
pub(super) fn closest(given: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    const ALIKE: f64 = 0.8;
    let given = given.to_lowercase();
    let alike = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &given);
    let (likeness, name) = known.map(|name| (alike(name), name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_of_the_pen_and_not_more() {
        let known = || ["advertiseAddress", "bindPort", "certSANs", "extraArgs", "extraEnvs"].into_iter();
        for (given, meant) in [
            ("advertiseAdress", Some("advertiseAddress")),
            ("bindport", Some("bindPort")),
            ("certSans", Some("certSANs")),
            ("extraArg", Some("extraArgs")),
            ("port", None),
            ("", None),
        ] {
            assert_eq!(closest(given, known()), meant, "{given}");
        }
        assert_eq!(closest("bindPort", [].into_iter()), None);
    }
}
