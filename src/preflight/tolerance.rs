//! What the kubelet will put up with on this machine.
//!
//! A flag overrides its configuration; what neither says is refused. Refuses to know what is there to be put up with.

use serde_json::Value;

use crate::config;
use crate::config::v1beta4::Arg;

/// What the kubelet will make of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// It refuses to start.
    Refused,
    /// It was told to live with it.
    Accepted,
    /// Its configuration is not known yet: the cluster has it.
    Unknown,
}

/// What a kubelet starts with.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// Its configuration, patches included; `None` before the cluster was asked for it.
    pub document: Option<&'a Value>,
    /// Its flags.
    pub flags: &'a [Arg],
}

impl Settings<'_> {
    /// Swap.
    pub(super) fn swap(self) -> Tolerance {
        self.of("fail-swap-on", "failSwapOn")
    }

    /// Control groups v1.
    pub(super) fn cgroup_v1(self) -> Tolerance {
        self.of("fail-cgroupv1", "failCgroupV1")
    }

    /// By the flag and the field that say `true` for refusing.
    fn of(self, flag: &str, field: &str) -> Tolerance {
        let flag = config::last_arg(self.flags, flag).filter(|value| !value.is_empty());
        let refused = match (flag, self.document) {
            (Some(flag), _) => flag != "false",
            (None, Some(document)) => document[field].as_bool().unwrap_or(true),
            (None, None) => return Tolerance::Unknown,
        };
        if refused { Tolerance::Refused } else { Tolerance::Accepted }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_flag_counts_more_than_the_configuration() {
        let flag = |value: &str| [Arg { name: "fail-cgroupv1".to_owned(), value: value.to_owned(), ..Arg::default() }];
        let (nothing, accepts) = (json!({}), json!({"failCgroupV1": false}));
        let cases: [(Option<&Value>, &[Arg], Tolerance); 7] = [
            (None, &[], Tolerance::Unknown),
            (Some(&nothing), &[], Tolerance::Refused),
            (Some(&accepts), &[], Tolerance::Accepted),
            (Some(&accepts), &flag("true"), Tolerance::Refused),
            (Some(&nothing), &flag("false"), Tolerance::Accepted),
            (None, &flag("false"), Tolerance::Accepted),
            (None, &flag(""), Tolerance::Unknown),
        ];
        for (document, flags, expected) in cases {
            assert_eq!(Settings { document, flags }.cgroup_v1(), expected, "{document:?} {flags:?}");
        }
    }
}
