//! The flags of `init phase control-plane` that stand for `extraArgs`. To kubeadm they are deprecated: they are taken,
//! with a line that says what to write instead, and neither help nor completion shows them.

use clap::Args;

use crate::config::resolve::ExtraArgs as Flags;
use crate::config::v1beta4::Arg;

/// `name=value,name=value`.
type Pairs = Vec<Arg>;

/// One flag for each component but etcd.
#[derive(Debug, Clone, Args)]
pub(super) struct ExtraArgs {
    #[arg(long, value_name = PAIRS, value_parser = pairs, hide_long_help = true)]
    apiserver_extra_args: Vec<Pairs>,
    #[arg(long, value_name = PAIRS, value_parser = pairs, hide_long_help = true)]
    controller_manager_extra_args: Vec<Pairs>,
    #[arg(long, value_name = PAIRS, value_parser = pairs, hide_long_help = true)]
    scheduler_extra_args: Vec<Pairs>,
}

/// The type of these flags.
pub(super) const PAIRS: &str = "pairs";

/// The flags, with the fields to write instead.
const INSTEAD: [(&str, &str); 3] = [
    ("apiserver-extra-args", "apiServer"),
    ("controller-manager-extra-args", "controllerManager"),
    ("scheduler-extra-args", "scheduler"),
];

impl ExtraArgs {
    /// Each flag may be given several times: the pairs add up.
    #[must_use]
    pub(super) fn flags(self) -> Flags {
        Flags {
            apiserver: self.apiserver_extra_args.concat(),
            controller_manager: self.controller_manager_extra_args.concat(),
            scheduler: self.scheduler_extra_args.concat(),
        }
    }
}

/// What kubeadm says where one of them is given.
pub(super) fn deprecations(given: &[String]) -> impl Iterator<Item = String> {
    let deprecated = INSTEAD.into_iter().filter(|(flag, _)| given.iter().any(|given| given == flag));
    deprecated.map(|(flag, component)| {
        format!(
            "Flag --{flag} has been deprecated, use 'ClusterConfiguration.{component}.extraArgs' instead. This flag will \
             be removed in a future version"
        )
    })
}

/// Each pair has one `=`, so that no value has one, or a comma.
fn pairs(text: &str) -> Result<Pairs, String> {
    let pair = |pair: &str| match pair.split('=').collect::<Vec<_>>()[..] {
        [name, value] => Some(Arg { name: name.to_owned(), value: value.to_owned(), ..Arg::default() }),
        _ => None,
    };
    let pairs = text.split(',').map(pair).collect::<Option<_>>();
    pairs.ok_or_else(|| format!("malformed key=value pair in flag value: {text}"))
}
