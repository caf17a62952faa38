"""Checks the archive, dumps it into a folder, and restores it into an empty instance on any database.

The folder holds ``manifest.json``, one file of JSON lines for each table, and ``files/`` with everything
from storage. Whatever is a secret in the database is one in the folder.
"""
