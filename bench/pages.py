"""What the dashboard costs: `python -m bench.pages` opens its pages in chromium.

How long the first visit takes (its process starts then), how soon a page is there after that, what the router holds
before and after, and whether its answers take longer while pages are open: requests come ten a second, from one client,
with no page open and with Home and Requests open in turn. The browser shares the machine; so it idles in both turns.
"""

from __future__ import annotations

import http.client
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from . import table, works
from .subjects import Provider, Subject, free_port, start_landbridge

PACE = 0.1
"""Seconds between two requests."""
REQUESTS = 60
"""A turn."""
PATHS = ("/", "/models", "/api", "/requests", "/statistics", "/settings")
READY_GOAL, LATENCY_GOAL = 1.5, 1.1


def opened(page: Page, url: str) -> float:
    """Seconds until the page at `url` is there."""
    began = time.perf_counter()
    page.goto(url)
    page.locator("[data-page]").first.wait_for()
    return time.perf_counter() - began


def router_memory(subject: Subject) -> float:
    """MB (proportional) of the router alone, without the pages' process."""
    pid = subject.tree[0].pid
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")) / 1e6


def pages_memory(subject: Subject) -> float:
    """MB of the pages' process."""
    return sum(process.memory_info().rss for process in subject.tree[1:] if "dashboard" in name_of(process)) / 1e6


def name_of(process: psutil.Process) -> str:
    """How it was started."""
    return " ".join(process.cmdline())


def paced(port: int, work: works.Work, count: int, pause: float) -> list[float]:
    """Milliseconds that each of so many requests took."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    found: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("POST", works.PATHS[work.dialect], work.body, {"content-type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            raise SystemExit(f"the router answered with {answer.status}")
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(pause)
    connection.close()
    return found


def measure(browser: Browser, folder: Path, rounds: int) -> list[dict[str, str]]:
    """All rows."""
    provider = Provider()
    port = free_port()
    subject = start_landbridge(folder / "router", provider.port, dashboard=port)
    url = f"http://127.0.0.1:{port}"
    work = works.WORKS[0]
    try:
        paced(subject.port, work, 200, 0)
        before = router_memory(subject)
        page = browser.new_page()
        first = opened(page, url)
        ready = [opened(page, url + path) for _ in range(rounds) for path in PATHS]
        after, pages = router_memory(subject), pages_memory(subject)
        other = browser.new_page()
        without: list[float] = []
        with_pages: list[float] = []
        for number in range(rounds + 1):
            page.goto("about:blank")
            other.goto("about:blank")
            time.sleep(1)
            closed = paced(subject.port, work, REQUESTS, PACE)
            opened(page, f"{url}/")
            opened(other, f"{url}/requests")
            time.sleep(1)
            open_now = paced(subject.port, work, REQUESTS, PACE)
            if number:
                without.append(statistics.median(closed))
                with_pages.append(statistics.median(open_now))
            table.tell(f"an answer: {without[-1:]} ms without pages, {with_pages[-1:]} ms with two open")
    finally:
        subject.stop()
        provider.stop()
    ratio = statistics.median(b / a for a, b in zip(without, with_pages, strict=True))
    return [
        {"what": "first visit, s", "found": f"{first:.2f}", "goal": "-"},
        {
            "what": "a page after that, s",
            "found": table.spread(ready),
            "goal": f"<= {READY_GOAL} {'yes' if max(ready) <= READY_GOAL else 'no'}",
        },
        {"what": "the router before the first visit, MB", "found": f"{before:.1f}", "goal": "-"},
        {"what": "the router with pages open, MB", "found": f"{after:.1f}", "goal": "-"},
        {"what": "the pages' process, MB", "found": f"{pages:.1f}", "goal": "-"},
        {"what": "an answer of 140 B without pages, ms", "found": table.spread(without), "goal": "-"},
        {
            "what": "the same with two pages open, ms",
            "found": f"{table.spread(with_pages)}, {ratio:.2f} times",
            "goal": f"<= {LATENCY_GOAL} times {'yes' if ratio <= LATENCY_GOAL else 'no'}",
        },
    ]


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("This needs chromium: apt-get install chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        rows = measure(browser, Path(folder), asked.rounds)
        browser.close()
    table.show("pages", "python -m bench.pages", rows, asked)


if __name__ == "__main__":
    main()
