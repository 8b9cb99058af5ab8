//! The binary `fleet`: parses the command line and hands over to the library.

fn main() -> std::process::ExitCode {
    fleet_server::cli::run()
}
