"""S3-compatible storage that may fail without the site: with time limits, few retries, and a bound on requests."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3File, S3Storage

from documents.telemetry import count

from .errors import StorageAwayError

TRIES = 2
SECONDS_TO_CONNECT = 3
PATIENCE = 1.0
"""Seconds that a request waits for its turn. Without a bound, all threads would soon wait for a storage that hangs."""

log = logging.getLogger(__name__)


@functools.cache
def _turns(requests: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(requests)


@contextmanager
def turn() -> Iterator[None]:
    """One of the requests to the storage that a process may have at a time. Raises StorageAwayError."""
    turns = _turns(settings.OCRSITE_STORAGE_REQUESTS)
    if not turns.acquire(timeout=PATIENCE):
        count("storage_errors", reason="busy")
        raise StorageAwayError("All requests to the storage that are allowed at a time are waiting for it.")
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
            raise
        raise _away(error) from error
    except (BotoCoreError, Boto3Error) as error:
        raise _away(error) from error
    finally:
        turns.release()


def _away(error: Exception) -> StorageAwayError:
    count("storage_errors", reason=type(error).__name__)
    log.warning("The storage fails: %s", error)
    return StorageAwayError(f"The storage fails: {error}")


def _in_turn(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with turn():
            return method(*args, **kwargs)

    return call


class BoundedS3File(S3File):  # type: ignore[misc]  # the library is untyped
    file = property(_in_turn(S3File._get_file), S3File._set_file)


class BoundedS3Storage(S3Storage):  # type: ignore[misc]
    def get_default_settings(self) -> dict[str, Any]:
        limits = Config(
            connect_timeout=SECONDS_TO_CONNECT,
            read_timeout=settings.OCRSITE_STORAGE_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=settings.OCRSITE_STORAGE_REQUESTS,
        )
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {"client_config": limits, "transfer_config": TransferConfig(num_download_attempts=TRIES)}

    @_in_turn
    def _open(self, name: str, mode: str = "rb") -> BoundedS3File:
        try:
            return BoundedS3File(self._normalize_name(name), mode, self)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(f"File does not exist: {name}") from error
            raise

    _save = _in_turn(S3Storage._save)
    delete = _in_turn(S3Storage.delete)
    exists = _in_turn(S3Storage.exists)
    listdir = _in_turn(S3Storage.listdir)
    size = _in_turn(S3Storage.size)
    get_modified_time = _in_turn(S3Storage.get_modified_time)
