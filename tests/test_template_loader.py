"""Templates are compiled once for each language, and say in it what they said before."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.template.base import TextNode
from django.utils.translation import override

LOADER = "ocrsite.template_loader.Loader"
BUILTINS = ["django.templatetags.i18n"]


def engine(**templates: str) -> Engine:
    loader = (LOADER, [("django.template.loaders.locmem.Loader", templates)])
    return Engine(loaders=[loader], builtins=BUILTINS)


def rendered(found: Engine, name: str, **values: object) -> str:
    return found.get_template(name).render(Context(values))


def test_what_is_the_same_at_each_rendering_is_one_text() -> None:
    found = engine(page='<p>{% translate "Documents" %} {# none #}{% blocktranslate %}Trash{% endblocktranslate %}</p>')
    with override("zh-hant"):
        template = found.get_template("page")
        assert [type(node) for node in template.nodelist] == [TextNode]
        assert template.render(Context()) == "<p>文件 垃圾桶</p>"


def test_each_language_has_templates_of_its_own() -> None:
    found = engine(page='{% translate "Documents" %}', around='{% include "page" %}')
    said = []
    for language in ("en", "zh-hant", "en"):
        with override(language):
            said.append(rendered(found, "around"))
    assert said == ["Documents", "文件", "Documents"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if yes %}{% translate 'Trash' %}{% else %}{% translate 'Documents' %}{% endif %}", "垃圾桶"),
        ("{% for each in some %}{% translate 'Trash' %}{{ each }}{% endfor %}", "垃圾桶1垃圾桶2"),
        ("{% translate word %}", "文件"),
        ("{% translate 'Trash' as said %}[{{ said }}]", "[垃圾桶]"),
        ("{% blocktranslate with title=word %}Select {{ title }}{% endblocktranslate %}", "選取 Documents"),
        (
            "{% translate '<b>&' %}{% autoescape off %}{% translate '100% & more' %}{% endautoescape %}",
            "<b>&100% & more",
        ),
        ("{% language 'en' %}{% translate 'Trash' %}{% endlanguage %}", "Trash"),
        ("{% block body %}{% translate 'Trash' %}{% endblock %}", "垃圾桶"),
    ],
)
def test_everything_else_is_rendered_as_by_django(source: str, expected: str) -> None:
    values = {"yes": True, "some": [1, 2], "word": "Documents"}
    plain = Engine(builtins=BUILTINS)
    with override("zh-hant"):
        said = [rendered(engine(page=source), "page", **values), plain.from_string(source).render(Context(values))]
    assert said == [expected, expected]


def test_a_template_that_is_wrong_says_so_each_time() -> None:
    found = engine(page="{% unknown %}")
    for _ in range(2):
        with pytest.raises(TemplateSyntaxError):
            found.get_template("page")
