"""Keeps compiled templates, once for each language, with what is the same at each rendering written out.

A page of the viewer has hundreds of words to translate, most of them outside of loops and conditions that change.
Written out, they and the text around them are one string.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.template import Origin, Template
from django.template.base import Node, NodeList, TextNode, Variable
from django.template.context import Context
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.utils.translation import get_language, gettext


class Loader(cached.Loader):
    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{get_language()}-{super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        is_new = self.cache_key(template_name, skip) not in self.get_template_cache
        template = super().get_template(template_name, skip)
        if is_new:
            write_out(template.nodelist)
        return template


def write_out(nodes: NodeList) -> None:
    """Replaces what does not depend on anything but the language by its text."""
    kept: list[Node] = []
    for node in nodes:
        text = _constant(node)
        if text is None:
            for inner in _inside(node):
                write_out(inner)
            kept.append(node)
        elif kept and isinstance(kept[-1], TextNode):
            kept[-1] = TextNode(kept[-1].s + text)
        else:
            kept.append(TextNode(text))
    nodes[:] = kept


def _inside(node: Node) -> Iterator[NodeList]:
    if isinstance(node, LanguageNode):  # in another language
        return
    if isinstance(node, IfNode):
        yield from (nodes for _, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        if isinstance(nodes := getattr(node, name, None), NodeList):
            yield nodes


def _constant(node: Node) -> str | None:
    match node:
        case TextNode():
            return str(node.s)
        case LoadNode() | CommentNode():
            return ""
        case TranslateNode(asvar=None, message_context=None) if _is_literal(node):
            return str(node.render(Context()))
        case BlockTranslateNode(asvar=None, message_context=None, countervar=None) if not node.extra_context:
            message, names = node.render_token_list(node.singular)
            return None if names else str(gettext(message) % {})
    return None


def _is_literal(node: TranslateNode) -> bool:
    said = node.filter_expression
    return isinstance(said.var, Variable) and said.var.lookups is None and not said.filters
