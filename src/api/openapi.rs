//! The API's description, and the page that explains its refusals.

use std::fmt::Write as _;
use std::sync::OnceLock;

use actix_web::{HttpResponse, get};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, Ref, RefOr, ResponseBuilder, content::ContentBuilder};
use utoipa::{Modify, OpenApi};

use super::problem::Problem;
use crate::domain::contract::{RULES, Rule};
use crate::domain::finding::Finding;
use crate::error::{Code, Result};

/// What the handlers do not say of themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cambium",
        description = "Registry and governance service for modular deep learning. Refusals are problems \
                       (RFC 9457); act on their `code`. Lists are paged by `after`. Mutable resources have \
                       ETags and honour `If-Match`; POSTs honour `Idempotency-Key`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem, Finding)),
    modifiers(&TokenScheme),
    security((), ("token" = [])),
    tags(
        (name = "overview", description = "What is there, under way and wrong"),
        (name = "events", description = "What happens, as it happens"),
        (name = "modules", description = "Namespaces and modules"),
        (name = "publishing", description = "Drafts, uploads, submitting"),
        (name = "releases", description = "Published releases, their files and standing"),
        (name = "compatibility", description = "What works with what"),
        (name = "channels", description = "Movable names and rollback"),
        (name = "lineage", description = "Where things come from"),
        (name = "accounts", description = "Actors, roles, tokens, sessions"),
        (name = "audit", description = "Who did what")
    )
)]
pub struct Base;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut Document) {
        let scheme =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("token", SecurityScheme::Http(scheme));
        }
    }
}

/// Adds to every operation what all of them may answer: a problem with one of the known codes.
pub fn with_problems(mut document: Document) -> Document {
    let codes: Vec<_> =
        Code::ALL.iter().map(|code| format!("`{}` ({})", code.as_str(), code.status())).collect();
    let problem = ResponseBuilder::new()
        .description(format!("A problem. Codes: {}.", codes.join(", ")))
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build(),
        )
        .build();
    if let Some(components) = document.components.as_mut() {
        components.responses.insert("Problem".into(), RefOr::T(problem));
    }
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        for operation in operations.into_iter().filter_map(|operation| operation.as_mut()) {
            let reference = RefOr::Ref(Ref::from_response_name("Problem"));
            operation.responses.responses.insert("default".into(), reference);
        }
    }
    document
}

/// The description of the API, as JSON.
#[get("/api/v1/openapi.json")]
pub(super) async fn description() -> Result<HttpResponse> {
    // The same for every request and every thread.
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = match TEXT.get() {
        Some(text) => text,
        None => {
            let text = super::document().to_json()?;
            TEXT.get_or_init(|| text)
        }
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(text.as_str()))
}

/// What each code means and what to do about it: where a problem's `type` points.
#[get("/docs/problems")]
pub(super) async fn problems() -> HttpResponse {
    let mut rows = String::new();
    for code in Code::ALL {
        let (id, status, title, remedy) = (code.as_str(), code.status(), code.title(), code.remedy());
        // Writing to a String cannot fail.
        let _ = write!(
            rows,
            "<tr id=\"{id}\"><td><code>{id}</code></td><td>{status}</td><td>{title}</td><td>{remedy}</td></tr>"
        );
    }
    table(
        "Problems",
        "Every refusal is <code>application/problem+json</code> (RFC 9457). Act on its <code>code</code>.",
        &rows,
    )
}

/// What each change of a contract demands: where findings about versions lead.
#[get("/docs/rules")]
pub(super) async fn rules() -> HttpResponse {
    let mut rows = String::new();
    for Rule { id, bump, message, remedy, .. } in RULES {
        let (bump, message) = (bump.as_str(), message.replace("`{name}`", "…").replace("{name}", "…"));
        let _ = write!(
            rows,
            "<tr id=\"{id}\"><td><code>{id}</code></td><td>{bump}</td><td>{message}</td><td>{remedy}</td></tr>"
        );
    }
    table(
        "Rules of versions",
        "What a change of the contract demands of the version, held against the latest release before it.",
        &rows,
    )
}

/// A page of one table.
fn table(title: &str, about: &str, rows: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title} – Cambium</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:16px/1.5 system-ui;margin:2rem \
         auto;max-width:70rem;padding:0 1rem}}td{{padding:.4rem .8rem;border-top:1px solid #8884;\
         vertical-align:top}}tr:target{{background:#fd08}}:root{{color-scheme:light dark}}</style>\
         <h1>{title}</h1><p>{about}</p><table>{rows}</table></html>"
    ))
}
