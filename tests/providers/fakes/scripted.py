"""A vendor whose books a test writes itself."""

from typing import Any

from tests.vendors.calls import Call, Reply
from tests.vendors.wire import Vendor


class Scripted(Vendor):
    """A subclass answers calls with a status and a document, one at a time."""

    def answer(self, call: Call) -> tuple[int, Any]:
        raise NotImplementedError

    def respond(self, call: Call) -> Reply:
        with self.lock:
            return Reply(*self.answer(call))


__all__ = ["Scripted"]
