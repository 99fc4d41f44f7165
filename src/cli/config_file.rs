//! `config migrate` and `config validate`: what a configuration file says by itself.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Command, FromArgMatches};
use nix::sys::stat::{self, FileStat, Mode, SFlag};

use super::context::Invocation;
use crate::config::print;
use crate::config::resolve::{self, FileConfig, FileFlags, Internet};
use crate::failure::{Failure, Outcome};
use crate::host::{Host, HostError, NewFile, Stat};

/// As many links lead on from each other as Linux follows: path_resolution(7).
const MOST_LINKS: usize = 40;

/// Flags of `config migrate`.
#[derive(Debug, Args)]
struct MigrateArgs {
    /// Path to the kubeadm config file that is using an old API version and should be converted. This flag is mandatory
    #[arg(long, value_name = "string", default_value = "", hide_default_value = true)]
    old_config: Utf8PathBuf,
    /// Path to the resulting equivalent kubeadm config file using the new API version. Optional, if not specified
    /// output will be sent to STDOUT
    #[arg(long, value_name = "string", default_value = "", hide_default_value = true)]
    new_config: Utf8PathBuf,
    /// Allow migration to experimental, unreleased APIs
    #[arg(long)]
    allow_experimental_api: bool,
}

/// Flags of `config validate`.
#[derive(Debug, Args)]
struct ValidateArgs {
    /// Path to a kubeadm configuration file
    #[arg(long, value_name = "string", default_value = "", hide_default_value = true)]
    config: Utf8PathBuf,
    /// Allow validation of deprecated APIs
    #[arg(long)]
    allow_deprecated_api: bool,
    /// Allow validation of experimental, unreleased APIs
    #[arg(long)]
    allow_experimental_api: bool,
}

/// Both commands.
#[must_use]
pub(super) fn commands() -> [Command; 2] {
    let migrate = "Read an older version of the kubeadm configuration API types from a file, and output the similar \
                   config object for the newer version";
    let validate = "Read a file containing the kubeadm configuration API and report any validation problems";
    [
        MigrateArgs::augment_args(Command::new("migrate")).about(migrate),
        ValidateArgs::augment_args(Command::new("validate")).about(validate),
    ]
}

/// Writes what a file says in the current version.
pub(super) async fn migrate(args: &clap::ArgMatches, invocation: &Invocation) -> Outcome {
    let args = MigrateArgs::from_arg_matches(args)?;
    let flags = FileFlags {
        path: mandatory(args.old_config, "old-config")?,
        allow_experimental: args.allow_experimental_api,
        // To write it in the current version is what is asked for.
        allow_deprecated: true,
    };
    let config = read(&flags, true, invocation).await?;
    if !config.components.is_empty() && same_file(&flags.path, &args.new_config) {
        return Err(lost(&config.components, &args.new_config));
    }
    for kind in &config.components {
        invocation.ui.warn(format_args!(
            "the {kind} in {} is not written: only kubeadm's own documents change; copy it behind them",
            flags.path
        ));
    }
    let text = print::migrated(&config)?;
    if args.new_config == Utf8Path::new("") {
        let end = if text.is_empty() { "" } else { "\n" };
        return Ok(invocation.ui.text(format_args!("{}{end}", text.trim_end()))?);
    }
    let path = &args.new_config;
    in_a_directory(&*invocation.host, path)
        .and_then(|()| Ok(write(&*invocation.host, path, &text)?))
        .map_err(|failure| failure.within(&format!("failed to write the new configuration to the file {path:?}")))
}

/// Whether two names are one file's, links followed.
fn same_file(one: &Utf8Path, other: &Utf8Path) -> bool {
    let is_file = |stat: &FileStat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG;
    let known = |path: &Utf8Path| stat::stat(path.as_std_path()).ok().filter(is_file);
    known(one).zip(known(other)).is_some_and(|(one, other)| (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}

/// What is not written would be gone with the file that has it.
fn lost(kinds: &[String], file: &Utf8Path) -> Failure {
    let kinds = kinds.join(" and the ");
    Failure::text(format!("the {kinds} in {file} would be lost: only kubeadm's own documents change and are written"))
        .hint(format!(
            "write to another file with --new-config, copy the {kinds} behind what is there, and move it here"
        ))
}

/// A directory that is not there is mistyped more often than it is meant.
fn in_a_directory(host: &dyn Host, path: &Utf8Path) -> Outcome {
    let dir = path.parent().filter(|dir| *dir != "");
    match dir {
        Some(dir) if !host.exists(dir)? => {
            Err(Failure::text(format!("there is no directory {dir}")).hint(format!("mkdir -p {dir}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file as a shell's `>` does: what is there keeps its mode and owner, a link stays one, and a new file has
/// the mode that the umask leaves.
fn write(host: &dyn Host, path: &Utf8Path, text: &str) -> Result<(), HostError> {
    let path = &followed(host, path)?;
    let before = host.stat(path)?;
    let mode = before.map_or_else(|| 0o644 & !umask(), |stat| stat.mode);
    host.write(&NewFile { path, content: text.as_bytes(), mode, secret: false })?;
    let owner = |stat: Stat| (stat.uid, stat.gid);
    match before.map(owner).filter(|before| host.stat(path).is_ok_and(|now| now.map(owner) != Some(*before))) {
        Some(before) => host.set_owner(path, before),
        None => Ok(()),
    }
}

/// Where links lead. A ring of them leads nowhere: what is written to it is refused.
fn followed(host: &dyn Host, path: &Utf8Path) -> Result<Utf8PathBuf, HostError> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(target) = host.link(&path)? else { break };
        let next = path.parent().unwrap_or(Utf8Path::new("")).join(target);
        // What a process has open need not have a name: /dev/stdout leads to "pipe:[7]".
        if host.exists(&path)? && !host.exists(&next)? {
            break;
        }
        path = next;
    }
    Ok(path)
}

/// The bits that a new file does not get. They can't be asked for without being set.
fn umask() -> u32 {
    let mask = stat::umask(Mode::empty());
    stat::umask(mask);
    mask.bits()
}

/// Says whether a file can be used.
pub(super) async fn validate(args: &clap::ArgMatches, invocation: &Invocation) -> Outcome {
    let args = ValidateArgs::from_arg_matches(args)?;
    let flags = FileFlags {
        path: mandatory(args.config, "config")?,
        allow_experimental: args.allow_experimental_api,
        allow_deprecated: args.allow_deprecated_api,
    };
    read(&flags, false, invocation).await?;
    invocation.ui.line("ok");
    Ok(())
}

fn mandatory(path: Utf8PathBuf, flag: &str) -> Outcome<Utf8PathBuf> {
    if path == Utf8Path::new("") {
        let failure = Failure::text(format!("the --{flag} flag is mandatory"));
        return Err(failure.hint(format!("give the path of a configuration file with --{flag}")));
    }
    Ok(path)
}

async fn read(flags: &FileFlags, sockets: bool, invocation: &Invocation) -> Outcome<FileConfig> {
    let machine = invocation.machine(sockets).await?;
    let mut warnings = Vec::new();
    let resolved = resolve::file(flags, &*invocation.host, &machine, &Internet, &mut warnings).await;
    invocation.resolved(resolved, &warnings)
}
