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
mod interrupt;
mod lab;
mod lock;
mod machine;
mod prerequisites;
mod progress;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(&cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}
