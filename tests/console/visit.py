"""A person at the console: what they do there, and everything that goes wrong in their browser meanwhile."""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, expect

from infra.asset import ROOT
from tests.stack import RunningStack

#: Where pictures of the pages are kept for people to look at.
PICTURES = ROOT / "out" / "console"

#: Says in the browser's console what the page's policy has blocked, whatever the browser itself says.
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violated: ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`);
});
"""
#: What a file that is dropped consists of: its text, or one byte so many times.
_DROPPED = """([name, text, byte, count]) => {
  const content = count ? new Uint8Array(count).fill(byte) : text;
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], name, { type: "application/json" }));
  return transfer;
}"""


class Visit:
    """One browser tab at the console of a running stack."""

    def __init__(self, page: Page, stack: RunningStack, axe: Path) -> None:
        self.page = page
        self._stack = stack
        self._axe = axe
        self._troubles: list[str] = []
        self._expected: list[str] = []
        self._hosts = {urlsplit(url).netloc for url in (stack.url, stack.endpoint_url)}
        page.set_default_timeout(20_000)
        page.add_init_script(_WATCH)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._troubles.append(f"uncaught: {error}"))
        page.on("dialog", self._asked)
        page.on("request", self._sent)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._troubles.append(f"{message.type}: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self._troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _sent(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc not in self._hosts:
            self._troubles.append(f"a request to {parts.netloc}")

    def expect_trouble(self, pattern: str) -> None:
        """Allow what the browser says of a refused or broken call, which the test is about."""
        self._expected.append(pattern)

    @property
    def troubles(self) -> list[str]:
        """What went wrong and was not expected."""
        return [each for each in self._troubles if not any(re.search(one, each) for one in self._expected)]

    def open(self, path: str = "") -> None:
        """Go to a page, such as `/jobs?status=Failed`."""
        self.page.goto(f"{self._stack.local.console_url}{f'#{path}' if path else ''}")

    def log_in(self, key: str) -> None:
        """Log in, and wait for the list of jobs."""
        self.open()
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.heading("Jobs")).to_be_visible()

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """The heading of a page or of a part of it."""
        return self.page.get_by_role("heading", name=name, exact=isinstance(name, str)).first

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def editor(self) -> Locator:
        """Where a job's JSON is written."""
        return self.page.get_by_role("textbox", name="The job")

    def write(self, order: Any) -> None:
        """Put a job's JSON into the editor."""
        self.editor.fill(order if isinstance(order, str) else json.dumps(order, indent=2))

    def drop(self, name: str, text: str = "", *, byte: int = 0, count: int = 0) -> None:
        """Drop a file on the editor: a text, or one byte `count` times."""
        transfer = self.page.evaluate_handle(_DROPPED, [name, text, byte, count])
        self.editor.dispatch_event("dragover", {"dataTransfer": transfer})
        self.editor.dispatch_event("drop", {"dataTransfer": transfer})

    def choose(self, button: str, item: str) -> None:
        """Choose an item of a button's menu."""
        self.button(button).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def rows(self, table: str) -> Locator:
        """The rows of a table, without its head."""
        # A grid is a table in which keys lead from cell to cell.
        found = self.page.get_by_role("table", name=table).or_(self.page.get_by_role("grid", name=table))
        return found.locator("tbody").get_by_role("row")

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page; Playwright's own way would need `eval`."""
        deadline = time.monotonic() + 20
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            self.page.wait_for_timeout(100)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        size = self.page.viewport_size
        assert size is not None
        PICTURES.mkdir(parents=True, exist_ok=True)
        # Playwright's own picture of a whole page makes it narrow for a moment, and the layout gives way.
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
        self.page.wait_for_timeout(200)
        self.page.screenshot(path=PICTURES / f"{name}.png")
        self.page.set_viewport_size(size)

    def barriers(self, *, without: Sequence[str] = ()) -> list[str]:
        """What axe finds that keeps people out, a line each; `without` is the rules that are not asked."""
        self.page.evaluate(self._axe.read_text())
        found = self.page.evaluate(
            "(rules) => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], rules })",
            {rule: {"enabled": False} for rule in without},
        )
        return [
            f"{each['id']} ({each['impact']}): {node['html'][:300]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]
