"""The first visit in Chromium: bytes, requests, and LCP, CLS and TBT on a slow phone."""

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from tests.bench.server import site_for_measuring
from tests.bench.table import Row
from tests.chromium import ARGUMENTS, EXECUTABLE

MICROPIGMENTATION = "/it/trattamenti/micropigmentazione/"
VISITS = 5
# Lighthouse's slow phone: four times slower, 1.6 Mbit/s, 150 ms round trip.
SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
OBSERVE = """
window.seen = {lcp: 0, cls: 0, blocked: 0, paint: 0};
new PerformanceObserver(list => list.getEntries().forEach(e => seen.lcp = e.startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => seen.cls += e.hadRecentInput ? 0 : e.value))
    .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => seen.blocked += Math.max(0, e.duration - 50)))
    .observe({type: "longtask", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => seen.paint = e.startTime))
    .observe({type: "paint", buffered: true});
"""


def measure(folder: Path) -> Iterator[Row]:
    with site_for_measuring(folder / "visit") as site, sync_playwright() as playwright:
        # Where there is one, a whole browser: the build without windows paints in the page's own thread and blocks it.
        executable = shutil.which("chromium") or EXECUTABLE
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        except Error:
            yield Row("first visit", "no Chromium here")
            return
        address = site.url + MICROPIGMENTATION
        first = visit(browser, address, is_slow=False)
        size, count = sum(first["sizes"].values()), len(first["sizes"])
        yield Row(
            "first visit of the micropigmentation page",
            f"{size / 1024:.1f} KiB, {count} requests",
            "",
            "<= 30 KiB, <= 5",
            size <= 30 * 1024 and count <= 5,
            ", ".join(f"{name} {bytes}" for name, bytes in first["sizes"].items()),
        )
        slow = [visit(browser, address, is_slow=True) for _number in range(VISITS)]
        lcp, cls, blocked = (statistics.median(each[name] for each in slow) for name in ("lcp", "cls", "blocked"))
        yield Row(
            f"... on a slow phone ({VISITS} visits): LCP, CLS, TBT",
            f"{lcp / 1000:.2f} s, {cls:.3f}, {blocked:.0f} ms",
            "",
            "<= 1.0 s, 0, 0",
            lcp <= 1000 and cls == 0 and blocked == 0,
        )
        browser.close()


def visit(browser: Browser, address: str, *, is_slow: bool) -> dict:
    """Open the page with an empty cache on a phone; return sizes and metrics."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    names, sizes = {}, {}
    devtools.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    devtools.on(
        "Network.loadingFinished",
        lambda event: sizes.update({short(names[event["requestId"]]): event["encodedDataLength"]}),
    )
    devtools.send("Network.enable")
    if is_slow:
        devtools.send("Network.emulateNetworkConditions", NETWORK)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(1000)
    seen = page.evaluate("seen")
    context.close()
    return seen | {"sizes": sizes}


def short(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[-1]
