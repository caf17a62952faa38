"""An S3-compatible server in memory, for tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from .stack import free_port, wait_for

KEYS = {"S3_REGION": "us-east-1", "S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret"}
"""What the platform needs beside address and bucket. The server takes any."""


def command(address: str, port: int) -> list[str]:
    return [sys.executable, "-m", "moto.server", "--host", address, "--port", str(port)]


def client(url: str) -> Any:
    keys = {"aws_access_key_id": KEYS["S3_ACCESS_KEY"], "aws_secret_access_key": KEYS["S3_SECRET_KEY"]}
    return boto3.client("s3", KEYS["S3_REGION"], endpoint_url=url, **keys)


def is_made(url: str, bucket: str) -> bool:
    """Makes a bucket; False as long as the server does not answer."""
    try:
        client(url).create_bucket(Bucket=bucket)
    except BotoCoreError:
        return False
    return True


@contextmanager
def server(*buckets: str) -> Iterator[str]:
    """A server with empty buckets; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    running = subprocess.Popen(command("127.0.0.1", port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for bucket in buckets:
            wait_for(partial(is_made, url, bucket))
        yield url
    finally:
        running.kill()
        running.wait()


def copy(url: str, source: str, target: str) -> None:
    """Copies all objects of one bucket into another."""
    for page in client(url).get_paginator("list_objects_v2").paginate(Bucket=source):
        for found in page.get("Contents", []):
            client(url).copy({"Bucket": source, "Key": found["Key"]}, target, found["Key"])
