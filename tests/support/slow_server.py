"""A server as it is far away: between the browser and the platform, changes are on their way for half a second."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ocrsite.processes import HOST

DELAY = 0.5
"""Seconds that a request which changes something needs to arrive."""


@contextmanager
def slow(port: int) -> Iterator[str]:
    """The address of the platform at ``port``, reached slowly."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_serve(port), loop).result(10)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _serve(port: int) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_carry(reader, forth, DELAY), _carry(back, writer, 0))

    return await asyncio.start_server(connected, HOST, 0)


async def _stop(server: asyncio.Server) -> None:
    server.close()
    connections = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in connections:
        task.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    try:
        while data := await source.read(65536):
            if delay and data.startswith(b"POST"):
                await asyncio.sleep(delay)
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()
