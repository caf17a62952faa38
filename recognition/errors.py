"""What can go wrong, as a small tree that callers translate once, at their own boundary."""

from __future__ import annotations


class RecognitionError(Exception):
    """Something a person can be told about.

    ``code`` is stable (for programs and for translations), and ``message`` is a plain English sentence
    that says what to do. ``params`` are the values inside the message, for a translation that wants to
    place them itself.
    """

    code = "recognition-failed"

    def __init__(self, message: str, **params: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class FileError(RecognitionError):
    """The file as a whole cannot be read."""


class EmptyFileError(FileError):
    code = "file-empty"


class FileTooLargeError(FileError):
    code = "file-too-large"


class UnsupportedTypeError(FileError):
    code = "file-type-unsupported"


class BrokenFileError(FileError):
    code = "file-broken"


class EncryptedFileError(FileError):
    code = "file-encrypted"


class ProtectedFileError(FileError):
    """It can be read, but not be changed."""

    code = "file-protected"


class OriginalMissingError(FileError):
    """It was taken in once, and is not where it was put."""

    code = "original-missing"

    def __init__(self) -> None:
        super().__init__("The original file is missing from the archive. Tell an administrator.")


class TooManyPagesError(FileError):
    code = "too-many-pages"


class TooManyPixelsError(FileError):
    code = "too-many-pixels"


class TooMuchMemoryError(FileError):
    """Parsing took more than ``memory`` bytes, or its libraries broke off for want of it."""

    code = "too-much-memory"

    def __init__(self, memory: int) -> None:
        limit = memory // 2**20
        super().__init__(
            f"This file asks for more memory than a page may take ({limit} MB). Save it at a lower resolution, or "
            "print it to a new PDF.",
            limit=limit,
        )


class TooMuchTimeError(FileError):
    """Parsing took more than ``seconds`` of processor time."""

    code = "too-much-time"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"This file asks for more time than a page may take ({seconds} s). Save it in a simpler form, or print it "
            "to a new PDF.",
            limit=seconds,
        )


class PageError(RecognitionError):
    """One page cannot be read; its neighbours may still be."""

    code = "page-failed"


class OptionError(RecognitionError):
    """An option has a value that it does not take."""

    code = "option-invalid"


class WeightsError(RecognitionError):
    """The weights of a model are missing or are not what they should be."""

    code = "weights-missing"


class WeightsCorruptError(WeightsError):
    code = "weights-corrupt"


class EngineError(RecognitionError):
    """The engine could not be started, or gave up on a page."""

    code = "engine-failed"
