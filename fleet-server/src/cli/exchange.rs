//! What an outbox and the server say to each other: what was not sent, and what became of it.
//!
//! Leaves to others: what the outbox keeps and how (`outbox`), what of it a person is shown (`shown`).

use super::client::{Client, Failure};
use super::outbox::Outbox;
use super::table::cell;
use serde_json::Value;
use shared::id::TaskId;
use std::path::PathBuf;

/// Where what is wanted is kept until the server has answered.
#[derive(Clone, Debug, clap::Args)]
pub struct Kept {
    /// This person's outbox; made where there is none.
    #[arg(long, default_value = "fleet-outbox.jsonl")]
    pub outbox: PathBuf,
}

/// Sends what is unsent until nothing is, and learns what is new. What was refused is told once everything is answered.
pub fn push(client: &Client, outbox: &mut Outbox) -> Result<(), Failure> {
    let (mut refused, mut is_renamed) = (vec![], false);
    loop {
        let batch = outbox.batch();
        let asked = serde_json::to_value(&batch).map_err(|e| Failure::Usage(e.to_string()))?;
        let answer = match client.post_json("/v1/ops", &asked) {
            Err(failure) if is_lost(&failure) && !is_renamed => {
                eprintln!("fleet: {failure} This outbox goes on under a new name.");
                is_renamed = true;
                outbox.rename()?;
                continue;
            }
            answer => answer.map_err(|failure| kept(outbox, failure))?,
        };
        outbox.answered(&answer)?;
        refused.extend(answer["results"].as_array().into_iter().flatten().filter_map(refusal));
        if batch.ops.len() == outbox.unsent().count() && !batch.ops.is_empty() {
            return Err(Failure::Usage("the server answered none of the operations".into()));
        }
        if outbox.unsent().next().is_none() {
            break;
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::OpsRefused(refused.join(" "))) }
}

/// Whether the server and this outbox do not agree on what was sent: one of them is an old copy.
fn is_lost(failure: &Failure) -> bool {
    let Failure::Refused(problem) = failure else { return false };
    matches!(problem["code"].as_str(), Some("FLT-1105" | "FLT-1106"))
}

fn kept(outbox: &Outbox, failure: Failure) -> Failure {
    match (outbox.unsent().count(), &failure) {
        (count @ 1.., Failure::Unanswered { why, .. }) => Failure::Kept { count, why: why.clone() },
        _ => failure,
    }
}

fn refusal(result: &Value) -> Option<String> {
    let sentence = result["sentence"].as_str()?;
    Some(format!("Operation {}: {sentence} ({})", cell(&result["seq"]), cell(&result["code"])))
}

/// A task that this machine has not heard of is asked for.
pub fn find(client: &Client, outbox: &mut Outbox, text: &str) -> Result<TaskId, Failure> {
    if let Some(task) = outbox.known().find(text) {
        return Ok(task);
    }
    push(client, outbox)?;
    let unknown = || Failure::Usage(format!("{text} is no task that this machine or the server knows"));
    outbox.known().find(text).ok_or_else(unknown)
}
