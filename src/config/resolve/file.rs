//! What a file says by itself, for `config migrate` and `config validate`.

use camino::Utf8PathBuf;

use super::super::error::ConfigError;
use super::super::load::{self, AllDocuments, Allowed};
use super::super::v1beta4::{JoinConfiguration, ResetConfiguration, UpgradeConfiguration};
use super::super::{InitConfig, defaults, validate};
use super::init::Purpose;
use super::label::Fetch;
use super::{Machine, init, join, read_file, reset};
use crate::host::Host;
use crate::versions::OWN;

/// The flags of `config migrate` and `config validate`, as typed.
#[derive(Debug, Clone, Default)]
pub struct FileFlags {
    /// `--old-config`, or `--config`.
    pub path: Utf8PathBuf,
    /// `--allow-experimental-api`.
    pub allow_experimental: bool,
    /// `--allow-deprecated-api`.
    pub allow_deprecated: bool,
}

/// Everything that a file says to any command, complete and valid.
#[derive(Debug, Clone, Default)]
pub struct FileConfig {
    /// Of an InitConfiguration, a ClusterConfiguration or both.
    pub init: Option<InitConfig>,
    /// JoinConfiguration.
    pub join: Option<JoinConfiguration>,
    /// ResetConfiguration.
    pub reset: Option<ResetConfiguration>,
    /// UpgradeConfiguration.
    pub upgrade: Option<UpgradeConfiguration>,
    /// Component configurations that were fields of a document of an old version.
    pub taken_out: Vec<serde_json::Value>,
    /// The kinds of those that are documents of their own.
    pub components: Vec<String>,
}

/// What a file says by itself. Nothing is asked of the cluster.
pub async fn file(
    flags: &FileFlags,
    host: &dyn Host,
    machine: &Machine,
    fetch: &impl Fetch,
    warnings: &mut Vec<String>,
) -> Result<FileConfig, ConfigError> {
    let allowed = Allowed { experimental: flags.allow_experimental, deprecated: flags.allow_deprecated };
    let load = |content: &[u8], warnings: &mut Vec<String>| load::all(content, allowed, warnings);
    let found = read_file(host, &flags.path, warnings, load)?;
    let AllDocuments { taken_out, components, .. } = found;
    let in_file = |error: ConfigError| error.in_file(&flags.path);
    let mut config = FileConfig { taken_out, components, ..FileConfig::default() };
    if let Some(documents) = found.init {
        let completed = init::complete(documents, Purpose::Look, machine, fetch, warnings).await;
        config.init = Some(completed.map_err(in_file)?);
    }
    if let Some(mut join) = found.join {
        join::complete(&mut join, host, machine, warnings).map_err(in_file)?;
        if join.control_plane.is_some() {
            join.node_registration.taints.get_or_insert_with(|| defaults::control_plane_taints(&OWN));
        }
        config.join = Some(join);
    }
    if let Some(mut reset) = found.reset {
        reset::complete(&mut reset, machine, warnings).map_err(in_file)?;
        config.reset = Some(reset);
    }
    if let Some(mut upgrade) = found.upgrade {
        defaults::upgrade(&mut upgrade).and_then(|_| validate::upgrade(&upgrade)).map_err(in_file)?;
        config.upgrade = Some(upgrade);
    }
    Ok(config)
}
