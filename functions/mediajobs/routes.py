"""The whole HTTP surface, as data: what infra deploys, the docs describe and the tests cover."""

from dataclasses import dataclass

from mediajobs.organization import Role


@dataclass(frozen=True)
class Route:
    """One endpoint: `endpoint` is its module under `mediajobs.api`; no role means open to all."""

    method: str
    path: str
    endpoint: str
    role: Role | None

    @property
    def handler(self) -> str:
        """What Lambda calls."""
        return f"mediajobs.api.{self.endpoint}.handler"


ROUTES = (
    Route("POST", "/jobs", "submit_job", Role.SUBMIT),
    Route("GET", "/jobs", "list_jobs", Role.VIEW),
    Route("GET", "/jobs/{id}", "get_job", Role.VIEW),
    Route("POST", "/jobs/{id}/cancel", "cancel_job", Role.SUBMIT),
    Route("POST", "/jobs/{id}/restart", "restart_job", Role.SUBMIT),
    Route("GET", "/jobs/{id}/events", "list_events", Role.VIEW),
    Route("GET", "/jobs/{id}/tasks/{index}/logs", "get_task_logs", Role.VIEW),
    Route("GET", "/pools", "list_pools", Role.VIEW),
    Route("PUT", "/pools/{region}", "put_pool", Role.ADMIN),
    Route("GET", "/tools", "list_tools", None),
    Route("GET", "/tools/{name}", "get_tool", None),
)
