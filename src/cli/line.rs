//! A command line, taken apart the way kubeadm's libraries (cobra, pflag) do it: which command it names, wherever its
//! flags stand, then that command's flags and arguments.
//!
//! Knows how flags are written; refuses to know what any command does.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::flag::{BOOL, LIST, as_pflag, help_flag, type_of};
use super::list;

/// The id of the arguments of a command that has none of its own.
const WORDS: &str = "words";

/// The command that a line names, and all else on the line.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    /// The words to it: `init`, `phase`, `certs`.
    pub(super) path: Vec<&'a str>,
    /// The command.
    pub(super) command: &'a Command,
    /// The flags of the commands above that it takes too.
    pub(super) inherited: Vec<&'a Arg>,
    /// Flags, their values and arguments, in order.
    pub(super) rest: Vec<OsString>,
}

impl<'a> Found<'a> {
    /// Follows the words of a line down from the root. Flags may stand before a command's word.
    #[must_use]
    pub(super) fn on(root: &'a Command, words: &[OsString]) -> Self {
        let mut found = Self { path: Vec::new(), command: root, inherited: Vec::new(), rest: words.to_vec() };
        while let Some((at, next)) = found.next() {
            found.rest.remove(at);
            found.path.push(next.get_name());
            found.inherited.extend(found.command.get_arguments().filter(|arg| arg.is_global_set()));
            found.command = next;
        }
        found
    }

    fn next(&self) -> Option<(usize, &'a Command)> {
        let at = self.first_word()?;
        Some((at, self.command.find_subcommand(&self.rest[at])?))
    }

    /// Where the first word is that is neither a flag nor a flag's value.
    #[must_use]
    pub(super) fn first_word(&self) -> Option<usize> {
        let mut words = self.rest.iter().enumerate();
        while let Some((at, word)) = words.next() {
            // A word that is no text names no command, and no flag.
            let Some(text) = word.to_str() else { return Some(at) };
            match text {
                "--" => return None,
                flag if flag.starts_with('-') => {
                    if self.value_follows(flag) {
                        words.next();
                    }
                }
                "" => {}
                _ => return Some(at),
            }
        }
        None
    }

    /// Whether the word after a flag is its value. A flag that is not known is taken for one with a value.
    #[must_use]
    pub(super) fn value_follows(&self, word: &str) -> bool {
        if word.contains('=') || !word.starts_with("--") && word.len() != 2 {
            return false;
        }
        self.flag(word).is_none_or(|arg| type_of(arg) != BOOL)
    }

    /// The flag that `--name` or `-n` stands for.
    #[must_use]
    pub(super) fn flag(&self, word: &str) -> Option<&'a Arg> {
        let named = |arg: &&Arg| match word.strip_prefix("--") {
            Some(long) => arg.get_long() == Some(long),
            None => word.strip_prefix('-').is_some_and(|short| short.chars().eq(arg.get_short())),
        };
        self.flags().find(named)
    }

    /// The flags that may be given, those of the commands above last.
    pub(super) fn flags(&self) -> impl Iterator<Item = &'a Arg> + use<'a, '_> {
        self.command.get_arguments().chain(self.inherited.iter().copied()).filter(|arg| !arg.is_positional())
    }

    /// The whole name: `kinit init phase`.
    #[must_use]
    pub(super) fn name(&self, program: &str) -> String {
        [&[program], &self.path[..]].concat().join(" ")
    }

    /// Reads the flags and arguments.
    pub(super) fn read(&self) -> Result<ArgMatches, clap::Error> {
        let args = self.command.get_arguments().chain(self.inherited.iter().copied());
        let reader = Command::new("line")
            .no_binary_name(true)
            .disable_help_flag(true)
            .args_override_self(true)
            .args(args.cloned().map(as_pflag))
            .arg(as_pflag(help_flag()));
        let words = Arg::new(WORDS).num_args(0..).hide(true).allow_hyphen_values(false);
        let own = self.command.get_positionals().next().is_some();
        let reader = if own { reader } else { reader.arg(words) };
        reader.try_get_matches_from(self.with_lists_apart()?)
    }

    /// The rest with each value of a list behind a flag of its own, and so without lists that are given and empty
    /// (`--skip-phases=`): they are no lists of one empty word.
    fn with_lists_apart(&self) -> Result<Vec<OsString>, clap::Error> {
        let is_list = |word: &str| self.flag(word).is_some_and(|arg| type_of(arg) == LIST);
        let mut apart: Vec<OsString> = Vec::new();
        let mut words = self.rest.iter();
        while let Some(word) = words.next() {
            let (flag, value) = match word.to_str() {
                Some("--") => {
                    apart.push(word.clone());
                    apart.extend(words.by_ref().cloned());
                    break;
                }
                Some(flag) if is_list(flag) => (flag, words.clone().next().and_then(|value| value.to_str())),
                Some(text) => match text.split_once('=') {
                    Some((flag, value)) if is_list(flag) => (flag, Some(value)),
                    _ => ("", None),
                },
                None => ("", None),
            };
            let Some(value) = value else {
                apart.push(word.clone());
                // The word after any other flag is its value, also if it looks like a list's flag.
                if word.to_str().is_some_and(|flag| flag.starts_with('-') && self.value_follows(flag)) {
                    apart.extend(words.next().cloned());
                }
                continue;
            };
            if is_list(&word.to_string_lossy()) {
                words.next();
            }
            let values = list::values(value).ok_or_else(|| wrong_list(flag, value))?;
            apart.extend(values.into_iter().map(|value| format!("{flag}={value}").into()));
        }
        Ok(apart)
    }
}

/// What was typed after a command.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The words to the command.
    pub(super) path: Vec<&'a str>,
    /// The flags' values.
    pub(super) matches: ArgMatches,
    /// The long names of the flags that were given.
    pub(super) flags: Vec<String>,
    /// The long names of the flags that the command takes.
    pub(super) takes: Vec<String>,
    /// The first argument, where none is taken.
    pub(super) stray: Option<String>,
}

impl<'a> Line<'a> {
    /// What was read. A hidden flag is another phase's, and unknown here.
    pub(super) fn new(found: &Found<'a>, matches: ArgMatches) -> Result<Self, clap::Error> {
        let typed = |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let typed: Vec<&Arg> = found.flags().filter(typed).collect();
        if let Some(foreign) = typed.iter().find(|arg| arg.is_hide_set()) {
            let mut error = clap::Error::new(ErrorKind::UnknownArgument);
            let long = format!("--{}", foreign.get_long().unwrap_or_default());
            let by_long = found.rest.iter().any(|word| word.to_string_lossy().starts_with(&long));
            let flag = foreign.get_short().filter(|_| !by_long).map_or(long, |short| format!("-{short}"));
            error.insert(ContextKind::InvalidArg, ContextValue::String(flag));
            return Err(error);
        }
        let names = |args: Vec<&Arg>| args.into_iter().filter_map(Arg::get_long).map(str::to_owned).collect();
        let takes = found.flags().filter(|arg| !arg.is_hide_set()).collect();
        let own = found.command.get_positionals().next();
        let stray = match own.map_or(Some(WORDS), |own| own.is_hide_set().then_some(own.get_id().as_str())) {
            Some(id) => matches.get_many::<String>(id).and_then(|mut words| words.next()).cloned(),
            None => None,
        };
        Ok(Self { path: found.path.clone(), matches, flags: names(typed), takes: names(takes), stray })
    }

    /// The phase after `init phase`, as a full path; `None` for the whole pipeline.
    #[must_use]
    pub(super) fn phase(&self) -> Option<String> {
        let words = self.path.iter().skip(2).filter(|word| **word != "all");
        let path = words.copied().collect::<Vec<_>>().join("/");
        (!path.is_empty()).then_some(path)
    }

    /// Whether help was asked for.
    #[must_use]
    pub(super) fn help(&self) -> bool {
        self.matches.get_flag("help")
    }
}

fn wrong_list(flag: &str, value: &str) -> clap::Error {
    let mut error = clap::Error::new(ErrorKind::ValueValidation);
    error.insert(ContextKind::InvalidArg, ContextValue::String(flag.to_owned()));
    error.insert(ContextKind::InvalidValue, ContextValue::String(value.to_owned()));
    error
}
