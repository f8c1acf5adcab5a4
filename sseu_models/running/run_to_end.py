"""Running a coroutine to its end from ordinary code, also inside a running event loop, as in a notebook cell."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

_T = TypeVar("_T")


def run_to_end(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The coroutine's value.

    Where this thread runs an event loop already, the coroutine gets a thread with a loop of its own. Ctrl-C cancels it
    there too, and what it was in the middle of ends first.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    loop, done = asyncio.new_event_loop(), Future[_T]()
    task = loop.create_task(coroutine)

    def work() -> None:
        try:
            done.set_result(loop.run_until_complete(task))
        except BaseException as error:
            done.set_exception(error)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = Thread(target=work, name="sseu-run")
    thread.start()
    try:
        return done.result()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join()
