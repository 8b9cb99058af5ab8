//! A request's body, read once and refused with the field that is wrong.

use super::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use shared::refusal::Code;

/// Most bytes of a JSON body.
const JSON_LEN_MAX: usize = 64 * 1024;
/// Most bytes of a batch of operations: a note with its base, and what else waits.
const LARGE_LEN_MAX: usize = 2 * 1024 * 1024;
/// Most bytes of an imported plan.
const PLAN_LEN_MAX: usize = 1024 * 1024;

/// A JSON body of this shape.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json(request, JSON_LEN_MAX).await.map(Self)
    }
}

/// The same where more bytes are taken.
#[derive(Debug)]
pub struct Large<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Large<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json(request, LARGE_LEN_MAX).await.map(Self)
    }
}

async fn json<T: DeserializeOwned>(request: Request, most: usize) -> Result<T, Problem> {
    expect_type(&request, "application/json")?;
    let bytes = read(request.into_body(), most).await?;
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| bad_field(&e))?;
    json.end().map_err(|e| Problem::new(Code::BadBody, format!("Behind the JSON value: {e}.")))?;
    Ok(value)
}

/// A plan as comma-separated values.
#[derive(Debug)]
pub struct Plan(pub Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Plan {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_type(&request, "text/csv")?;
        read(request.into_body(), PLAN_LEN_MAX).await.map(Self)
    }
}

fn expect_type(request: &Request, wanted: &str) -> Result<(), Problem> {
    let found = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("none");
    let essence = found.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(Code::BadMediaType, format!("The content type is {found}, {wanted} is wanted.")))
}

async fn read(body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let too_large = |_| Problem::new(Code::TooLarge, format!("The body has more than {most} bytes, or was cut off."));
    to_bytes(body, most).await.map(|bytes| bytes.to_vec()).map_err(too_large)
}

fn bad_field(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let detail = error.inner().to_string();
    let problem = Problem::new(Code::BadBody, format!("{detail}."));
    match named_in(&detail).or_else(|| Some(error.path().to_string()).filter(|path| path != ".")) {
        Some(field) => problem.field(field),
        None => problem,
    }
}

/// The field that serde names in a message about a missing or unknown one.
fn named_in(detail: &str) -> Option<String> {
    let about_a_field = ["missing field `", "unknown field `"].into_iter().find_map(|start| detail.strip_prefix(start));
    about_a_field.and_then(|rest| rest.split_once('`')).map(|(field, _)| field.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::shape::Wish;
    use super::*;

    async fn field_of(body: &str) -> Option<String> {
        let request = Request::builder().header("content-type", "application/json").body(Body::from(body.to_owned()));
        let problem = Form::<Wish>::from_request(request.unwrap(), &()).await.unwrap_err();
        assert_eq!(problem.code, Code::BadBody);
        problem.field
    }

    #[tokio::test]
    async fn the_field_that_is_wrong_is_named() {
        let field = |text: &'static str| async move { field_of(text).await };
        assert_eq!(field(r#"{"title":"x","kind":"inspection"}"#).await.as_deref(), Some("zone"));
        assert_eq!(field(r#"{"colour":1}"#).await.as_deref(), Some("colour"));
        assert_eq!(field(r#"{"title":"x","kind":"dance","zone":"a"}"#).await.as_deref(), Some("kind"));
        assert_eq!(
            field(r#"{"title":"x","kind":"inspection","zone":"a","priority":-1}"#).await.as_deref(),
            Some("priority")
        );
        assert_eq!(field(r#"{"title":"x","kind":"inspection","zone":"A B"}"#).await.as_deref(), Some("zone"));
        assert_eq!(field("[").await, None);
    }

    #[tokio::test]
    async fn another_type_and_a_huge_body_are_refused() {
        let plain = Request::builder().header("content-type", "text/plain").body(Body::from("{}")).unwrap();
        assert_eq!(Form::<Wish>::from_request(plain, &()).await.unwrap_err().code, Code::BadMediaType);
        let huge = Request::builder()
            .header("content-type", "application/json")
            .body(Body::from(vec![b' '; JSON_LEN_MAX + 1]));
        assert_eq!(Form::<Wish>::from_request(huge.unwrap(), &()).await.unwrap_err().code, Code::TooLarge);
    }
}
