"""The process that children are forked from: ``python -m recognition.confinement.nursery FD``.

It has one thread and an empty environment, and has imported the parsers, so that a child is ready in milliseconds. On
the socket FD it is sent, for each child, a JSON object ``{"memory": bytes, "readable": [paths], "folder": path}``
together with one end of a pipe for questions, and answers with the child's number; ``folder``: where it may write, or
null. ``{"end": number}`` ends a child, unless it has ended by itself, with all that it has started, and is answered
with the status that ``waitpid`` gives. It ends when the socket is closed, and its children end with it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy.ma  # noqa: F401  # NumPy itself, PIL and codes import these when they need them: in every child anew
import zxingcpp  # noqa: F401
from PIL import Image

from recognition import searchable_pdf, transcriptions
from recognition.errors import RecognitionError
from recognition.files import DirectReader
from recognition.unlocking import unlock

from . import sandbox
from .wire import WRITTEN, Answer, Order, failure_of, picture_of

LARGEST_MESSAGE = 65_536

NICER = 5
"""By how much children stand back: behind whoever started them, who answers people meanwhile."""


def serve(orders: Connection) -> None:
    """Answers one question after the other until nobody asks any more."""
    while True:
        try:
            asked = msgspec.msgpack.decode(orders.recv_bytes(), type=Order)
        except EOFError:
            return
        sandbox.allow_processor_time(asked.seconds)
        orders.send_bytes(msgspec.msgpack.encode(answer(asked)))


def answer(asked: Order) -> Answer:
    reader, path = DirectReader(), Path(asked.path)
    try:
        match asked.question:
            case "inspect":
                return Answer(info=reader.inspect(path, asked.limits))
            case "draw":
                return Answer(picture=picture_of(reader.draw(path, asked.number, asked.limits)))
            case "text_layer":
                return Answer(layer=reader.text_layer(path, asked.number, asked.limits))
            case "without_text":
                return Answer(picture=picture_of(reader.without_text(path, asked.number, asked.limits)))
            case "transcription":
                return Answer(transcription=transcriptions.read(path, asked.name, asked.limits.pages))
            case "searchable_pdf" if asked.text:
                searchable_pdf.write(path, asked.text, Path(asked.folder, WRITTEN))
                return Answer()
            case "assembled_pdf" if asked.text:
                searchable_pdf.assemble(Path(asked.folder), asked.places, asked.text.title, Path(asked.folder, WRITTEN))
                return Answer()
            case "unlocked_pdf":
                unlock(path, asked.password, Path(asked.folder, WRITTEN))
                return Answer()
            case "searchable_pdf" | "assembled_pdf":
                raise ValueError("no text to make a PDF with")
    except RecognitionError as error:
        return Answer(failure=failure_of(error), memory_exhausted=_was_memory(error))
    except MemoryError:
        return Answer(memory_exhausted=True)
    except Exception:
        return Answer(trouble=traceback.format_exc())


def _was_memory(error: BaseException | None) -> bool:
    """Whether an error goes back to one of memory: decoders call a file broken that they had no memory for."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def main(control: socket.socket) -> None:
    sandbox.give_up_privileges()
    os.nice(NICER)
    Image.preinit()
    gc.freeze()  # what is here now stays shared with the children
    control.sendall(b"ready")
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, LARGEST_MESSAGE, 1)
        if not message:
            return
        asked = json.loads(message)
        if "end" in asked:
            os.killpg(asked["end"], signal.SIGKILL)  # not yet waited for, so the number is still its own
            _pid, status = os.waitpid(asked["end"], 0)
            control.sendall(str(status).encode())
            continue
        (descriptor,) = descriptors
        pid = os.fork()
        if pid == 0:
            control.close()
            try:
                folder = Path(asked["folder"]) if asked["folder"] else None
                sandbox.confine(map(Path, asked["readable"]), asked["memory"], folder)
                serve(Connection(descriptor))
            finally:
                os._exit(0)
        os.close(descriptor)
        os.setpgid(pid, pid)  # with Poppler's programs, which it may start
        control.sendall(str(pid).encode())


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
