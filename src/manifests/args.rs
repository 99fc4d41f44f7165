//! Command lines: default flags merged with a user's.
//!
//! Knows the rule and the order; refuses to know what any flag means.

use crate::config::v1beta4::Arg;
use crate::versions::ExtraArgs;

/// A default flag.
pub fn arg(name: &str, value: impl Into<String>) -> Arg {
    Arg { name: name.to_owned(), value: value.into(), ..Arg::default() }
}

/// A program and its flags: defaults that the user doesn't give himself, and all that the user gives. A user's flag may
/// repeat; it then stands as often as he gave it.
#[must_use]
pub fn command(program: &str, defaults: Vec<Arg>, extra: &[Arg], order: ExtraArgs) -> Vec<String> {
    std::iter::once(program.to_owned()).chain(flags(defaults, extra, order)).collect()
}

/// The same without the program.
#[must_use]
pub fn flags(mut defaults: Vec<Arg>, extra: &[Arg], order: ExtraArgs) -> Vec<String> {
    defaults.retain(|default| !extra.iter().any(|given| given.name == default.name));
    match order {
        ExtraArgs::Appended => {
            sort(&mut defaults);
            defaults.extend_from_slice(extra);
        }
        ExtraArgs::Sorted => {
            defaults.extend_from_slice(extra);
            sort(&mut defaults);
        }
    }
    defaults.into_iter().map(|Arg { name, value, .. }| format!("--{name}={value}")).collect()
}

fn sort(args: &mut [Arg]) {
    args.sort_by(|a, b| (&a.name, &a.value).cmp(&(&b.name, &b.value)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_users_flag_replaces_the_default_and_keeps_its_place() {
        let defaults = || vec![arg("v", "2"), arg("bind-address", "127.0.0.1"), arg("leader-elect", "true")];
        let extra = [arg("v", "9"), arg("allocate", "x"), arg("v", "3")];
        assert_eq!(
            command("kube-scheduler", defaults(), &extra, ExtraArgs::Appended),
            ["kube-scheduler", "--bind-address=127.0.0.1", "--leader-elect=true", "--v=9", "--allocate=x", "--v=3"]
        );
        assert_eq!(
            flags(defaults(), &extra, ExtraArgs::Sorted),
            ["--allocate=x", "--bind-address=127.0.0.1", "--leader-elect=true", "--v=3", "--v=9"]
        );
        assert_eq!(crate::config::last_arg(&extra, "v"), Some("3"));
        assert_eq!(crate::config::last_arg(&extra, "w"), None);
    }

    fn args() -> impl Strategy<Value = Vec<Arg>> {
        prop::collection::vec(("[a-e]", "[a-z]{0,3}").prop_map(|(name, value)| arg(&name, value)), 0..8)
    }

    proptest! {
        #[test]
        fn nothing_of_the_user_is_lost_and_nothing_doubled(defaults in args(), extra in args()) {
            let expected_kept = defaults.iter().filter(|d| extra.iter().all(|e| e.name != d.name)).count();
            let appended = flags(defaults.clone(), &extra, ExtraArgs::Appended);
            let given: Vec<String> = extra.iter().map(|e| format!("--{}={}", e.name, e.value)).collect();
            prop_assert_eq!(&appended[expected_kept..], &given[..]);
            prop_assert!(appended[..expected_kept].is_sorted());
            let mut sorted = flags(defaults, &extra, ExtraArgs::Sorted);
            let mut all = appended;
            all.sort();
            sorted.sort();
            prop_assert_eq!(sorted, all);
        }
    }
}
