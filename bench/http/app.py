"""The FastAPI peer of the HTTP benchmark: the same answer as the command bench.small, by default and as prepared bytes."""
import json

from fastapi import FastAPI, Response

app = FastAPI()


def small_answer():
    return {
        "status": "success",
        "count": 6,
        "agents": [
            {
                "id": "7e57ab1e-0000-4000-8000-00000000000",
                "number": number,
                "name": "scout",
                "status": "idle",
                "archived": False,
                "cost": 0.125,
                "task": "lists the files of the project",
            }
            for number in range(6)
        ],
    }


PREPARED = json.dumps(small_answer(), separators=(",", ":")).encode()


@app.get("/bench/small")
async def small():
    return small_answer()


@app.get("/bench/prepared")
async def prepared():
    return Response(content=PREPARED, media_type="application/json")
