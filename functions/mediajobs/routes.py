"""The whole HTTP surface, as data: what infra deploys, the docs describe and the tests cover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from mediajobs.organization import Role


class Named(Enum):
    """Where a caller of several organizations names the one that a call is about."""

    QUERY = auto()
    #: In the query or in the body.
    BODY = auto()
    #: The call is about the caller, or its path names the organization.
    NOWHERE = auto()


@dataclass(frozen=True)
class Route:
    """One endpoint: a module under `mediajobs.api`, or a function of a dialect's module `endpoints`.
    No role means open to all.

    The role is needed in the organization that the call is about; if it is about none, in any. A dialect's
    request names its organization in the vendor's way.
    """

    method: str
    path: str
    endpoint: str
    role: Role | None
    organization: Named = Named.QUERY
    dialect: str | None = None

    @property
    def name(self) -> str:
        """Of its function, such as `api.submit_job` or `xvid.submit_job`."""
        return f"{self.dialect or 'api'}.{self.endpoint}"

    @property
    def handler(self) -> str:
        """What Lambda calls."""
        if self.dialect is None:
            return f"mediajobs.api.{self.endpoint}.handler"
        return f"mediajobs.dialects.{self.dialect}.endpoints.{self.endpoint}"

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The path's parameters if it has these segments, its own words in any case; None if it has not."""
        own = self.path.split("/")[1:]
        if len(own) != len(segments):
            return None
        found = {}
        for mine, other in zip(own, segments, strict=True):
            if mine.startswith("{"):
                found[mine[1:-1]] = other
            elif mine.lower() != other.lower():
                return None
        return found if all(found.values()) else None


ROUTES = (
    Route("POST", "/jobs", "submit_job", Role.SUBMIT, Named.BODY),
    Route("GET", "/jobs", "list_jobs", Role.VIEW),
    Route("GET", "/jobs/{id}", "get_job", Role.VIEW),
    Route("POST", "/jobs/{id}/cancel", "cancel_job", Role.SUBMIT),
    Route("POST", "/jobs/{id}/restart", "restart_job", Role.SUBMIT),
    Route("POST", "/jobs/{id}/resubmit", "resubmit_job", Role.SUBMIT),
    Route("GET", "/jobs/{id}/events", "list_events", Role.VIEW),
    Route("GET", "/jobs/{id}/deliveries", "list_job_deliveries", Role.VIEW),
    Route("GET", "/jobs/{id}/metrics", "get_metrics", Role.VIEW),
    Route("GET", "/metrics", "list_metrics", Role.VIEW),
    Route("GET", "/jobs/{id}/tasks/{index}/logs", "get_task_logs", Role.VIEW),
    Route("POST", "/bundles", "create_bundle", Role.CONFIG, Named.BODY),
    Route("GET", "/bundles", "list_bundles", Role.VIEW),
    Route("GET", "/bundles/{id}", "get_bundle", Role.VIEW),
    Route("PUT", "/templates/{template}", "put_template", Role.CONFIG),
    Route("GET", "/templates", "list_templates", Role.VIEW),
    Route("GET", "/templates/{template}", "get_template", Role.VIEW),
    Route("DELETE", "/templates/{template}", "delete_template", Role.CONFIG),
    Route("POST", "/triggers", "create_trigger", Role.CONFIG),
    Route("GET", "/triggers", "list_triggers", Role.VIEW),
    Route("GET", "/triggers/{id}", "get_trigger", Role.VIEW),
    Route("PUT", "/triggers/{id}", "put_trigger", Role.CONFIG),
    Route("DELETE", "/triggers/{id}", "delete_trigger", Role.CONFIG),
    Route("PUT", "/secrets/{secret}", "put_secret", Role.CONFIG),
    Route("GET", "/secrets", "list_secrets", Role.VIEW),
    Route("DELETE", "/secrets/{secret}", "delete_secret", Role.CONFIG),
    Route("POST", "/webhooks", "create_webhook", Role.CONFIG),
    Route("GET", "/webhooks", "list_webhooks", Role.VIEW),
    Route("GET", "/webhooks/{id}", "get_webhook", Role.VIEW),
    Route("PUT", "/webhooks/{id}", "put_webhook", Role.CONFIG),
    Route("DELETE", "/webhooks/{id}", "delete_webhook", Role.CONFIG),
    Route("POST", "/webhooks/{id}/rotate", "rotate_webhook", Role.CONFIG),
    Route("POST", "/webhooks/{id}/ping", "ping_webhook", Role.CONFIG),
    Route("GET", "/webhooks/{id}/deliveries", "list_deliveries", Role.VIEW),
    Route("POST", "/webhooks/{id}/deliveries/{delivery}/redeliver", "redeliver", Role.CONFIG),
    Route("POST", "/work", "take_work", Role.WORK),
    Route("POST", "/work/{work}/heartbeat", "keep_work", Role.WORK),
    Route("POST", "/work/{work}/links", "link_work", Role.WORK),
    Route("POST", "/work/{work}/result", "finish_work", Role.WORK),
    Route("POST", "/work/{work}/failure", "fail_work", Role.WORK),
    Route("GET", "/pools", "list_pools", Role.VIEW),
    Route("GET", "/pools/{region}", "get_pool", Role.VIEW),
    Route("PUT", "/pools/{region}", "put_pool", Role.ADMIN),
    Route("POST", "/organizations", "create_organization", Role.ADMIN),
    Route("GET", "/organizations", "list_organizations", Role.VIEW, Named.NOWHERE),
    Route("GET", "/organizations/{id}", "get_organization", Role.VIEW, Named.NOWHERE),
    Route("PUT", "/organizations/{id}", "put_organization", Role.ADMIN, Named.NOWHERE),
    Route("POST", "/organizations/join", "join_organization", Role.VIEW, Named.NOWHERE),
    Route("POST", "/keys", "create_key", Role.ADMIN),
    Route("GET", "/keys", "list_keys", Role.ADMIN),
    Route("POST", "/keys/{id}/rotate", "rotate_key", Role.ADMIN),
    Route("DELETE", "/keys/{id}", "revoke_key", Role.ADMIN),
    Route("GET", "/tools", "list_tools", None),
    Route("GET", "/tools/{name}", "get_tool", None),
    Route("GET", "/openapi.json", "get_openapi", None),
    Route("GET", "/docs", "get_docs", None),
)


def _block(dialect: str, *rows: tuple[str, str, str, Role | None]) -> tuple[Route, ...]:
    return tuple(
        Route(method, path, endpoint, role, Named.NOWHERE, dialect) for method, path, endpoint, role in rows
    )


#: The vendors' paths, a block a dialect. Those that end in a slash there arrive by `mediajobs.fallback`, as
#: API Gateway knows no such routes. An endpoint may have several routes, of the same role.
DIALECTS = {
    "castlabs": _block(
        "castlabs",
        ("GET", "/api", "get_root", Role.VIEW),
        ("POST", "/api/jobs", "submit_job", Role.SUBMIT),
        ("GET", "/api/jobs", "list_jobs", Role.VIEW),
        ("GET", "/api/jobs/{id}", "get_job", Role.VIEW),
        ("GET", "/api/jobs/{id}/metrics", "get_metrics", Role.VIEW),
        ("POST", "/api/jobs/{id}/restart", "restart_job", Role.SUBMIT),
        ("POST", "/api/jobs/{id}/resubmit", "resubmit_job", Role.SUBMIT),
        ("GET", "/api/jobs/{id}/tasks/{task}/logs", "get_task_logs", Role.VIEW),
        ("POST", "/job_bundle", "create_bundle", Role.CONFIG),
        ("GET", "/job_bundle", "list_bundles", Role.VIEW),
        ("GET", "/job_bundle/{id}", "get_bundle", Role.VIEW),
        ("POST", "/api/job_bundle", "create_bundle", Role.CONFIG),
        ("GET", "/api/job_bundle", "list_bundles", Role.VIEW),
        ("GET", "/api/job_bundle/{id}", "get_bundle", Role.VIEW),
        ("POST", "/api/po", "create_bundle", Role.CONFIG),
        ("GET", "/api/po", "list_bundles", Role.VIEW),
        ("GET", "/api/po/{id}", "get_bundle", Role.VIEW),
    ),
    "dolby": _block(
        "dolby",
        ("POST", "/v1/auth/token", "create_token", None),
        ("GET", "/media/jobs", "list_jobs", Role.VIEW),
        ("POST", "/media/jobs", "list_jobs", Role.VIEW),
        ("POST", "/media/jobs/cancel", "cancel_job", Role.SUBMIT),
        ("POST", "/media/{api}", "submit_job", Role.SUBMIT),
        ("GET", "/media/{api}", "get_job", Role.VIEW),
        ("POST", "/media/{api}/{kind}", "submit_job", Role.SUBMIT),
        ("GET", "/media/{api}/{kind}", "get_job", Role.VIEW),
        ("POST", "/media/input", "create_input", Role.SUBMIT),
        ("GET", "/media/output", "get_output", Role.VIEW),
        ("POST", "/media/output", "create_output", Role.VIEW),
        ("POST", "/media/webhooks", "create_webhook", Role.CONFIG),
        ("GET", "/media/webhooks", "get_webhook", Role.CONFIG),
        ("PUT", "/media/webhooks", "put_webhook", Role.CONFIG),
        ("DELETE", "/media/webhooks", "delete_webhook", Role.CONFIG),
    ),
    "transparentedge": _block(
        "transparentedge",
        ("POST", "/v1/oauth2/access_token", "create_token", None),
        ("GET", "/v1/media/{company_id}/transcode", "list_orders", Role.VIEW),
        ("POST", "/v1/media/{company_id}/transcode", "submit_order", Role.SUBMIT),
        ("GET", "/v1/media/{company_id}/transcode/{order_id}", "get_order", Role.VIEW),
        ("POST", "/v1/media/{company_id}/transcode_requeue/{order_id}", "requeue_order", Role.SUBMIT),
        ("POST", "/media/{company_id}/transcode_requeue/{order_id}", "requeue_order", Role.SUBMIT),
        ("GET", "/v1/media/{company_id}/allowed_values", "get_allowed_values", Role.VIEW),
        ("GET", "/v1/media/{company_id}/transcoding/consumed_minutes", "get_consumed_minutes", Role.VIEW),
        ("GET", "/v1/media/{company_id}/transcoding_profiles", "list_profiles", Role.VIEW),
        ("POST", "/v1/media/{company_id}/transcoding_profiles", "create_profile", Role.CONFIG),
        ("GET", "/v1/media/{company_id}/transcoding_profile/{profile_id}", "get_profile", Role.VIEW),
        ("PUT", "/v1/media/{company_id}/transcoding_profile/{profile_id}", "put_profile", Role.CONFIG),
        ("DELETE", "/v1/media/{company_id}/transcoding_profile/{profile_id}", "delete_profile", Role.CONFIG),
        ("GET", "/schema", "get_schema", Role.VIEW),
    ),
    "xvid": _block(
        "xvid",
        ("POST", "/v1/oauth2/token", "create_token", None),
        ("GET", "/v1/jobs", "list_jobs", Role.VIEW),
        ("POST", "/v1/jobs", "submit_job", Role.SUBMIT),
        ("GET", "/v1/jobs/{id}", "get_job", Role.VIEW),
        ("GET", "/v1/jobs/templates", "list_templates", Role.VIEW),
        ("POST", "/v1/jobs/templates", "create_template", Role.CONFIG),
        ("GET", "/v1/jobs/templates/{id}", "get_template", Role.VIEW),
        ("PUT", "/v1/jobs/templates/{id}", "put_template", Role.CONFIG),
        ("GET", "/v1/pipelines", "list_pipelines", Role.VIEW),
        ("POST", "/v1/pipelines", "create_pipeline", Role.CONFIG),
        ("GET", "/v1/pipelines/{id}", "get_pipeline", Role.VIEW),
        ("PUT", "/v1/pipelines/{id}", "put_pipeline", Role.CONFIG),
        ("GET", "/v1/presets", "list_presets", None),
        ("POST", "/v1/presets", "create_preset", Role.CONFIG),
        ("GET", "/v1/presets/{id}", "get_preset", None),
        ("GET", "/v1/codecs", "list_codecs", None),
        ("GET", "/v1/codecs/{id}", "get_codec", None),
        ("GET", "/v1/files", "list_files", Role.VIEW),
        ("GET", "/v1/files/downloads", "get_download", Role.VIEW),
        ("GET", "/v1/files/{id}", "get_file", Role.VIEW),
        ("GET", "/v1/users/{id}", "get_user", Role.VIEW),
        ("GET", "/v1/applications/{id}", "get_application", Role.VIEW),
    ),
}


def surface(dialects: Iterable[str]) -> tuple[Route, ...]:
    """Every route of a deployment that speaks these dialects beside our own API."""
    return (*ROUTES, *(route for dialect in dialects for route in DIALECTS[dialect]))
