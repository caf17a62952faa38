"""The errors of recognition, as a small tree of classes. Callers translate them at their own boundary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


def gettext_noop(text: str) -> str:
    """``text`` as it is. The name tells tools that extract strings to add it to the catalogue."""
    return text


class RecognitionError(Exception):
    """An error to be shown to a person.

    ``message``: a plain English sentence that says what to do. ``params``: the values in it. Each class has:

    - ``code``: for programs and translations; it never changes.
    - ``explanations``: translatable sentences, from the most specific to the most general, with ``%(name)s`` for
      values of ``params``. The first sentence for which the error has all values is shown.
    - ``blames_input``: the file or the options are at fault, not the server.

    A class without a code of its own only groups others and is not raised.
    """

    code: ClassVar[str] = "recognition-failed"
    explanations: ClassVar[tuple[str, ...]] = (
        gettext_noop("This could not be read. Try again; if it happens again, tell your administrator."),
    )
    blames_input: ClassVar[bool] = False

    def __init__(self, message: str, **params: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class FileError(RecognitionError):
    """The file as a whole cannot be read."""

    blames_input = True


class EmptyFileError(FileError):
    code = "file-empty"
    explanations = (gettext_noop("This file is empty. Check the original and upload it again."),)


class FileTooLargeError(FileError):
    code = "file-too-large"
    explanations = (
        gettext_noop("This file is too large: at most %(megabytes)s MB are allowed. Split it or save it smaller."),
        gettext_noop("This file is too large. Split it or save it smaller."),
    )


class UnsupportedTypeError(FileError):
    code = "file-type-unsupported"
    explanations = (
        gettext_noop("This is %(found)s, which cannot be read. Save it as PDF, JPEG or PNG and upload that."),
        gettext_noop(
            "This is no file of a known type. JPEG, PNG, WebP, AVIF, HEIC, JPEG 2000, GIF, BMP, TIFF, DjVu and PDF can "
            "be read."
        ),
    )


class BrokenFileError(FileError):
    code = "file-broken"
    explanations = (gettext_noop("This file is damaged or cut off. Open and save it again, or scan it again."),)


class EncryptedFileError(FileError):
    code = "file-encrypted"
    explanations = (gettext_noop("This PDF is locked with a password. Enter its password and upload the file again."),)


class WrongPasswordError(EncryptedFileError):
    code = "password-wrong"
    explanations = (gettext_noop("This password does not open the PDF. Check it and upload the file again."),)

    def __init__(self) -> None:
        super().__init__("This password does not open the PDF. Check it and upload the file again.")


class DynamicFormError(FileError):
    """A PDF that holds no pages but a program (XFA) that makes them; only Adobe's readers run it."""

    code = "form-dynamic"
    explanations = (
        gettext_noop(
            "This PDF is a dynamic form (XFA), whose pages only Adobe Acrobat and Reader can show. Open it there, "
            "print it to a new PDF and upload that."
        ),
    )

    def __init__(self) -> None:
        super().__init__(self.explanations[0])


class ProtectedFileError(FileError):
    """It can be read, but not be changed."""

    code = "file-protected"
    explanations = (
        gettext_noop(
            "This PDF is protected against changes, so no text can be added. Upload a copy without protection."
        ),
    )


class OriginalMissingError(FileError):
    """The file was taken in once, and is no longer where it was put."""

    code = "original-missing"
    explanations = (gettext_noop("The original file is missing from the archive. Tell an administrator."),)
    blames_input = False

    def __init__(self) -> None:
        super().__init__("The original file is missing from the archive. Tell an administrator.")


class OriginalDamagedError(OriginalMissingError):
    """The file in the archive is not the one that was taken in."""

    code = "original-damaged"
    explanations = (
        gettext_noop(
            "The original file in the archive is damaged. Tell an administrator, who can restore it from a backup."
        ),
    )

    def __init__(self) -> None:
        FileError.__init__(self, self.explanations[0])


class TooManyPagesError(FileError):
    code = "too-many-pages"
    explanations = (
        gettext_noop("This file has more than %(limit)s pages. Split it and upload the parts."),
        gettext_noop("This file has too many pages. Split it and upload the parts."),
    )


class UnknownTranscriptionError(FileError):
    """The file holds no transcription of a format that is read here."""

    code = "transcription-unknown"
    explanations = (
        gettext_noop("%(name)s is neither PAGE XML nor ALTO nor hOCR. Send one of these."),
        gettext_noop("There is no page in this file. PAGE XML, ALTO and hOCR are read."),
    )


class BrokenTranscriptionError(FileError):
    code = "transcription-broken"
    explanations = (
        gettext_noop("%(name)s is no well-formed XML. Export it again."),
        gettext_noop("This archive is damaged, or locked. Pack and send it again."),
    )


class UnsafeMarkupError(FileError):
    """Entities that grow or name files, or an archive that grows."""

    code = "markup-unsafe"
    explanations = (
        gettext_noop("%(name)s declares entities, which is not safe. Save it without them."),
        gettext_noop("This archive grows too large when it is unpacked. Send its files in parts."),
    )


class TooManyPixelsError(FileError):
    code = "too-many-pixels"
    explanations = (
        gettext_noop(
            "A page of %(width)s x %(height)s pixels is too large; at most %(megapixels)s million pixels are allowed. "
            "Save it at a lower resolution."
        ),
        gettext_noop("Page %(number)s is too large. Save it smaller."),
        gettext_noop("This picture has too many pixels. Save it at a lower resolution."),
    )


class TooMuchMemoryError(FileError):
    """Parsing took more than ``memory`` bytes, or its libraries broke off for want of it."""

    code = "too-much-memory"
    explanations = (
        gettext_noop(
            "This file needs more memory than a page may use (%(limit)s MB). Save it at a lower resolution, or "
            "print it to a new PDF."
        ),
        gettext_noop("This file needs more memory than a page may use. Save it at a lower resolution."),
    )

    def __init__(self, memory: int) -> None:
        limit = memory // 2**20
        super().__init__(
            f"This file needs more memory than a page may use ({limit} MB). Save it at a lower resolution, or "
            "print it to a new PDF.",
            limit=limit,
        )


class TooMuchTimeError(FileError):
    """Parsing took more than ``seconds`` of processor time."""

    code = "too-much-time"
    explanations = (
        gettext_noop(
            "This file needs more time than a page may use (%(limit)s s). Save it in a simpler form, or print it "
            "to a new PDF."
        ),
        gettext_noop("This file needs more time than a page may use. Save it in a simpler form."),
    )

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"This file needs more time than a page may use ({seconds} s). Save it in a simpler form, or print it "
            "to a new PDF.",
            limit=seconds,
        )


class PageError(RecognitionError):
    """One page cannot be read; its neighbours may still be."""

    code = "page-failed"
    explanations: ClassVar[tuple[str, ...]] = (
        gettext_noop("Page %(number)s is damaged or too large and cannot be drawn. Scan or export this page again."),
        gettext_noop("This page cannot be drawn. Scan or export it again."),
    )
    blames_input = True


class OptionError(RecognitionError):
    """An option has a value that it does not take."""

    code = "option-invalid"
    explanations = (gettext_noop("One of the options has a value that is not allowed. Choose another and try again."),)
    blames_input = True


class WeightsError(RecognitionError):
    """The weights of a model are missing or are not what they should be."""

    code = "weights-missing"
    explanations: ClassVar[tuple[str, ...]] = (
        gettext_noop("The model %(model)s is not installed on the server. Tell your administrator."),
        gettext_noop("A model is not installed on the server. Tell your administrator."),
    )


class WeightsCorruptError(WeightsError):
    code = "weights-corrupt"
    explanations = (gettext_noop("A model on the server is damaged. Tell your administrator."),)


class EngineError(RecognitionError):
    """The engine could not be started, or gave up on a page."""

    code = "engine-failed"
    explanations = (
        gettext_noop("The engine gave up on this page. Try again; if it happens again, tell your administrator."),
    )


def error_classes(parent: type[RecognitionError] = RecognitionError) -> Iterator[type[RecognitionError]]:
    """The classes with a code of their own, from ``parent`` downwards, as far as they are imported."""
    if "code" in vars(parent):
        yield parent
    for child in parent.__subclasses__():
        yield from error_classes(child)


def error_class(code: str) -> type[RecognitionError] | None:
    """The class with this ``code``; None for one that is not known."""
    return next((each for each in error_classes() if each.code == code), None)
