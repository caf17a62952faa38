"""Search by meaning: chunks of documents as vectors of a model behind an OpenAI-compatible endpoint. Off without it.

``endpoint`` asks the model, ``embedding`` keeps the vectors equal to what documents say, ``query`` searches them.
"""

from .embedding import embed_due
from .endpoint import NoVectorsError, is_configured
from .query import Hit, TooManyAtOnceError, search

__all__ = ["Hit", "NoVectorsError", "TooManyAtOnceError", "embed_due", "is_configured", "search"]
