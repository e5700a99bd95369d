"""The Python client of the service: typed, for threads and for asyncio, repeating only what is safe."""

from mediajobs.client import webhook
from mediajobs.client.async_client import AsyncClient
from mediajobs.client.client import Client
from mediajobs.client.error import CallFailed, CallRefused, ServiceAway, WaitTimeout
from mediajobs.client.retry import Retry
from mediajobs.client.webhook import MessageRefused

__all__ = [
    "AsyncClient",
    "CallFailed",
    "CallRefused",
    "Client",
    "MessageRefused",
    "Retry",
    "ServiceAway",
    "WaitTimeout",
    "webhook",
]
