//! Which server, and how to print: the same for every noun.

use clap::Args;
use serde_json::Value;

/// Which server, and how to print.
#[derive(Clone, Debug, Args)]
pub struct To {
    /// The server's address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// Print the server's JSON.
    #[arg(long)]
    pub json: bool,
}

impl To {
    /// The lines to print: the JSON, or what people read.
    pub fn print(&self, value: &Value, people: impl FnOnce() -> Vec<String>) -> Vec<String> {
        if self.json { vec![value.to_string()] } else { people() }
    }
}
