//! The program. Everything is in the library.

fn main() -> std::process::ExitCode {
    kinit::cli::main(std::env::args_os())
}
