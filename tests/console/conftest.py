"""A browser at the console of the running stack; whatever goes wrong in it fails the test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.console import chromium
from tests.console.tenant import Tenant
from tests.console.visit import Visit
from tests.stack import RunningStack, stack

__all__ = ["stack"]

# Milliseconds that the page may take to show what it should, on a busy machine.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the time that the stack's first start may take on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(300))


# Not for the session: while Playwright is up, no other test of this process could run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A started Chromium, without any window."""
    found = chromium.installed()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found.executable, args=found.flags, env={**os.environ, **found.environment}
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def tenant(stack: RunningStack) -> Tenant:
    """An organization that only this module's tests know."""
    return Tenant(stack)


@pytest.fixture
def visitor(browser: Browser, stack: RunningStack) -> Iterator[Visit]:
    """Somebody who is not logged in."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
        visit = Visit(context.new_page(), stack, chromium.installed().axe)
        yield visit
        troubles = visit.troubles
    assert troubles == []


@pytest.fixture
def member(visitor: Visit, tenant: Tenant) -> Visit:
    """Somebody who is logged in, at the list of jobs."""
    visitor.log_in(tenant.key)
    return visitor
