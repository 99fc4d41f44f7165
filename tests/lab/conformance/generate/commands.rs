//! The commands that work offline, each with its flags. It knows nothing of what they do.

use super::super::case::Kind;
use super::existing::Finds::{self, CaAndKubeconfigs, Cas, MaybeCas};

/// A command.
pub(super) struct Command {
    pub(super) kind: Kind,
    /// Its name, sub-commands included.
    pub(super) words: &'static str,
    /// What it needs where no configuration says it.
    pub(super) alone: &'static str,
    /// Its flags beside `config`, `help` and the global ones.
    flags: &'static str,
    pub(super) finds: Finds,
    /// The first minor that has it.
    since: u64,
    /// The last minor that it is tried with.
    until: u64,
}

const fn command(kind: Kind, words: &'static str, flags: &'static str) -> Command {
    Command { kind, words, alone: "", flags, finds: Finds::Nothing, since: 0, until: u64::MAX }
}

impl Command {
    const fn since(self, minor: u64) -> Self {
        Self { since: minor, ..self }
    }

    const fn until(self, minor: u64) -> Self {
        Self { until: minor, ..self }
    }

    const fn finds(self, finds: Finds) -> Self {
        Self { finds, ..self }
    }

    const fn alone(self, words: &'static str) -> Self {
        Self { alone: words, ..self }
    }

    /// Whether it has a flag, in some minor.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.split_whitespace().any(|name| name == flag)
    }

    /// Whether it can be compared without a configuration: where none is, the version has to be told by a flag, unless kubeadm's
    /// own is kinit's own.
    pub(super) fn works_alone(&self, minor: u64) -> bool {
        minor >= 37 || self.has("kubernetes-version") || matches!(self.kind, Kind::JoinDryRun | Kind::ResetDryRun)
    }

    /// The flags that kubeadm of this minor has, too.
    pub(super) fn flags(&self, minor: u64) -> impl Iterator<Item = &'static str> {
        let young = move |name: &str| {
            let row = YOUNG_FLAGS.iter().find(|(words, flag, _)| self.words.starts_with(words) && *flag == name);
            row.is_some_and(|(.., since)| *since > minor)
        };
        self.flags.split_whitespace().filter(move |name| !young(name))
    }
}

/// Flags that v1.23 does not have: the commands' first words, the flag, its first minor.
const YOUNG_FLAGS: &[(&str, &str, u64)] = &[
    ("init phase certs", "dry-run", 26),
    ("init phase kubeconfig", "dry-run", 26),
    ("init phase etcd", "dry-run", 26),
    ("init phase kubelet-start", "dry-run", 26),
    ("init phase kubelet-start", "patches", 25),
    ("init phase kubelet-start", "image-repository", 29),
    ("config images", "output", 31),
    ("config validate", "allow-deprecated-api", 36),
    ("reset", "cleanup-tmp-dir", 26),
];

/// The commands of a kind that kubeadm of a minor has.
pub(super) fn of(kind: Kind, minor: u64) -> Vec<&'static Command> {
    COMMANDS.iter().filter(|command| command.kind == kind && (command.since..=command.until).contains(&minor)).collect()
}

const WORKER_FLAGS: &str = "cri-socket discovery-token discovery-token-ca-cert-hash discovery-token-unsafe-skip-ca-verification node-name patches \
                            skip-phases tls-bootstrap-token token";
const JOIN_FLAGS: &str = "certificate-key control-plane cri-socket discovery-token discovery-token-ca-cert-hash \
                          discovery-token-unsafe-skip-ca-verification node-name patches skip-phases tls-bootstrap-token token";
const JOIN_ALONE: &str =
    "192.0.2.10:6443 --token abcdef.abcdef0123456789 --discovery-token-unsafe-skip-ca-verification";

/// Every command that is tried as it is meant.
pub(super) static COMMANDS: &[Command] = &[
    command(Kind::Certs, "init phase certs all", "apiserver-advertise-address apiserver-cert-extra-sans cert-dir control-plane-endpoint dry-run kubernetes-version service-cidr service-dns-domain").finds(MaybeCas),
    command(Kind::Certs, "init phase certs apiserver", "apiserver-advertise-address apiserver-cert-extra-sans cert-dir control-plane-endpoint dry-run kubernetes-version service-cidr service-dns-domain").finds(Cas),
    command(Kind::Certs, "init phase certs apiserver-etcd-client", "cert-dir dry-run kubernetes-version").finds(Cas),
    command(Kind::Certs, "init phase certs apiserver-kubelet-client", "cert-dir dry-run kubernetes-version").finds(Cas),
    command(Kind::Certs, "init phase certs ca", "cert-dir dry-run kubernetes-version").finds(MaybeCas),
    command(Kind::Certs, "init phase certs etcd-ca", "cert-dir dry-run kubernetes-version").finds(MaybeCas),
    command(Kind::Certs, "init phase certs etcd-healthcheck-client", "cert-dir dry-run kubernetes-version").finds(Cas),
    command(Kind::Certs, "init phase certs etcd-peer", "cert-dir dry-run kubernetes-version").finds(Cas),
    command(Kind::Certs, "init phase certs etcd-server", "cert-dir dry-run kubernetes-version").finds(Cas),
    command(Kind::Certs, "init phase certs front-proxy-ca", "cert-dir dry-run kubernetes-version").finds(MaybeCas),
    command(Kind::Certs, "init phase certs front-proxy-client", "cert-dir dry-run kubernetes-version").finds(Cas),
    // Older ones take neither a configuration nor a version.
    command(Kind::Certs, "init phase certs sa", "cert-dir dry-run kubernetes-version").finds(MaybeCas).since(36),
    command(Kind::ControlPlane, "init phase control-plane all", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run feature-gates image-repository kubernetes-version patches pod-network-cidr service-cidr").finds(MaybeCas),
    command(Kind::ControlPlane, "init phase control-plane apiserver", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run feature-gates image-repository kubernetes-version patches service-cidr").finds(MaybeCas),
    command(Kind::ControlPlane, "init phase control-plane controller-manager", "cert-dir dry-run image-repository kubernetes-version patches pod-network-cidr").finds(MaybeCas),
    command(Kind::ControlPlane, "init phase control-plane scheduler", "cert-dir dry-run image-repository kubernetes-version patches").finds(MaybeCas),
    command(Kind::Etcd, "init phase etcd local", "cert-dir dry-run image-repository patches"),
    command(Kind::Kubeconfig, "init phase kubeconfig admin", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version").finds(CaAndKubeconfigs),
    command(Kind::Kubeconfig, "init phase kubeconfig all", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version node-name").finds(CaAndKubeconfigs),
    command(Kind::Kubeconfig, "init phase kubeconfig controller-manager", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version").finds(CaAndKubeconfigs),
    command(Kind::Kubeconfig, "init phase kubeconfig kubelet", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version node-name").finds(CaAndKubeconfigs),
    command(Kind::Kubeconfig, "init phase kubeconfig scheduler", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version").finds(CaAndKubeconfigs),
    command(Kind::Kubeconfig, "init phase kubeconfig super-admin", "apiserver-advertise-address apiserver-bind-port cert-dir control-plane-endpoint dry-run kubeconfig-dir kubernetes-version").finds(CaAndKubeconfigs).since(29),
    command(Kind::KubeletFiles, "init phase kubelet-start", "cri-socket dry-run image-repository node-name patches"),
    command(Kind::ConfigPrint, "config print init-defaults", "component-configs"),
    command(Kind::ConfigPrint, "config print join-defaults", "component-configs"),
    command(Kind::ConfigPrint, "config print reset-defaults", "").since(31),
    command(Kind::ConfigPrint, "config print upgrade-defaults", "").since(31),
    command(Kind::ConfigMigrate, "config migrate", "allow-experimental-api").since(31),
    command(Kind::ConfigValidate, "config validate", "allow-deprecated-api allow-experimental-api").since(31),
    command(
        Kind::ImagesList,
        "config images list",
        "feature-gates image-repository kubernetes-version output allow-missing-template-keys show-managed-fields",
    ),
    command(Kind::TokenGenerate, "token generate", ""),
    command(
        Kind::DryRun,
        "init --dry-run --ignore-preflight-errors=all",
        "apiserver-advertise-address apiserver-bind-port apiserver-cert-extra-sans cert-dir certificate-key control-plane-endpoint cri-socket feature-gates \
         image-repository kubernetes-version node-name patches pod-network-cidr service-cidr service-dns-domain skip-certificate-key-print skip-phases \
         skip-token-print token token-ttl upload-certs",
    )
    .finds(MaybeCas),
    command(
        Kind::ResetDryRun,
        "reset --dry-run --ignore-preflight-errors=all",
        "cert-dir cleanup-tmp-dir cri-socket kubeconfig skip-phases",
    )
    .alone("--force")
    .finds(CaAndKubeconfigs)
    .since(24),
    command(Kind::JoinDryRun, "join --dry-run --ignore-preflight-errors=all", JOIN_FLAGS).alone(JOIN_ALONE).since(32),
    // Without a cluster, older dry runs come no further than their configuration.
    command(
        Kind::JoinDryRun,
        "join --dry-run --ignore-preflight-errors=all --skip-phases=preflight,kubelet-start",
        WORKER_FLAGS,
    )
    .alone(JOIN_ALONE)
    .until(30),
];
