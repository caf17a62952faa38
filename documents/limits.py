"""How much one person may ask for in a time, by whichever door: site, API, and resumable uploads count together.

Counts are in Redis, for all web processes. While Redis is away nobody is held back.
"""

from __future__ import annotations

import functools
import logging
import math
import time
from typing import TYPE_CHECKING, ClassVar

import redis
from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from documents.errors import LaterError
from documents.redis_answers import SECONDS_TO_ANSWER, asking
from documents.telemetry import count
from recognition.errors import RecognitionError, gettext_noop

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

MINUTE, HOUR = 60, 3600
log = logging.getLogger(__name__)


class TooManyError(RecognitionError):
    """Somebody has asked for more than the limit of a time. ``wait``: after how many seconds to ask again.

    Each class below is a limit: ``setting`` has how much is ``allowed`` within ``period`` seconds.
    """

    setting: ClassVar[str]
    period: ClassVar[int]

    def __init__(self, allowed: int, wait: int) -> None:
        super().__init__(self.explanations[0] % {"allowed": allowed, "wait": wait}, allowed=allowed, wait=wait)
        self.wait = wait


class TooManyRequestsError(TooManyError):
    code = "throttled"
    setting, period = "OCRSITE_USER_REQUESTS_A_MINUTE", MINUTE
    explanations = (
        gettext_noop("These were more than %(allowed)s requests within a minute. Try again in %(wait)s seconds."),
        gettext_noop("These were too many requests within a minute. Try again in a minute."),
    )


class TooManySearchesError(TooManyError):
    code = "too-many-searches"
    setting, period = "OCRSITE_USER_SEARCHES_A_MINUTE", MINUTE
    explanations = (
        gettext_noop("These were more than %(allowed)s searches within a minute. Search again in %(wait)s seconds."),
        gettext_noop("These were too many searches within a minute. Search again in a minute."),
    )


class TooManyRegionsError(TooManyError):
    code = "too-many-regions"
    setting, period = "OCRSITE_USER_REGIONS_A_MINUTE", MINUTE
    explanations = (
        gettext_noop("These were more than %(allowed)s regions within a minute. Continue in %(wait)s seconds."),
        gettext_noop("These were too many regions within a minute. Continue in a minute."),
    )


class TooManyUploadsError(TooManyError, LaterError):
    code = "too-many-uploads"
    setting, period = "OCRSITE_USER_UPLOADS_AN_HOUR", HOUR
    explanations = (
        gettext_noop(
            "These were more than %(allowed)s files within an hour. Send the next ones in %(wait)s seconds, "
            "or ask an administrator for more."
        ),
        gettext_noop(
            "These were too many files within an hour. Send the next ones later, or ask an administrator for more."
        ),
    )


class TooManyMegabytesError(TooManyError, LaterError):
    code = "too-many-megabytes"
    setting, period = "OCRSITE_USER_UPLOAD_MEGABYTES_AN_HOUR", HOUR
    explanations = (
        gettext_noop(
            "These were more than %(allowed)s MB of files within an hour. Send the next ones in %(wait)s seconds, "
            "or ask an administrator for more."
        ),
        gettext_noop(
            "These were too many megabytes within an hour. Send the next files later, or ask an administrator for more."
        ),
    )


def take(limit: type[TooManyError], user: User | AnonymousUser, amount: int = 1) -> None:
    """Counts ``amount`` towards a limit of ``user``. Raises it if it is reached; then nothing is counted.

    An amount that is larger than the whole limit is taken where nothing else was. Strangers have no count.
    """
    if user.pk is None:
        return
    allowed = int(getattr(settings, limit.setting))
    item, person = RateLimitItemPerSecond(allowed, limit.period, namespace=limit.code), str(user.pk)
    amount = min(amount, allowed)
    try:
        with asking():
            limiter = _limiter(settings.RQ_QUEUES["recognition"]["URL"])
            if limiter.test(item, person, cost=amount) and limiter.hit(item, person, cost=amount):
                return
            until = limiter.get_window_stats(item, person).reset_time
    except redis.RedisError:
        log.warning("Redis is unreachable: limits are not counted until it is back")
        return
    count("limits_hit", limit=limit.code)
    raise limit(allowed, max(1, math.ceil(until - time.time())))


def take_megabytes(user: User | AnonymousUser, bytes: int) -> None:
    """Counts the bytes of an upload. Raises TooManyMegabytesError."""
    take(TooManyMegabytesError, user, math.ceil(bytes / 2**20))


@functools.cache
def _limiter(url: str) -> FixedWindowRateLimiter:
    """Windows that begin with the first request: what they refuse can say exactly when to come back."""
    pool = redis.ConnectionPool.from_url(url, socket_timeout=SECONDS_TO_ANSWER)
    return FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix="limits"))
