//! What a case of each kind is made of: which command lines, with which documents, on which files.

use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::super::case::Kind;
use super::commands::{self, Command};
use super::configuration::{self, Configuration, Documents};
use super::existing::{self, Existing};
use super::line::{self, Config};
use super::trees;

/// A command line, the file that it reads, if any, and what else it finds.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) args: Vec<String>,
    pub(super) file: Option<Configuration>,
    pub(super) existing: Existing,
}

impl From<(Vec<String>, Option<Configuration>, Existing)> for Line {
    fn from((args, file, existing): (Vec<String>, Option<Configuration>, Existing)) -> Self {
        Self { args, file, existing }
    }
}

/// What cases of one kind have.
pub(super) struct Plan {
    kind: Kind,
    /// The documents of a configuration, and the flag that gives it.
    documents: Documents,
    config_flag: &'static str,
    /// How often there is a file, and how often there is none.
    with_file: u32,
    without: u32,
    /// Whether proxies in the environment make a difference.
    environment: bool,
}

const fn plan(kind: Kind, documents: Documents, with_file: u32, without: u32) -> Plan {
    Plan { kind, documents, config_flag: "config", with_file, without, environment: false }
}

impl Plan {
    const fn environment(self) -> Self {
        Self { environment: true, ..self }
    }

    /// The plan of a kind.
    pub(super) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Certs => plan(kind, configuration::FOR_INIT, 3, 1),
            Kind::Kubeconfig => plan(kind, configuration::FOR_INIT, 3, 1),
            Kind::ControlPlane => plan(kind, configuration::FOR_INIT, 4, 1).environment(),
            Kind::Etcd => plan(kind, configuration::FOR_INIT, 4, 1).environment(),
            Kind::KubeletFiles => plan(kind, configuration::FOR_KUBELET, 4, 1),
            Kind::ConfigMigrate => Self { config_flag: "old-config", ..plan(kind, configuration::ANY, 30, 1) },
            Kind::ConfigValidate => plan(kind, configuration::ANY, 30, 1),
            Kind::ImagesList => plan(kind, configuration::FOR_INIT, 1, 1),
            Kind::DryRun => plan(kind, configuration::FOR_INIT, 3, 1).environment(),
            Kind::JoinDryRun => plan(kind, configuration::FOR_DRY_JOIN, 3, 1),
            Kind::ResetDryRun => plan(kind, configuration::FOR_RESET, 1, 1),
            Kind::ConfigPrint | Kind::TokenGenerate | Kind::CommandLine => plan(kind, &[], 0, 1),
        }
    }

    /// The command lines, with their files.
    pub(super) fn lines(&self, minor: u64) -> BoxedStrategy<Line> {
        if self.kind == Kind::CommandLine {
            return trees::strategy().prop_map(|args| Line { args, file: None, existing: Existing::default() }).boxed();
        }
        let commands = commands::of(self.kind, minor).into_iter();
        Union::new_weighted(commands.flat_map(|command| self.lines_of(command, minor)).collect()).boxed()
    }

    /// The lines of one command, with a file and without, and how often each.
    fn lines_of(&self, command: &'static Command, minor: u64) -> Vec<(u32, BoxedStrategy<Line>)> {
        let mut lines = Vec::new();
        if self.with_file > 0 && configuration::possible(self.documents, minor) {
            let words = line::strategy(command, minor, Config::File(self.config_flag));
            let file = configuration::strategy(self.documents, minor).prop_map(Some);
            lines.push((self.with_file, (words, file, existing::strategy(command.finds)).prop_map(Line::from).boxed()));
        }
        if self.without > 0 && command.works_alone(minor) {
            let words = line::strategy(command, minor, Config::None);
            lines.push((
                self.without,
                (words, Just(None), existing::strategy(command.finds)).prop_map(Line::from).boxed(),
            ));
        }
        lines
    }

    /// Proxies, where they make a difference: mostly none. Nothing listens there.
    pub(super) fn variables(&self) -> BoxedStrategy<Vec<(String, String)>> {
        let names =
            select(vec!["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "no_proxy", "FTP_PROXY", "All_Proxy"]);
        let values = select(vec!["http://127.0.0.1:3128", "", "10.0.0.0/8,.example.org", "a b"]);
        let variable = (names, values).prop_map(|(name, value)| (name.to_owned(), value.to_owned()));
        let most = if self.environment { 3 } else { 0 };
        prop_oneof![3 => Just(Vec::new()), 1 => collection::vec(variable, 0..=most)].boxed()
    }
}
