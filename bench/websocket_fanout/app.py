"""The FastAPI peer of the fan-out benchmark: one awaited send per client, as the reference backends do it."""
import json

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients = []
event = {"type": "bench", "data": "x" * 1000}


@app.websocket("/bench/ws")
async def connect(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text('{"type":"connected"}')
    clients.append(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        clients.remove(websocket)


@app.post("/bench/publish")
async def publish():
    text = json.dumps(event)
    for client in list(clients):
        await client.send_text(text)
    return {}
