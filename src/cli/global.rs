//! Flags of every command.

use camino::Utf8PathBuf;
use clap::Args;

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct GlobalArgs {
    /// The path to the 'real' host root filesystem: chroot into it before anything else
    #[arg(long, value_name = "string", global = true)]
    pub(super) rootfs: Option<Utf8PathBuf>,
    /// Number for the log level verbosity
    #[arg(short, long = "v", value_name = "Level", global = true, default_value_t = 0)]
    pub(super) verbosity: i32,
    /// Comma-separated list of pattern=N settings for file-filtered logging (accepted, without effect)
    #[arg(long, value_name = "moduleSpec", global = true, value_parser = module_spec)]
    pub(super) vmodule: Option<String>,
}

/// Checks `pattern=N,pattern=N`.
fn module_spec(text: &str) -> Result<String, &'static str> {
    let right =
        |item: &str| item.split_once('=').is_some_and(|(name, level)| !name.is_empty() && level.parse::<i32>().is_ok());
    if text.split(',').all(|item| item.is_empty() || right(item)) {
        Ok(text.to_owned())
    } else {
        Err("expect comma-separated list of filename=N")
    }
}
