//! The server as an operator's program sees it.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use ureq::Agent;

/// A client of the server's `/v1`.
#[derive(Clone, Debug)]
pub struct Rest {
    agent: Agent,
    root: String,
}

impl Rest {
    /// A client of the server that listens there.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5)));
        Self { agent: config.build().into(), root: format!("http://{address}") }
    }

    /// Reads a path.
    ///
    /// # Errors
    /// When the server cannot be reached or answers with anything but 200 and JSON.
    pub fn get(&self, path: &str) -> Result<Value> {
        let mut answer =
            self.agent.get(format!("{}{path}", self.root)).call().with_context(|| format!("GET {path}"))?;
        let body = answer.body_mut().read_to_string()?;
        ensure!(answer.status() == 200, "GET {path} was answered {}: {body}", answer.status());
        serde_json::from_str(&body).with_context(|| format!("GET {path} was answered {body:?}"))
    }

    /// Sends JSON, or nothing for `Value::Null`; returns the status and the answer.
    ///
    /// # Errors
    /// When the server cannot be reached or does not answer with JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let request = self.agent.post(format!("{}{path}", self.root));
        let answer = if body.is_null() { request.send_empty() } else { request.send_json(body) };
        let mut answer = answer.with_context(|| format!("POST {path}"))?;
        let text = answer.body_mut().read_to_string()?;
        let value = serde_json::from_str(&text).with_context(|| format!("POST {path} was answered {text:?}"))?;
        Ok((answer.status().as_u16(), value))
    }

    /// Makes a task and returns it.
    ///
    /// # Errors
    /// When the server does not make it.
    pub fn add_task(&self, task: &Value) -> Result<Value> {
        let (status, answer) = self.post("/v1/tasks", task)?;
        ensure!(status == 201, "the task {task} was answered {status}: {answer}");
        Ok(answer)
    }

    /// Lets a robot's held work go on.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn resume(&self, robot: &str) -> Result<()> {
        let (status, answer) = self.post(&format!("/v1/robots/{robot}/resume-requests"), &Value::Null)?;
        ensure!(status == 202, "resume of {robot} was answered {status}: {answer}");
        Ok(())
    }

    /// A robot as the server tells of it; `Null` when the server is not there or does not know it.
    #[must_use]
    pub fn robot(&self, name: &str) -> Value {
        self.get(&format!("/v1/robots/{name}")).unwrap_or_default()
    }

    /// A task's state; `Null` when the server is not there or does not know it.
    #[must_use]
    pub fn task_state(&self, code: &str) -> Value {
        self.get(&format!("/v1/tasks/{code}")).map(|task| task["state"].clone()).unwrap_or_default()
    }
}
