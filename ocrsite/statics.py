"""Static files under names that change with what is in them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = (r"""(?P<matched>from "(?P<url>\.\.?/[^"]+)")""", 'from "%(url)s"')


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library is untyped
    """Our scripts import each other under these names too, so that a browser never mixes two versions of them.

    Django would do this to all scripts or to none, and stumbles over comments in those of other packages.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (IMPORT,)))

    max_post_process_passes = 12
    """A name depends on those of all scripts that are imported, one pass for each that stands between."""
