"""The whole HTTP surface, as data: what infra deploys, the docs describe and the tests cover."""

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
    """One endpoint: `endpoint` is its module under `mediajobs.api`; no role means open to all.

    The role is needed in the organization that the call is about; if it is about none, in any.
    """

    method: str
    path: str
    endpoint: str
    role: Role | None
    organization: Named = Named.QUERY

    @property
    def handler(self) -> str:
        """What Lambda calls."""
        return f"mediajobs.api.{self.endpoint}.handler"


ROUTES = (
    Route("POST", "/jobs", "submit_job", Role.SUBMIT, Named.BODY),
    Route("GET", "/jobs", "list_jobs", Role.VIEW),
    Route("GET", "/jobs/{id}", "get_job", Role.VIEW),
    Route("POST", "/jobs/{id}/cancel", "cancel_job", Role.SUBMIT),
    Route("POST", "/jobs/{id}/restart", "restart_job", Role.SUBMIT),
    Route("POST", "/jobs/{id}/resubmit", "resubmit_job", Role.SUBMIT),
    Route("GET", "/jobs/{id}/events", "list_events", Role.VIEW),
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
    Route("GET", "/pools", "list_pools", Role.VIEW),
    Route("GET", "/pools/{region}", "get_pool", Role.VIEW),
    Route("PUT", "/pools/{region}", "put_pool", Role.ADMIN),
    Route("POST", "/organizations", "create_organization", Role.ADMIN),
    Route("GET", "/organizations", "list_organizations", Role.VIEW, Named.NOWHERE),
    Route("GET", "/organizations/{id}", "get_organization", Role.VIEW, Named.NOWHERE),
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
