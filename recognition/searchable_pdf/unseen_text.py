"""Takes text that nobody sees off a page of a PDF: what some program, or an earlier export, recognised on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import ContentStreamInlineImage, Dictionary, Name, Object, Operator
from pikepdf.models import PdfParsingError

INVISIBLE = 3
"""The rendering mode of text that is neither filled nor stroked nor clips what is drawn."""

SHOWING = {"Tj", "TJ", "'", '"'}
MOVING = {"BT", "ET", "Td", "TD", "Tm", "T*", "'", '"'}
"""The operators that show text, and those that say where the next text stands."""

DEPTH = 8
"""How deep forms (pages within the page) are looked into."""

MOST_BYTES = 50_000_000
"""Of a page's or a form's operators; larger ones, which no program writes, are left as they are."""

Instruction = pikepdf.ContentStreamInstruction | ContentStreamInlineImage


def remove(pdf: pikepdf.Pdf, page: pikepdf.Page, *, everything: bool) -> None:
    """Takes the invisible text off ``page``, and with ``everything`` all of its text.

    What the page shows stays as it is: text stays where it is needed to place other text, and so does all of a page or
    form whose operators make no sense.
    """
    _Remover(pdf, everything).clean_page(page)


@dataclass
class _Remover:
    pdf: pikepdf.Pdf
    everything: bool
    done: set[tuple[int, int]] = field(default_factory=set)

    def clean_page(self, page: pikepdf.Page) -> None:
        page.contents_coalesce()
        contents = page.obj.get(Name.Contents)
        if isinstance(contents, pikepdf.Stream) and (cleaned := self._cleaned(contents, page.resources, 0, DEPTH)):
            page.obj.Contents = self.pdf.make_stream(cleaned)

    def _clean_form(self, name: str, resources: Object, mode: int, depth: int) -> None:
        form = resources.get(Name.XObject, Dictionary()).get(name)
        if not isinstance(form, pikepdf.Stream) or form.get(Name.Subtype) != Name.Form or form.objgen in self.done:
            return
        self.done.add(form.objgen)
        if depth and (cleaned := self._cleaned(form, form.get(Name.Resources, resources), mode, depth - 1)):
            form.write(cleaned)

    def _cleaned(self, stream: pikepdf.Stream, resources: Object, mode: int, depth: int) -> bytes | None:
        """The operators that stay; None if all do."""
        try:
            if len(stream.read_bytes()) > MOST_BYTES:
                return None
            kept, changed = self._kept(stream, resources, mode, depth)
        except (pikepdf.PdfError, PdfParsingError, TypeError, ValueError, AttributeError):
            return None
        return pikepdf.unparse_content_stream(kept) if changed else None

    def _kept(self, stream: pikepdf.Stream, resources: Object, mode: int, depth: int) -> tuple[list[Instruction], bool]:
        """The instructions that stay, and whether any does not."""
        kept: list[Instruction] = []
        outer: list[int] = []
        taken: list[tuple[int, Instruction]] = []  # since the last move: where they were
        count = 0
        for instruction in pikepdf.parse_content_stream(stream):
            operator, operands = str(instruction.operator), list(instruction.operands)
            if operator == "q":
                outer.append(mode)
            elif operator == "Q" and outer:
                mode = outer.pop()
            elif operator == "Tr" and operands:
                mode = int(operands[0])
            elif operator == "Do" and operands:
                self._clean_form(str(operands[0]), resources, mode, depth)
            if operator in MOVING:
                taken.clear()
            if operator not in SHOWING:
                kept.append(instruction)
            elif self.everything or mode == INVISIBLE:
                taken.append((len(kept), instruction))
                count += 1
                kept += _without_text(operator, operands)
            else:
                for place, needed in reversed(taken):
                    kept.insert(place, needed)
                count -= len(taken)
                taken.clear()
                kept.append(instruction)
        return kept, count > 0


def _without_text(operator: str, operands: Sequence[Object]) -> list[Instruction]:
    """What an operator that shows text does besides."""
    next_line = pikepdf.ContentStreamInstruction([], Operator("T*"))
    if operator == "'":
        return [next_line]
    if operator == '"':
        spaces = (
            pikepdf.ContentStreamInstruction([operands[n]], Operator(name)) for n, name in enumerate(("Tw", "Tc"))
        )
        return [*spaces, next_line]
    return []
