"""What can go wrong on the platform, beside what recognition knows."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from recognition.errors import FileError, PageError


class IntakeError(FileError):
    """A file is not taken into the archive, for a reason other than its content."""

    blames_input = False


class LaterError(IntakeError):
    """A file is not taken now. Nothing is wrong with it: it may be taken later, just as it is.

    ``wait``: after how many seconds to send it again.
    """

    wait: int = 10


class IntakeFailedError(IntakeError):
    """A fault of the server, not of the file."""

    code = "server-error"
    explanations = (
        gettext_noop(
            "The server could not process this file. Send it again later; if that fails again, tell your administrator."
        ),
    )

    def __init__(self) -> None:
        super().__init__("The server has failed at this file, and its log says why. Send it again later.")


class TooManyTogetherError(IntakeError):
    """A document would have more pages than one may have."""

    code = "too-many-pages-together"
    explanations = (
        gettext_noop("A document has at most %(limit)s pages. Make several documents of these."),
        gettext_noop("These are too many pages for one document. Make several documents of these."),
    )

    def __init__(self, limit: int) -> None:
        super().__init__(f"A document has at most {limit} pages. Make several documents of these.", limit=limit)


class MismatchError(IntakeError):
    """A page of a transcription matches no page of the document, or several, or one of another shape (``page``)."""

    code = "transcription-mismatch"
    explanations = (
        gettext_noop(
            "“%(name)s” belongs to page %(page)s, but its image has another shape. Turn the page as it was there, or "
            "export it with the whole image."
        ),
        gettext_noop(
            "“%(name)s” matches no page of this document, or several. Name the images as the pages' files, or send as "
            "many pages as the document has."
        ),
        gettext_noop("An image matches no page of this document. Name the images as the pages' files."),
    )

    def __init__(self, name: str, page: int | None = None) -> None:
        if page is None:
            super().__init__(f"{name!r} matches no page of this document, or several.", name=name or "?")
        else:
            super().__init__(f"{name!r} belongs to page {page}, but its image has another shape.", name=name, page=page)


class ManifestInvalidError(IntakeError):
    """What was given as a IIIF manifest is none."""

    code = "manifest-invalid"
    explanations = (
        gettext_noop(
            "This is no IIIF manifest of pages with images (Presentation 2 or 3). Give the address of the manifest "
            "itself, not that of a viewer or a collection."
        ),
    )

    def __init__(self) -> None:
        super().__init__(self.explanations[0])


class ManifestUnreachableError(IntakeError):
    """``found``: why, as a sentence."""

    code = "manifest-unreachable"
    explanations = (
        gettext_noop("The manifest could not be fetched. %(found)s"),
        gettext_noop("The manifest could not be fetched."),
    )

    def __init__(self, found: str) -> None:
        super().__init__(f"The manifest could not be fetched. {found}", found=found)


class ImageUnreachableError(IntakeError):
    """``found``: why, as a sentence."""

    code = "image-unreachable"
    explanations = (
        gettext_noop("The image of page %(page)s could not be fetched. %(found)s"),
        gettext_noop("The image of a page could not be fetched."),
    )

    def __init__(self, page: int, found: str) -> None:
        super().__init__(f"The image of page {page} could not be fetched. {found}", page=page, found=found)


class CancelledError(PageError):
    """The page's run was cancelled before anybody had read the page."""

    code = "cancelled"
    explanations = (gettext_noop("OCR of this page was cancelled."),)
    blames_input = False

    def __init__(self) -> None:
        super().__init__("OCR of this page was cancelled.")


class NoModelAnswerError(PageError):
    """A vision model has not answered, or not with a text of the page; ``reason``: a code."""

    code = "no-model-answer"
    explanations = (
        gettext_noop("The vision model gave no usable text of this page (%(reason)s). Try again, or keep OCR's text."),
        gettext_noop("The vision model gave no usable text of this page. Try again, or keep OCR's text."),
    )
    blames_input = False

    def __init__(self, reason: str) -> None:
        super().__init__(f"The vision model gave no usable text of this page ({reason}).", reason=reason)


class WorkerLostError(PageError):
    """The page has taken down every worker that tried it."""

    code = "worker-lost"
    explanations = (
        gettext_noop("The server stopped %(attempts)s times while reading this page. It may be too large or damaged."),
        gettext_noop("The server stopped several times while reading this page. It may be too large or damaged."),
    )

    def __init__(self, attempts: int) -> None:
        super().__init__(f"The worker stopped {attempts} times while reading this page.", attempts=attempts)
