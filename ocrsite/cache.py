"""Django's cache in Redis, for counting attempts and requests; nothing in it is needed to go on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from documents.redis_answers import SECONDS_TO_ANSWER, asking

log = logging.getLogger(__name__)


class Json:
    """Values as JSON: Django's own way is pickle, by which whoever writes to Redis could run code here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class _Client(RedisCacheClient):
    @property
    def _url(self) -> str:
        return str(self._servers[0])  # type: ignore[attr-defined]  # the stubs leave it out

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return bool(_unless_away(self._url, True, super().add, key, value, timeout))

    def get(self, key: Any, default: Any) -> Any:
        return _unless_away(self._url, default, super().get, key, default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        _unless_away(self._url, None, super().set, key, value, timeout)

    def delete(self, key: Any) -> bool:
        return bool(_unless_away(self._url, False, super().delete, key))


class Cache(RedisCache):
    """While Redis is away everything counts as new: people can log in, and nobody is held back."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params | {"OPTIONS": {"serializer": Json, "socket_timeout": SECONDS_TO_ANSWER}})
        self._class = _Client


def _unless_away(url: str, instead: Any, ask: Callable[..., Any], *arguments: Any) -> Any:
    try:
        with asking(url):
            return ask(*arguments)
    except redis.RedisError:
        log.warning("Redis is unreachable: attempts are not counted until it is back")
        return instead
