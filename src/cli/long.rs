//! What help tells of a command beyond its one line, where that is not enough to use it.

use clap::Command;

/// A command's words, and what follows its one line; `PROGRAM` is the program's name.
const TEXTS: [(&[&str], &str); 5] = [
    (&["join"], JOIN),
    (&["token"], TOKEN),
    (&["completion"], COMPLETION),
    (&["config", "migrate"], MIGRATE),
    (&["config", "validate"], VALIDATE),
];
const PROGRAM: &str = "PROGRAM";

const JOIN: &str = "\
The machine becomes a worker. (--control-plane is not there yet.)

First the machine has to trust the cluster. Either it is told the address of an
API server, a token, and a pin of the cluster's CA:

  PROGRAM join 192.0.2.10:6443 --token abcdef.0123456789abcdef \\
    --discovery-token-ca-cert-hash sha256:1234...cdef

Or it is told a kubeconfig file that holds the address and the CA, by its path
or an https URL, whose certificate this machine's own CAs have to vouch for:

  PROGRAM join --discovery-file /path/to/cluster.conf

'PROGRAM init' prints the first form, to be copied. The pin is the SHA-256 of the
CA's public key, and may be given several times. On a control plane:

  openssl x509 -pubkey -in /etc/kubernetes/pki/ca.crt |
    openssl pkey -pubin -outform der | openssl dgst -sha256 -hex

With --discovery-token-unsafe-skip-ca-verification no pin is needed, and anybody
who knows the token can pose as the cluster.

Then the cluster has to trust the machine. Its kubelet makes a key of its own and
asks for a certificate with a token (--tls-bootstrap-token), or with the
credentials that the kubeconfig file holds. --token stands for both tokens.";

const TOKEN: &str = "\
A token is of the form [a-z0-9]{6}.[a-z0-9]{16}; what is behind the dot is secret.
The cluster knows it by the Secret bootstrap-token-ID in the namespace kube-system.
One that 'generate' prints is stored by 'PROGRAM init --token TOKEN'.";

const COMPLETION: &str = "\
For this shell only, in bash or zsh, and in fish:

  source <(PROGRAM completion bash)
  source <(PROGRAM completion zsh)
  PROGRAM completion fish | source

For every shell, write the same line into ~/.bashrc, ~/.zshrc (behind compinit) or
~/.config/fish/config.fish. Nothing else has to be installed.";

const MIGRATE: &str = "\
The result is what 'PROGRAM init', 'join' or 'reset' makes of the file: all defaults
are filled in, those of this machine too (its name and address, a new token), and
wrong values are refused. It is of v1beta4; v1beta3 and everything older is read, and
what v1beta4 has no place for is named. No cluster is asked or changed.

  PROGRAM config migrate --old-config old.yaml --new-config new.yaml";

const VALIDATE: &str = "\
An unknown field, of which 'PROGRAM init' and 'join' only warn, is an error here, and
so is every unknown kind and version. No cluster is asked.

  PROGRAM config validate --config FILE";

/// The command tree with these texts.
#[must_use]
pub(super) fn told(root: Command, program: &str) -> Command {
    TEXTS.into_iter().fold(root, |root, (path, text)| told_at(root, path, &text.replace(PROGRAM, program)))
}

fn told_at(command: Command, path: &[&str], text: &str) -> Command {
    if let [next, below @ ..] = path {
        return command.mut_subcommand(*next, |next| told_at(next, below, text));
    }
    let told = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let long = match told.split_once("\n\n") {
        Some((line, more)) => format!("{line}\n\n{text}\n\n{more}"),
        None => format!("{told}\n\n{text}"),
    };
    command.long_about(long)
}
