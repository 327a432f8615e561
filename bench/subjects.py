"""The programs that are measured: started, asked what they cost, ended.

CPU is user and system time from /proc/PID/stat of the whole process tree; memory is proportional set size.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from . import works

TICK: int = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0
ROOT = Path(__file__).parent.parent

NGINX = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 10000000; keepalive_timeout 75s;
  client_max_body_size 64m; client_body_buffer_size 256k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream provider {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 10000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 600s;
    }}
  }}
}}
"""

SETTINGS = """
default_model = "bench/m"
[providers.bench]
dialect = "openai_chat"
base_url = "http://127.0.0.1:{upstream}/v1"
models = ["m", "paced"]
"""


class Subject:
    """A running program that listens on `port`, and is ready when `health` answers."""

    def __init__(self, name: str, command: Sequence[str], port: int, log: Path, health: str = "/") -> None:
        self.name, self.port = name, port
        began = time.perf_counter()
        with log.open("wb") as out:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        try:
            self._wait(log, health)
        except BaseException:
            self.stop()
            raise
        self.ready_seconds = time.perf_counter() - began
        """From its start until it answered."""

    def _wait(self, log: Path, health: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port, health):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.002)

    @property
    def tree(self) -> list[psutil.Process]:
        """Its processes."""
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        total = 0
        for process in self.tree:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self) -> int:
        """Bytes of proportional set size."""
        total = 0
        for process in self.tree:
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def wakings(self) -> int:
        """How often its threads have waited for something and were woken so far."""
        tasks = (task for process in self.tree for task in Path(f"/proc/{process.pid}/task").iterdir())
        lines = (line for task in tasks for line in (task / "status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))

    def kill(self) -> None:
        """End it as no program can prepare for."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def answers(port: int, path: str) -> bool:
    """Whether something speaks HTTP there and is ready (an engine that loads its model says 503 at `/health`)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("HEAD", path)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    finally:
        connection.close()
    return answer.status < 500


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Provider:
    """The pretend provider, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bench.provider"], cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def start_nginx(folder: Path, upstream: int) -> Subject:
    """nginx passing everything to `upstream`. Exits 2 where it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        print("nginx is needed for comparison: apt-get install nginx-light (or brew install nginx)", file=sys.stderr)
        raise SystemExit(2)
    folder.mkdir()
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, port=port, upstream=upstream))
    return Subject("nginx", [program, "-p", str(folder), "-c", str(settings)], port, folder / "log")


def start_landbridge(
    folder: Path, upstream: int, *, models: Path | None = None, more: str = "", dashboard: int = 0
) -> Subject:
    """`landbridge serve` with one provider at port `upstream`; `models` is a folder of local ones, `more` settings.

    With the dashboard at the port `dashboard`, else without one.
    """
    folder.mkdir()
    port = free_port()
    (folder / "settings").mkdir()  # apart: landbridge wakes up for every change beside its settings
    settings = folder / "settings" / "landbridge.toml"
    settings.write_text(SETTINGS.format(upstream=upstream) + more)
    if models is not None:
        (folder / "models").symlink_to(models)
    program = [sys.executable, "-m", "landbridge"]
    flags = ["--config", str(settings), "--data-dir", str(folder), "--port", str(port), "--no-openai"]
    if dashboard:
        settings.write_text(f"{settings.read_text()}[listeners.dashboard]\nport = {dashboard}\n")
    else:
        flags.append("--no-dashboard")
    return Subject("landbridge", [*program, "serve", *flags], port, folder / "log")


def check(subject: Subject, work: works.Work) -> None:
    """Send `work` once and look at the answer closely: nobody gets faster by leaving something out."""
    connection = http.client.HTTPConnection("127.0.0.1", subject.port, timeout=30)
    connection.request("POST", works.PATHS[work.dialect], work.body, {"content-type": "application/json"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{subject.name}: {work.name}: status {response.status}\n{body[:1000].decode()}")
    if work.stream:
        mark = b'"text_delta"' if subject.name != "nginx" and work.dialect == "anthropic" else b'"content":" '
        count = body.count(mark)
        if count != works.EVENTS:
            raise SystemExit(f"{subject.name}: {work.name}: {count} events of {works.EVENTS}\n{body[:1000].decode()}")
