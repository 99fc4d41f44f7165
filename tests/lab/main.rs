//! The lab: real machines with real Kubernetes on one computer, for people (`cargo lab up`) and for tests (`cargo lab test`).
//! docs/lab.md tells how it is used and what it is made of.

// The lints keep the product behind its seams; the lab is the world on the other side of them.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

mod artefacts;
mod bench;
mod cache;
mod cases;
mod cli;
mod cluster;
mod command;
mod conformance;
mod evidence;
mod help;
mod interrupt;
mod lab;
mod lock;
mod machine;
mod prerequisites;
mod progress;

use std::ffi::OsString;
use std::io::{Write, stderr};
use std::process::ExitCode;

use clap::Parser;
use nix::sys::stat::{Mode, umask};

fn main() -> ExitCode {
    // What is built and written here is read by others, such as the users in the machines.
    umask(Mode::S_IWGRP | Mode::S_IWOTH);
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let words: Vec<OsString> = std::env::args_os().skip(1).collect();
            let Some(help) = help::wanted(&words) else {
                eprintln!("{error}\ncargo lab --help lists the commands, cargo lab COMMAND --help a command's flags.");
                return ExitCode::from(2);
            };
            println!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    match cli::run(&cli) {
        Ok(code) => code,
        Err(error) => {
            // The terminal may be gone, which was the error.
            let _ = writeln!(stderr(), "cargo lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}
