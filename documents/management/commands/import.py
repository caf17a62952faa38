"""The former name of ``import_folder``, kept for one release."""

from .import_folder import Command

__all__ = ["Command"]
