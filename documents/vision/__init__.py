"""Single hard pages read by a vision model: our lines and boxes, with the model's text, as a run of its own."""

from .reading import NotConfiguredError, ask, is_configured, read_due

__all__ = ["NotConfiguredError", "ask", "is_configured", "read_due"]
