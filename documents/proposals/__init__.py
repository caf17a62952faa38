"""Proposals for doubtful lines: asked of a language model or sent by programs, guarded, and decided by people."""

from .asking import NotConfiguredError, ask, doubtful_lines, is_configured
from .deciding import accept, reject
from .offering import Offer, OfferError, offer

__all__ = [
    "NotConfiguredError",
    "Offer",
    "OfferError",
    "accept",
    "ask",
    "doubtful_lines",
    "is_configured",
    "offer",
    "reject",
]
