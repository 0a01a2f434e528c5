"""Pages: cached ones against a bare WSGI application, cold ones in queries, edits across processes, memory."""

import json
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.server import Reader, bare_server, memory_mebibytes, seconds_for_each, site_for_measuring
from tests.bench.table import Row, alternate
from tests.site import Site

MICROPIGMENTATION = "/it/trattamenti/micropigmentazione/"
BROWSER = {"Accept_Encoding": "gzip, deflate, br", "Accept_Language": "it", "User_Agent": "Mozilla/5.0 (bench)"}
HOP_BY_HOP = {"Server", "Date", "Connection"}
READS = 400
COLD = """
import io, json, os, statistics, sys, time
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
django, results, out = WSGIHandler(), {}, sys.stdout
sys.stdout = open(os.devnull, "w")
def render(path):
    environ = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "HTTP_HOST": "127.0.0.1"}
    response = django(environ, lambda status, headers: None)
    response.close()
def count(execute, *arguments):
    queries.append(1)
    return execute(*arguments)
for path in %r:
    render(path)
    queries, times = [], []
    with connection.execute_wrapper(count):
        render(path)
    for number in range(30):
        began = time.process_time()
        render(path)
        times.append(time.process_time() - began)
    results[path] = (statistics.median(times) * 1000, len(queries))
print(json.dumps(results), file=out)
"""
EDIT = """
import time
from clinic.models import ContentVersion
from treatments.models import Page
Page.objects.filter(slug_it="micropigmentazione").update(title_it=%r)
ContentVersion.bump()
print(time.time())
"""
INFORMATION = ["/it/", "/it/trattamenti/", MICROPIGMENTATION, "/it/vitiligine/", "/it/notizie/"]


def measure(folder: Path) -> Iterator[Row]:
    with site_for_measuring(folder / "pages", WEB_CONCURRENCY="1") as site:
        bare = yield from warm(site, folder)
        yield from cold(site, bare)
    with site_for_measuring(folder / "pages", WEB_CONCURRENCY="2") as site:
        site.start_worker()
        yield edit_to_visible(site)
        yield memory(site)


def warm(site: Site, folder: Path) -> Generator[Row, None, float]:
    """Measure a cached page with and without compression; return the seconds of a request to the bare application."""
    pid, answer = site.processes["web"].pid, folder / "answer.json"
    for name, headers in {"": BROWSER, ", not compressed": {}}.items():
        reader = Reader(site.port, MICROPIGMENTATION, **headers)
        reader.read()
        time.sleep(1.5)  # until the process has read the content version
        _status, sent, body = [reader.read() for _number in range(2)][-1]
        (folder / "body").write_bytes(body)
        kept = [header for header in sent if header[0] not in HOP_BY_HOP]
        answer.write_text(json.dumps({"headers": kept, "body": str(folder / "body")}))
        with bare_server(site.environment, answer) as (bare_pid, bare_port):
            bare = Reader(bare_port, MICROPIGMENTATION, **headers)
            pair = alternate(
                site=lambda reader=reader: seconds_for_each(pid, reader, READS),
                limit=lambda bare_pid=bare_pid, bare=bare: seconds_for_each(bare_pid, bare, READS),
            )
            yield Row(
                f"warm page{name}: processor time a request",
                f"{pair.site * 1e6:.0f} µs",
                f"{pair.limit * 1e6:.0f} µs bare WSGI",
                f"{pair.ratio:.2f} (>= 0.65)",
                pair.ratio >= 0.65,
                pair.remark,
            )
            if headers:
                pair = alternate(site=lambda reader=reader: 1 / rate(reader), limit=lambda bare=bare: 1 / rate(bare))
                yield Row(
                    "warm page: requests a second over one connection",
                    f"{1 / pair.site:.0f}",
                    f"{1 / pair.limit:.0f} bare WSGI",
                    f"{pair.ratio:.2f} (>= 0.65)",
                    pair.ratio >= 0.65,
                    pair.remark,
                )
    return pair.limit


def rate(reader: Reader, seconds: float = 0.4) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        reader.read()
        count += 1
    return count / (time.perf_counter() - began)


def cold(site: Site, bare: float) -> Iterator[Row]:
    """Measure a page that is not cached, rendered by Django in a process that has rendered others.

    Only the number of queries has a limit: visitors get cached pages while one request renders a changed page.
    """
    results = json.loads(site.python(COLD % INFORMATION).splitlines()[-1])
    for path, (milliseconds, queries) in results.items():
        yield Row(
            f"cold page, {path}: processor time, queries",
            f"{milliseconds:.1f} ms, {queries}",
            f"{bare * 1e6:.0f} µs bare WSGI",
            f"{milliseconds / 1000 / bare:.0f} times, <= 6 queries",
            queries <= 6,
        )


def edit_to_visible(site: Site) -> Row:
    """Measure how long after a saved edit one of two processes still shows the old text."""
    delays = []
    for number in range(3):
        title = f"Parole nuove {number}"
        readers = [Reader(site.port, MICROPIGMENTATION) for _number in range(8)]
        still_old_at = time.time()
        with ThreadPoolExecutor(1) as editor:
            edit = editor.submit(site.python, EDIT % title)
            while not edit.done() or time.time() - still_old_at < 3:
                if any(title.encode() not in reader.read()[2] for reader in readers):
                    still_old_at = time.time()
                time.sleep(0.02)
        delays.append(still_old_at - float(edit.result().splitlines()[-1]))
    return Row("edit until both processes show it (3 times)", f"{max(delays):.1f} s", "", "<= 2 s", max(delays) <= 2)


def memory(site: Site) -> Row:
    """Measure memory after every page was read over several connections."""
    readers = [Reader(site.port, path, **BROWSER) for path in INFORMATION for _number in range(4)]
    for _round in range(5):
        for reader in readers:
            reader.read()
    web, worker = (memory_mebibytes(site.processes[name].pid) for name in ("web", "worker"))
    return Row(
        "memory (PSS): two web processes and a worker",
        f"{web:.0f} + {worker:.0f} MiB",
        "",
        "<= 200 MiB",
        web + worker <= 200,
    )
