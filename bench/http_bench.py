"""A small command over HTTP, through the whole dispatch, beside FastAPI and nginx."""
import re
import statistics
import subprocess
import urllib.request

import servers


def wrk(url, connections, seconds):
    """Requests per second; ends the benchmark when anything but 2xx came back."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"bench: {url} answered with errors\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def measure(directory, connection_counts, rounds, seconds):
    """Rows of (name, {connections: requests per second}, {connections: CPU µs per request}, resident MB)."""
    with servers.tutti(directory) as tutti, servers.fastapi("http", "/bench/small") as fastapi:
        with urllib.request.urlopen(tutti.url("/bench/small"), timeout=5) as answer:
            body = answer.read()
        with servers.nginx(directory, body) as nginx:
            targets = [
                ("FastAPI, default JSON answer", fastapi, "/bench/small"),
                ("FastAPI, prepared bytes", fastapi, "/bench/prepared"),
                ("nginx, static file", nginx, "/small"),
                ("tutti, command", tutti, "/bench/small"),
                ("tutti, /health", tutti, "/health"),
            ]
            rates = {name: {count: [] for count in connection_counts} for name, _, _ in targets}
            costs = {name: {count: [] for count in connection_counts} for name, _, _ in targets}
            for count in connection_counts:
                for _ in range(rounds):
                    for name, server, path in targets:
                        before = server.cpu_seconds()
                        rate = wrk(server.url(path), count, seconds)
                        used = server.cpu_seconds() - before
                        server.drain_errors()
                        rates[name][count].append(rate)
                        costs[name][count].append(used / (rate * seconds) * 1e6)
            return [
                (name, {count: statistics.median(rates[name][count]) for count in connection_counts},
                 {count: statistics.median(costs[name][count]) for count in connection_counts}, server.resident_mb())
                for name, server, _ in targets
            ], len(body)


def report(rows, body_size, connection_counts):
    base = rows[0][1]
    print(f"\nHTTP: {body_size} bytes of JSON over keep-alive, requests per second relative to FastAPI's default answer\n")
    heads = [f"{count} connections" for count in connection_counts]
    print(f"| Server | {' | '.join(heads)} | CPU per request, µs | Resident, MB |")
    print("|---" * (len(heads) + 3) + "|")
    for name, rates, costs, resident in rows:
        ratios = " | ".join(f"{rates[count] / base[count]:.2f}" for count in connection_counts)
        print(f"| {name} | {ratios} | {costs[connection_counts[0]]:.1f} | {resident:.0f} |")
    by_name = {name: rates for name, rates, _, _ in rows}
    mine = by_name["tutti, command"]
    for count in connection_counts:
        print(f"\n{count} connections: tutti's command is {mine[count] / base[count]:.2f} x FastAPI's default answer "
              f"(asked: 5), {mine[count] / by_name['FastAPI, prepared bytes'][count]:.2f} x its prepared bytes (asked: 2), "
              f"{mine[count] / by_name['nginx, static file'][count]:.2f} x nginx static (asked: 0.6).")
