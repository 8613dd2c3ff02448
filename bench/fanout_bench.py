"""Events of 1 KiB to many WebSockets, beside FastAPI and a bare epoll server."""
import statistics
import subprocess

import servers


def client(server, connections, seconds, outstanding):
    """Messages per second that arrived."""
    command = [str(servers.BUILD / "bin" / "fanout_client"), str(server.port), str(connections), str(seconds),
               str(outstanding)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 180)
    if done.returncode != 0:
        raise SystemExit(f"bench: {server.name}: {done.stderr}")
    return float(done.stdout)


def measure(directory, connections, rounds, seconds, outstanding):
    """Rows of (name, messages per second, resident MB)."""
    with servers.tutti(directory) as tutti, servers.fastapi("websocket_fanout", "/openapi.json") as fastapi, \
            servers.fanout_limit() as limit:
        targets = [fastapi, tutti, limit]
        rates = {server.name: [] for server in targets}
        for _ in range(rounds):
            for server in targets:
                rates[server.name].append(client(server, connections, seconds, outstanding))
                server.drain_errors()
        return [(server.name, statistics.median(rates[server.name]), server.resident_mb()) for server in targets]


def report(rows, connections, outstanding):
    base = rows[0][1]
    print(f"\nWebSocket fan-out of 1 KiB events: {connections} clients, {outstanding} events outstanding, messages per "
          "second relative to FastAPI\n")
    print("| Server | Messages per second | Resident, MB |\n|---|---|---|")
    for name, rate, resident in rows:
        print(f"| {name} | {rate / base:.2f} | {resident:.0f} |")
    rates = {name: rate for name, rate, _ in rows}
    print(f"\ntutti is {rates['tutti'] / rates['bare epoll (limit)']:.2f} x bare epoll (asked: 0.85).")
