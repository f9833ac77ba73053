//! The HTTP edge: routes, requests, responses; what they mean is in [`crate::app`].

pub mod accounts;
pub mod audit;
pub mod caller;
pub mod channels;
pub mod compare;
pub mod compatibility;
pub mod dependents;
pub mod drafts;
pub mod edge;
pub mod etag;
pub mod events;
pub mod grid;
pub mod health;
pub mod idempotency;
pub mod lineage;
pub mod modules;
pub mod namespaces;
pub mod openapi;
pub mod overview;
pub mod page;
pub mod problem;
pub mod range;
pub mod releases;
pub mod rules;
pub mod session;
pub mod spa;
pub mod uploads;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, JsonConfig, QueryConfig};
use metrics_exporter_prometheus::PrometheusHandle;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;
use uuid::Uuid;

use crate::app::App;
use crate::domain::digest::Digest;
use crate::domain::name::ModuleName;
use crate::error::{Code, Error, Result};

/// The longest JSON body, in bytes: a manifest and the list of ten thousand files.
pub const JSON_LIMIT: usize = 4 << 20;

/// The application as it is served, and as tests call it.
pub fn service(
    app: Data<App>,
    metrics: Data<PrometheusHandle>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let json =
        JsonConfig::default().limit(JSON_LIMIT).error_handler(|error, _| problem::bad_json(&error).into());
    let query = QueryConfig::default().error_handler(|error, _| problem::bad_query(&error).into());
    let (service, document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::Base::openapi())
        .app_data(app)
        .app_data(metrics)
        .app_data(json)
        .app_data(query)
        // Before the scope, which answers for everything below it.
        .map(|app| app.service(openapi::description))
        .service(utoipa_actix_web::scope::scope("/api/v1").wrap(from_fn(idempotency::once)).configure(routes))
        .split_for_parts();
    let document = openapi::with_problems(document);
    service
        .service(health::healthz)
        .service(health::readyz)
        .service(health::metrics)
        .service(openapi::problems)
        .service(openapi::rules)
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/api/v1/openapi.json", document))
        // What is below the API's scope and no operation ends here, too.
        .default_service(web::to(spa::serve))
        .wrap(from_fn(edge::edge))
        .wrap(TracingLogger::default())
}

/// The description of the API (OpenAPI 3.1).
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::Base::openapi())
        .service(utoipa_actix_web::scope::scope("/api/v1").configure(routes))
        .split_for_parts();
    openapi::with_problems(document)
}

fn routes(config: &mut ServiceConfig) {
    config
        .service(overview::get_overview)
        .service(events::follow_events)
        .service(session::sign_in)
        .service(session::sign_out)
        .service(accounts::get_identity)
        .service(accounts::create_actor)
        .service(accounts::list_actors)
        .service(accounts::create_token)
        .service(accounts::list_tokens)
        .service(accounts::revoke_token)
        .service(accounts::list_roles)
        .service(accounts::set_role)
        .service(accounts::remove_role)
        .service(namespaces::list_namespaces)
        .service(namespaces::create_namespace)
        .service(namespaces::get_namespace)
        .service(namespaces::change_namespace)
        .service(modules::list_modules)
        .service(modules::get_facets)
        .service(dependents::list_dependents)
        .service(dependents::get_cadence)
        .service(modules::create_module)
        .service(modules::get_module)
        .service(modules::change_module)
        .service(drafts::create_draft)
        .service(drafts::list_drafts)
        .service(drafts::get_draft)
        .service(drafts::get_draft_smoke_run)
        .service(drafts::replace_draft)
        .service(drafts::delete_draft)
        .service(drafts::submit_draft)
        .service(uploads::begin_upload)
        .service(uploads::get_upload)
        .service(uploads::send_bytes)
        .service(uploads::abort_upload)
        .service(releases::list_releases)
        .service(releases::get_release)
        .service(releases::get_interface)
        .service(releases::list_files)
        .service(releases::get_file)
        .service(releases::deprecate_release)
        .service(releases::yank_release)
        .service(releases::quarantine_release)
        .service(releases::restore_release)
        .service(channels::list_channels)
        .service(channels::get_channel)
        .service(channels::point_channel)
        .service(channels::list_channel_moves)
        .service(channels::list_module_moves)
        .service(channels::roll_back_channel)
        .service(compatibility::get_pair)
        .service(grid::get_grid)
        .service(compatibility::get_matrix)
        .service(compatibility::can_deploy)
        .service(compatibility::ask_for_run)
        .service(compatibility::get_smoke_run)
        .service(compatibility::get_proofs)
        .service(compatibility::get_release_smoke_run)
        .service(compare::compare_releases)
        .service(rules::list_rules)
        .service(lineage::get_node_lineage)
        .service(lineage::get_lineage)
        .service(audit::list_audit_entries);
}

/// A module's name from its two parts in a path.
fn module_name(namespace: &str, name: &str) -> Result<ModuleName> {
    Ok(format!("{namespace}/{name}").parse()?)
}

/// A digest from a request.
fn digest(text: &str) -> Result<Digest> {
    text.parse()
        .map_err(|error: crate::domain::digest::BadDigest| Error::new(Code::InvalidDigest, error.to_string()))
}

/// An id from a path; a text that is none names nothing.
fn id(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| Error::not_found(format!("`{}`", text.chars().take(80).collect::<String>())))
}
