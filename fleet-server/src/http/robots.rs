//! Robots as they were last heard, and the one thing a person may ask of one: to go on with its work.

use super::App;
use super::body::Form;
use super::problem::Problem;
use super::shape::Robot;
use crate::clock;
use crate::view::{RobotView, View};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use fleet_core::{Answer, Command};
use serde::{Deserialize, Serialize};
use shared::clearance::Clearance;
use shared::id::RobotId;
use shared::refusal::Code;
use shared::seal::from_hex;
use shared::zone::Hall;

/// All robots, and when the picture was taken.
#[derive(Debug, Serialize)]
pub struct Robots {
    as_of_ms: u64,
    robots: Vec<Robot>,
}

/// What a safety officer has signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    clearance: String,
}

/// A word that went out to a robot. Whether it was obeyed shows in the robot's state.
#[derive(Debug, Serialize)]
pub struct Requested {
    state: &'static str,
    number: u64,
}

/// `GET /v1/hall`
pub async fn hall(State(app): State<App>) -> Json<Hall> {
    Json((*app.desk.hall).clone())
}

/// `GET /v1/robots`
pub async fn list(State(app): State<App>) -> Json<Robots> {
    let view = app.desk.picture();
    let robots = view.robots.values().map(|robot| shape(&view, robot)).collect();
    Json(Robots { as_of_ms: clock::wall().0, robots })
}

/// `GET /v1/robots/{id}`
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Robot>, Problem> {
    let id = parse(&id)?;
    let view = app.desk.picture();
    let robot = view.robots.get(&id).ok_or_else(|| missing(&id))?;
    Ok(Json(shape(&view, robot)))
}

/// `POST /v1/robots/{id}/resume-requests`
pub async fn resume(State(app): State<App>, Path(id): Path<String>) -> Result<(StatusCode, Json<Requested>), Problem> {
    let robot = parse(&id)?;
    ask(&app, Command::Resume { robot }).await
}

/// `POST /v1/robots/{id}/clearances`: what a safety officer has signed, as hexadecimal digits.
pub async fn clear(
    State(app): State<App>,
    Path(id): Path<String>,
    Form(signed): Form<Signed>,
) -> Result<(StatusCode, Json<Requested>), Problem> {
    let robot = parse(&id)?;
    let bad = |detail: String| Problem::new(Code::BadClearance, detail).field("clearance");
    let bytes = from_hex(&signed.clearance).map_err(|e| bad(e.to_string()))?;
    let clearance = Clearance::read(&bytes).map_err(|e| bad(e.to_string()))?;
    if clearance.robot != robot {
        return Err(bad(format!("The clearance is for {}, the request for {robot}.", clearance.robot)));
    }
    ask(&app, Command::Clear(Box::new(clearance))).await
}

async fn ask(app: &App, command: Command) -> Result<(StatusCode, Json<Requested>), Problem> {
    match app.desk.ask(command).await?? {
        Answer::Requested { number } => Ok((StatusCode::ACCEPTED, Json(Requested { state: "requested", number }))),
        Answer::Task { .. } | Answer::Imported(_) | Answer::Sync(_) | Answer::Ops(_) => {
            unreachable!("a word to a robot is answered with its number")
        }
    }
}

/// A robot with its ages at this moment.
pub fn shape(view: &View, robot: &RobotView) -> Robot {
    Robot::of(robot, (clock::now(), clock::wall()), |task| view.tasks.get(&task).map(|row| &**row))
}

/// A robot's name as it stands in a path.
pub fn parse(id: &str) -> Result<RobotId, Problem> {
    RobotId::parse(id).map_err(|e| Problem::new(Code::BadId, e.to_string()).field("id"))
}

/// There is no such robot.
pub fn missing(id: &RobotId) -> Problem {
    Problem::new(Code::NotFound, format!("The roster has no robot {id}."))
}
