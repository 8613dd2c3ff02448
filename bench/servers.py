"""Starts the servers that a benchmark compares, each on a free loopback port, and measures what they cost."""
import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
START_LIMIT_S = 30
TICKS = os.sysconf("SC_CLK_TCK")


def raise_file_limit():
    """A thousand connections on each side need more descriptors than the usual 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(pid):
    """The process and its descendants."""
    found = [pid]
    for entry in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{entry}/task"):
                children = pathlib.Path(f"/proc/{entry}/task/{task}/children").read_text(encoding="ascii")
                found.extend(int(child) for child in children.split())
    return found


class Server:
    """A running server. Use as a context manager; it is gone afterwards."""

    def __init__(self, name, command, port, ready_path, environment=None):
        self.name = name
        self.port = port
        self._command = [str(word) for word in command]
        self._ready_path = ready_path
        self._environment = {**os.environ, **(environment or {})}
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True)
        os.set_blocking(self._process.stderr.fileno(), False)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                errors = (self._process.stderr.read() or b"").decode(errors="replace")
                self.__exit__()
                sys.exit(f"bench: {self.name} did not answer on port {self.port}: {' '.join(self._command)}\n{errors}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self):
        if self._ready_path is None:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        try:
            with urllib.request.urlopen(self.url(self._ready_path), timeout=2):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def drain_errors(self):
        """Keeps a talkative server from filling its pipe."""
        self._process.stderr.read()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self):
        total = 0
        for pid in processes_of(self._process.pid):
            with contextlib.suppress(OSError):
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
                fields = stat.rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def resident_mb(self):
        total = 0
        for pid in processes_of(self._process.pid):
            with contextlib.suppress(OSError):
                total += int(pathlib.Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 1e6


MANIFEST = """version: 1
roles: {{storage: sqlite}}
host:
  data_dir: {data}
  log: {{level: warning}}
plugins:
  - id: tutti.transport.http
    config: {{listen: "127.0.0.1:{port}"}}
  - id: tutti.storage.sqlite
    as: sqlite
    config: {{file: "{data}/tutti.db"}}
  - id: tutti.commands.plugins
  - id: tutti.bench
"""


def tutti(directory):
    port = free_port()
    data = pathlib.Path(directory) / "data"
    data.mkdir(exist_ok=True)
    manifest = pathlib.Path(directory) / "tutti.yaml"
    manifest.write_text(MANIFEST.format(data=data, port=port), encoding="utf-8")
    return Server("tutti", [BUILD / "bin" / "tutti", "run", "--config", manifest, "--data", data], port, "/health")


def fastapi(folder, ready_path, environment=None):
    port = free_port()
    command = ["/usr/bin/python3", "-m", "uvicorn", "app:app", "--app-dir", ROOT / "bench" / folder, "--port", port,
               "--loop", "uvloop", "--http", "httptools", "--ws", "websockets", "--workers", "1", "--no-access-log",
               "--log-level", "warning", "--ws-ping-interval", "20", "--ws-ping-timeout", "60"]
    return Server("FastAPI", command, port, ready_path, {"PYTHONDONTWRITEBYTECODE": "1", **(environment or {})})


NGINX = """daemon off; pid {directory}/nginx.pid; worker_processes 1; error_log {directory}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; default_type application/json;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{ listen 127.0.0.1:{port}; root {directory}/www; }}
}}
"""


def nginx(directory, body):
    port = free_port()
    folder = pathlib.Path(directory) / "nginx"
    (folder / "www").mkdir(parents=True, exist_ok=True)
    # Its worker runs as another user when nginx is started by root.
    for path in (pathlib.Path(directory), folder, folder / "www"):
        path.chmod(0o755)
    (folder / "www" / "small").write_bytes(body)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(directory=folder, port=port), encoding="utf-8")
    return Server("nginx, static file", ["/usr/sbin/nginx", "-c", config, "-p", folder], port, "/small")


def fanout_limit():
    port = free_port()
    return Server("bare epoll (limit)", [BUILD / "bin" / "fanout_limit", port], port, None)
