//! The way from a certificate to an authority, by certificates that may sign what they did.
//!
//! Judges as Go does, in which the control plane is written.

use time::OffsetDateTime;

use super::{Chain, Verdict};
use crate::pki::error::date;
use crate::pki::inspect::Certificate;

/// How many signatures are checked in search of a chain: as Go does.
const MOST_CHECKS: usize = 100;

/// Why whoever trusts an authority refuses what it signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many others lie between.
    #[error("CA {ca:?} allows {most} other CAs below itself (pathlen), and there are {found}")]
    PathLength {
        /// The authority.
        ca: String,
        /// How many it allows.
        most: u32,
        /// How many there are.
        found: usize,
    },
    /// Names that are not permitted.
    #[error("the name constraints of CA {ca:?} don't permit {}", .names.join(", "))]
    Names {
        /// The authority.
        ca: String,
        /// The names and addresses.
        names: Vec<String>,
    },
    /// The time of one that lies between is not now.
    #[error("CA {ca:?} between them is valid only from {} until {}", date(*.from), date(*.until))]
    Period {
        /// The one between.
        ca: String,
        /// Its first moment.
        from: OffsetDateTime,
        /// Its last moment.
        until: OffsetDateTime,
    },
    /// One that lies between has a critical extension that is not known.
    #[error("CA {ca:?} between them has the critical extension {oid}, which nobody knows")]
    Critical {
        /// The one between.
        ca: String,
        /// The extension's object identifier.
        oid: String,
    },
}

pub(super) struct Search<'a> {
    chain: &'a Chain,
    authority: &'a Certificate,
    now: OffsetDateTime,
    checks: usize,
    /// What comes of it if no way is found.
    failure: Verdict,
}

impl<'a> Search<'a> {
    pub(super) fn new(chain: &'a Chain, authority: &'a Certificate, now: OffsetDateTime) -> Self {
        Self { chain, authority, now, checks: 0, failure: Verdict::Fail }
    }

    pub(super) fn verdict(mut self) -> Verdict {
        if self.goes_on(&mut vec![&self.chain.first]) { Verdict::Hold } else { self.failure }
    }

    /// Whether a way, each of which the next one signed, goes on to the authority.
    fn goes_on(&mut self, way: &mut Vec<&'a Certificate>) -> bool {
        if self.signs(self.authority, way) {
            return true;
        }
        for issuer in &self.chain.intermediates {
            // None twice: no way goes round in circles.
            if !way.contains(&issuer) && self.is_good(issuer, way) {
                way.push(issuer);
                if self.goes_on(way) {
                    return true;
                }
                way.pop();
            }
        }
        false
    }

    /// Whether an intermediate signed the last of the way, and is good itself.
    fn is_good(&mut self, issuer: &Certificate, way: &[&Certificate]) -> bool {
        if !self.signs(issuer, way) {
            return false;
        }
        let (from, until) = (issuer.not_before, issuer.not_after);
        let ca = || issuer.subject.clone();
        let refusal = match &issuer.unknown_critical {
            _ if !(from..=until).contains(&self.now) => Refusal::Period { ca: ca(), from, until },
            Some(oid) => Refusal::Critical { ca: ca(), oid: oid.clone() },
            None => return true,
        };
        self.failure = Verdict::Refused(refusal);
        false
    }

    /// Whether one signed the last of the way, and may sign it.
    fn signs(&mut self, issuer: &Certificate, way: &[&Certificate]) -> bool {
        let signed = way.last().filter(|last| last.names_as_issuer(issuer));
        let Some(last) = signed else { return false };
        self.checks += 1;
        // Thousands of intermediates with one name would otherwise be tried against each other.
        if self.checks > MOST_CHECKS {
            return false;
        }
        let refusal = match last.signature_of(issuer) {
            Verdict::Hold => issuer.refusal(way).map(Verdict::Refused),
            Verdict::Fail => return false,
            unchecked => Some(unchecked),
        };
        match refusal {
            Some(refusal) => {
                self.failure = refusal;
                false
            }
            None => true,
        }
    }
}

impl Certificate {
    /// Why it may not sign the last of a way, by what it says of those below it.
    fn refusal(&self, way: &[&Self]) -> Option<Refusal> {
        let ca = || self.subject.clone();
        let found = way.len() - 1;
        if let Some(most) = self.path_length.filter(|most| found > *most as usize) {
            return Some(Refusal::PathLength { ca: ca(), most, found });
        }
        let constraints = self.constraints.as_ref()?;
        let names = way.iter().flat_map(|below| constraints.forbidden(&below.dns_names, &below.ip_addresses));
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then(|| Refusal::Names { ca: ca(), names })
    }
}
