"""/get_events?limit=300 and /list_agents with 50 agents on both databases, beside FastAPI with asyncpg."""
import contextlib
import json
import os
import pathlib
import pwd
import sqlite3
import statistics
import subprocess
import time
import urllib.request

import http_bench
import servers

AGENTS = 50
ROWS = 100000
CHAT_LINES = 2000
CONNECTIONS = 32
PATHS = ("/get_events?limit=300", "/list_agents")

MANIFEST = """version: 1
roles: {{storage: {storage}, model: rehearsal, runtime: loop}}
host:
  data_dir: {data}
  log: {{level: warning}}
plugins:
  - id: tutti.transport.http
    config: {{listen: "127.0.0.1:{port}"}}
  - id: tutti.storage.{storage}
    as: {storage}
    required: true
    config: {config}
  - {{id: tutti.models.rehearsal, as: rehearsal}}
  - {{id: tutti.runtimes.loop, as: loop}}
  - {{id: tutti.commands.runs}}
  - {{id: tutti.commands.orchestrator, required: true, config: {{session: "{session}", working_dir: "{data}"}}}}
"""


def tutti(directory, storage, config, session=""):
    port = servers.free_port()
    data = pathlib.Path(directory) / storage
    data.mkdir(exist_ok=True)
    manifest = data / "tutti.yaml"
    manifest.write_text(MANIFEST.format(storage=storage, config=config.format(data=data), data=data, port=port,
                                        session=session), encoding="utf-8")
    command = [servers.BUILD / "bin" / "tutti", "run", "--config", manifest, "--data", data]
    return servers.Server(f"tutti, {storage}", command, port, "/health")


def ask(server, path):
    with urllib.request.urlopen(server.url(path), timeout=60) as answer:
        return json.load(answer)


def session_of(server):
    return ask(server, "/get_orchestrator")["orchestrator"]["id"]


def agent(number):
    return f"00000000-0000-4000-9000-{number:012d}"


def moment(second, fraction="000000"):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1735689600 + second)) + f".{fraction}+00:00"


def rows(session):
    """(table, columns, rows), the same for both databases; SQLite takes booleans as numbers, as Python's are."""
    text = "x" * 200
    yield "agents", ("id", "orchestrator_agent_id", "name", "model", "system_prompt", "status", "archived", "metadata",
                     "input_tokens", "output_tokens", "total_cost", "created_at", "updated_at"), (
        (agent(i), session, f"agent {i}", "model", text, "idle", False, '{"template_name": "scout"}', 1000, 100, 0.5,
         moment(i), moment(i)) for i in range(AGENTS))
    yield "agent_logs", ("id", "agent_id", "task_slug", "entry_index", "event_category", "event_type", "content", "payload",
                         "summary", "timestamp"), (
        (f"00000000-0000-4000-8000-{i:012d}", agent(i * 7 % AGENTS), f"task {i // 100}", i % 100, "response", "text", text,
         json.dumps({"text": text}), "does something", moment(i)) for i in range(ROWS))
    # Between the logs: of rows of one instant each server has its own order.
    yield "orchestrator_chat", ("id", "orchestrator_agent_id", "sender_type", "receiver_type", "message", "metadata",
                                "created_at", "updated_at"), (
        (f"00000000-0000-4000-a000-{i:012d}", session, "user", "orchestrator", text, "{}",
         moment(i * 50, "500000"), moment(i * 50, "500000")) for i in range(CHAT_LINES))


def fill_sqlite(file, session):
    with contextlib.closing(sqlite3.connect(file)) as database:
        for table, columns, values in rows(session):
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_postgresql(url, session):
    def line(values):
        return "\t".join("tf"[not value] if isinstance(value, bool) else str(value) for value in values) + "\n"

    for table, columns, values in rows(session):
        subprocess.run(["psql", "--no-psqlrc", "--quiet", url, "-c", f"COPY {table} ({', '.join(columns)}) FROM STDIN"],
                       input="".join(line(row) for row in values).replace("\\", "\\\\"), text=True, check=True)
    subprocess.run(["psql", "--no-psqlrc", "--quiet", url, "-c", "VACUUM ANALYZE"], check=True)


@contextlib.contextmanager
def postgresql(directory):
    """A server of the benchmark's own; its URL."""
    binaries = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    if binaries is None:
        raise SystemExit("bench: expected PostgreSQL's programs below /usr/lib/postgresql; install the package postgresql")
    home = pathlib.Path(directory) / "postgresql"
    home.mkdir()
    as_account = []
    if os.getuid() == 0:  # which the server refuses to be
        account = pwd.getpwnam("postgres")
        os.chown(home, account.pw_uid, account.pw_gid)
        pathlib.Path(directory).chmod(0o755)
        as_account = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = home / "data"
    subprocess.run([*as_account, binaries / "initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync", "-E", "UTF8",
                    "--locale", "C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=home)
    port = servers.free_port()
    command = [*as_account, binaries / "postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c",
               f"unix_socket_directories={home}", "-c", "fsync=off", "-c", "shared_buffers=256MB"]
    with servers.Server("PostgreSQL", command, port, None):
        url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        while subprocess.run(["psql", url, "-c", "SELECT 1"], capture_output=True, check=False).returncode != 0:
            time.sleep(0.1)
        yield url


def check(server, prefix=""):
    """What is compared is the same work."""
    events = ask(server, prefix + PATHS[0])
    agents = ask(server, prefix + PATHS[1])["agents"]
    if events["count"] != 300 or len(agents) != AGENTS or sum(entry["log_count"] for entry in agents) != ROWS:
        raise SystemExit(f"bench: {server.name} {prefix} answers {events['count']} events and {len(agents)} agents")
    return [event["id"] for event in events["events"]]


def measure(directory, rounds, seconds):
    """{path: {name: requests per second}}"""
    with postgresql(directory) as url, contextlib.ExitStack() as stack:
        started = []
        for storage, config, fill in (("postgresql", f'{{{{url: "{url}"}}}}', lambda id_: fill_postgresql(url, id_)),
                                      ("sqlite", '{{file: "{data}/tutti.db"}}',
                                       lambda id_: fill_sqlite(pathlib.Path(directory) / "sqlite" / "tutti.db", id_))):
            with tutti(directory, storage, config) as server:
                session = session_of(server)
            fill(session)
            started.append((stack.enter_context(tutti(directory, storage, config, session)), session))
        environment = {"DATABASE_URL": url, "BENCH_ORCHESTRATOR": started[0][1]}
        peer = stack.enter_context(servers.fastapi("history", "/health", environment))
        targets = [("FastAPI + asyncpg, rows", peer, ""), ("FastAPI + asyncpg, JSON by the database", peer, "/text"),
                   ("tutti, PostgreSQL", started[0][0], ""), ("tutti, SQLite", started[1][0], "")]
        if len({tuple(check(server, prefix)) for _, server, prefix in targets}) != 1:
            raise SystemExit("bench: the servers answer with different events")
        rates = {path: {name: [] for name, _, _ in targets} for path in PATHS}
        for path in PATHS:
            for _ in range(rounds):
                for name, server, prefix in targets:
                    rates[path][name].append(http_bench.wrk(server.url(prefix + path), CONNECTIONS, seconds))
                    server.drain_errors()
        return {path: {name: statistics.median(values) for name, values in by_name.items()} for path, by_name in
                rates.items()}


def report(rates):
    print(f"\nHistory: {AGENTS} agents, {ROWS} logs, {CONNECTIONS} connections, requests per second relative to FastAPI + "
          "asyncpg\n")
    print(f"| Server | {' | '.join(PATHS)} |")
    print("|---|---|---|")
    base = "FastAPI + asyncpg, rows"
    for name in rates[PATHS[0]]:
        print(f"| {name} | {' | '.join(f'{rates[path][name] / rates[path][base]:.2f} ({rates[path][name]:.0f}/s)' for path in PATHS)} |")
