"""A plugin replaced again and again while clients call it, beside the same calls in peace."""
import asyncio
import json
import statistics
import time

import servers

CLIENTS = 32
# A call stays in the plugin for some milliseconds, so that a replacement always finds calls inside.
REQUEST = b"GET /bench/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
PAUSE_BETWEEN_S = 0.25


async def answer_of(reader):
    """Status and body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head.split(b" ", 2)[1]), await reader.readexactly(size)


async def call_until(server, end, ended, durations, failures):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        while (begun := time.monotonic()) < end:
            writer.write(REQUEST)
            status, body = await answer_of(reader)
            now = time.monotonic()
            ended.append(now)
            durations.append(now - begun)
            if status != 200:
                failures.append(body.decode(errors="replace"))
    finally:
        writer.close()


async def replace_until(server, end, reloads):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    body = b'{"id":"tutti.bench"}'
    request = (b"POST /v1/commands/plugins.reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
               b"Content-Length: %d\r\n\r\n" % len(body)) + body
    try:
        await asyncio.sleep(PAUSE_BETWEEN_S)
        while (begun := time.monotonic()) < end - PAUSE_BETWEEN_S:
            writer.write(request)
            status, text = await answer_of(reader)
            if status != 200 or json.loads(text)["changed"][0]["what"] != "reloaded":
                raise SystemExit(f"bench: the reload was answered with {status} {text.decode(errors='replace')}")
            reloads.append(time.monotonic() - begun)
            await asyncio.sleep(PAUSE_BETWEEN_S)
    finally:
        writer.close()


async def turn(server, seconds, replacing):
    ended, durations, failures, reloads = [], [], [], []
    end = time.monotonic() + seconds
    tasks = [call_until(server, end, ended, durations, failures) for _ in range(CLIENTS)]
    if replacing:
        tasks.append(replace_until(server, end, reloads))
    await asyncio.gather(*tasks)
    ended.sort()
    gaps = [later - earlier for earlier, later in zip(ended, ended[1:])]
    return {"rate": len(ended) / seconds, "failures": failures, "gap": max(gaps) * 1e3, "longest": max(durations) * 1e3,
            "median": statistics.median(durations) * 1e3, "reloads": reloads}


def measure(directory, rounds, seconds):
    """{name: one turn each round}"""
    with servers.tutti(directory) as server:
        turns = {"in peace": [], "while it is replaced": []}
        for _ in range(rounds):
            for name, rows in turns.items():
                rows.append(asyncio.run(turn(server, seconds, name != "in peace")))
                server.drain_errors()
        return turns


def report(turns):
    print(f"\nDrain: {CLIENTS} clients call a plugin that is replaced again and again, {PAUSE_BETWEEN_S:.2f} s between\n")
    print("| | Calls per second | Failed calls | Longest time without an answer, ms | Longest call, ms | Median call, ms |")
    print("|---|---|---|---|---|---|")
    for name, rows in turns.items():
        middle = {key: statistics.median(row[key] for row in rows) for key in ("rate", "gap", "longest", "median")}
        failed = sum(len(row["failures"]) for row in rows)
        print(f"| {name} | {middle['rate']:.0f} | {failed} | {middle['gap']:.1f} | {middle['longest']:.1f} | "
              f"{middle['median']:.1f} |")
    peace, replaced = (statistics.median(row["rate"] for row in rows) for rows in turns.values())
    reloads = [seconds for row in turns["while it is replaced"] for seconds in row["reloads"]]
    print(f"\n{len(reloads)} replacements, median {statistics.median(reloads) * 1e3:.1f} ms from request to answer; the rate is "
          f"{replaced / peace:.2f} x that in peace.")
    for failure in [text for rows in turns.values() for row in rows for text in row["failures"]][:3]:
        print(f"failed: {failure[:300]}")
