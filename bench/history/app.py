"""The FastAPI peer of the history benchmark: /list_agents and /get_events by asyncpg from the tables the server made, JSON
as the reference orchestrator makes it (rows to dictionaries) and, below /text, as text that the database made."""
import contextlib
import json
import os

import asyncpg
from fastapi import FastAPI, Response

ORCHESTRATOR = os.environ["BENCH_ORCHESTRATOR"]

LIST_AGENTS = """SELECT a.*, (SELECT count(*) FROM agent_logs l WHERE l.agent_id = a.id) AS log_count FROM agents a
  WHERE a.orchestrator_agent_id = $1 AND NOT a.archived ORDER BY a.created_at DESC, a.id DESC LIMIT 1000"""

EVENTS = """SELECT 'agent_log' AS "sourceType", l.*, a.name AS agent_name FROM agent_logs l JOIN agents a ON a.id = l.agent_id
  WHERE a.orchestrator_agent_id = $1 ORDER BY l."timestamp" DESC, l.id DESC LIMIT $2"""

CHAT = """SELECT 'orchestrator_chat' AS "sourceType", c.* FROM orchestrator_chat c WHERE c.orchestrator_agent_id = $1
  ORDER BY c.created_at DESC, c.id DESC LIMIT $2"""


async def prepare(connection):
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@contextlib.asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=5, max_size=20, init=prepare) as pool:
        app.state.pool = pool
        yield


app = FastAPI()
# FastAPI of Debian 12 knows no `lifespan`; its router does.
app.router.lifespan_context = lifespan


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/list_agents")
async def list_agents():
    rows = await app.state.pool.fetch(LIST_AGENTS, ORCHESTRATOR)
    return {"status": "success", "agents": [{**row, "total_cost": float(row["total_cost"])} for row in rows]}


@app.get("/get_events")
async def get_events(limit: int = 50):
    async with app.state.pool.acquire() as connection:
        events = [dict(row) for row in await connection.fetch(EVENTS, ORCHESTRATOR, limit)]
        events += [dict(row) for row in await connection.fetch(CHAT, ORCHESTRATOR, limit)]
    events.sort(key=lambda event: event.get("timestamp") or event["created_at"])
    events = events[-limit:]
    return {"status": "success", "events": events, "count": len(events)}


@app.get("/text/list_agents")
async def list_agents_as_text():
    text = await app.state.pool.fetchval(f"SELECT coalesce(json_agg(x), '[]')::text FROM ({LIST_AGENTS}) AS x", ORCHESTRATOR)
    return Response(content='{"status":"success","agents":' + text + "}", media_type="application/json")


@app.get("/text/get_events")
async def get_events_as_text(limit: int = 50):
    rows = await app.state.pool.fetch(
        f"""SELECT r FROM (SELECT "timestamp" AS k, row_to_json(e)::text AS r FROM ({EVENTS}) AS e UNION ALL
        SELECT created_at, row_to_json(c)::text FROM ({CHAT}) AS c) AS u ORDER BY k DESC LIMIT $2""", ORCHESTRATOR, limit)
    text = ",".join(row[0] for row in reversed(rows))
    return Response(content=f'{{"status":"success","events":[{text}],"count":{len(rows)}}}', media_type="application/json")
