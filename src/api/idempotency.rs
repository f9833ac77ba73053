//! `Idempotency-Key`: a request that is sent again gets the answer that it got.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::caller;
use super::problem;
use crate::app::App;
use crate::domain::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::store::idempotency::{self, Answer, Claim};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest body that is kept or compared, in bytes.
const MOST: usize = super::JSON_LIMIT;

/// The middleware: passes everything but POSTs with a key.
///
/// # Errors
/// `idempotency_key_reused`, `request_in_progress`, and what the request itself is refused with.
pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let key = request.headers().get(KEY).map(|value| value.to_str().unwrap_or("").to_owned());
    let Some(key) = key.filter(|_| request.method() == Method::POST) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    match claim(&mut request, &key).await {
        Ok(Turn::First(app, actor)) => first(&app, actor, &key, request, next).await,
        Ok(Turn::Again(answer)) => Ok(request.into_response(replay(&answer))),
        Err(error) => Ok(request.error_response(error)),
    }
}

/// What a request with a key is.
enum Turn {
    /// The first of its kind.
    First(web::Data<App>, Uuid),
    /// One that was answered.
    Again(Answer),
}

async fn claim(request: &mut ServiceRequest, key: &str) -> Result<Turn> {
    let actor = caller::caller(request.request()).await?.id()?;
    if key.is_empty() || key.len() > 255 {
        return Err(Error::new(
            Code::BadRequest,
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
        ));
    }
    let body = read(request).await?;
    let mut identity = format!("{} {}\n", request.method(), request.uri()).into_bytes();
    identity.extend_from_slice(&body);
    request.set_payload(Payload::from(body.freeze()));
    let app =
        request.app_data::<web::Data<App>>().cloned().ok_or_else(|| Error::internal("no application"))?;
    match idempotency::claim(&app.pool, actor, key, &Digest::of(&identity)).await? {
        Claim::New => Ok(Turn::First(app, actor)),
        Claim::UnderWay => {
            Err(Error::new(Code::RequestInProgress, "The first request with this key has no answer yet."))
        }
        Claim::OtherRequest => {
            Err(Error::new(Code::IdempotencyMismatch, "The key was used for a request with other content."))
        }
        Claim::Answered(answer) => Ok(Turn::Again(answer)),
    }
}

async fn first(
    app: &App,
    actor: Uuid,
    key: &str,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            idempotency::release(&app.pool, actor, key).await?;
            return Err(error);
        }
    };
    // A failure of ours may go better the next time; a refusal stays one.
    if response.status().is_server_error() {
        idempotency::release(&app.pool, actor, key).await?;
        return Ok(response);
    }
    keep(app, actor, key, response).await
}

async fn read(request: &mut ServiceRequest) -> Result<BytesMut> {
    let mut payload = request.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::new(Code::BadRequest, "The body did not arrive whole."))?;
        if body.len() + chunk.len() > MOST {
            return Err(Error::new(Code::TooLarge, format!("The body is longer than {MOST} bytes.")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn keep(
    app: &App,
    actor: Uuid,
    key: &str,
    response: ServiceResponse<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (request, response) = response.into_parts();
    // The edge would put the request id of this request into a refusal; the kept one has none.
    let refusal = response.error().and_then(|error| error.as_error::<Error>());
    let response = match refusal {
        Some(error) => problem::response(error, None),
        None => response,
    };
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|_| Error::internal("a response body broke"))?;
    let headers: Map<String, Value> = head
        .headers()
        .iter()
        // The text of a session is in its first answer and nowhere else.
        .filter(|(name, _)| **name != actix_web::http::header::SET_COOKIE)
        .filter_map(|(name, value)| Some((name.to_string(), Value::from(value.to_str().ok()?))))
        .collect();
    let kept = without_secret(&bytes);
    let answer = Answer { status: head.status().as_u16(), headers: Value::Object(headers), body: kept };
    idempotency::keep(&app.pool, actor, key, &answer).await?;
    Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(bytes))))
}

/// The body as it may be stored: a new token's text is in its first answer and nowhere else.
fn without_secret(body: &[u8]) -> Vec<u8> {
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(body) else { return body.to_vec() };
    match fields.remove("token") {
        Some(_) => serde_json::to_vec(&fields).unwrap_or_default(),
        None => body.to_vec(),
    }
}

fn replay(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut builder = HttpResponse::build(status);
    for (name, value) in answer.headers.as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str());
        if let (Ok(name), Some(Ok(value))) = (name, value.as_str().map(HeaderValue::from_str)) {
            builder.insert_header((name, value));
        }
    }
    builder.insert_header((REPLAYED, HeaderValue::from_static("true")));
    builder.body(answer.body.clone())
}
