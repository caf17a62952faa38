"""The benchmark: its scores by hand, and a whole run of our own pipeline on a drawn corpus."""

from __future__ import annotations

import json
import math
import sys
from contextlib import closing
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from bench import corpus, costs, gpu, systems, text_layer, word_pairs
from bench.harness import Runner, RunnerError
from bench.scoring import Score, normalised, score, simplified
from recognition.batch import FileResult
from recognition.page import Line, PageReading
from recognition.textlayer.word_pairs import are_in_words, places_of
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage, Text

# text, truth, and then in characters: truth, distance, folded, loose, loose characters, read, shared
COUNTED = {
    "equal": ("臺北", "臺北", Score(2, 0, 0, 0, 2, 2, 2)),
    "nothing read": ("", "臺北市。", Score(4, 4, 4, 3, 3, 0, 0)),
    "nothing to read": ("abc", "", Score(0, 3, 3, 3, 0, 3, 0)),
    "converted script counts, folded it does not": ("台湾国语", "臺灣國語", Score(4, 4, 0, 0, 4, 4, 4)),
    "order counts, but not in the bag": ("三四一二", "一二三四", Score(4, 4, 4, 4, 4, 4, 4)),
    "a lost full stop is no loose error": ("天地玄黃", "天地玄黃。", Score(5, 1, 1, 0, 4, 4, 4)),
    "case is no loose error": ("PDF", "pdf", Score(3, 3, 3, 0, 3, 3, 0)),
    "white space and width are no error": ("Ａ B\n１", "AB 1", Score(3, 0, 0, 0, 3, 3, 3)),
    "shapes of punctuation are no error": ("“臺北”—﹁市﹂", '"臺北"-「市」', Score(8, 0, 0, 0, 3, 8, 8)),
    "a repeated character is shared once": ("天天天", "天地", Score(2, 2, 2, 2, 2, 3, 1)),
}


@pytest.mark.parametrize(("text", "truth", "expected"), COUNTED.values(), ids=COUNTED)
def test_characters_are_counted_as_by_hand(text, truth, expected):
    assert score(text, truth) == expected


def test_a_truth_without_case_is_compared_without_case():
    assert score("Total", "TOTAL", caseless=True).distance == 0
    assert score("Total", "TOTAL").distance == 4


def test_rates_are_micro_averages():
    total = score("一二三四", "一二三四") + score("", "五六七八九十")

    assert total.cer == total.folded_cer == total.loose_cer == 0.6
    assert total.bag_f1 == pytest.approx(2 * 4 / (10 + 4))


def test_the_price_of_order_is_what_the_bag_does_not_explain():
    assert score("三四一二", "一二三四").price_of_order == 1
    assert score("一二三", "一二三四").price_of_order == pytest.approx(0.25 - 1 / 7)


def test_an_empty_page_that_is_read_as_empty_has_no_errors():
    assert (score("", "").cer, score("", "").bag_f1) == (0, 1)


def test_normalising_drops_what_cannot_be_seen():
    assert normalised("臺\u200b北\ufeff\u3000①") == "臺北1"


def test_folding_goes_character_by_character():
    assert simplified("臺灣發展PDF，法定程序") == "台湾发展PDF，法定程序"


def test_joins_are_kept_where_the_next_line_follows_whatever_was_misread():
    truth = "春眠不覺曉處處聞啼鳥\n夜來風雨聲花落知多少\n白日依山盡黃河入海流\n欲窮千里目更上一層樓"
    first, second, third, fourth = truth.splitlines()
    swapped = score("\n".join([third, fourth, first, second.replace("風", "颱")]), truth)
    assert (swapped.joins_kept, swapped.joins) == (2, 3)
    assert score("\n".join([first, second]), truth).joins_rate == 1
    assert math.isnan(score("", truth).joins_rate)


def test_tables_are_compared_by_their_neighbouring_cells():
    def row(*texts, colspan=1):
        return [{"text": text, "rowspan": 1, "colspan": colspan} for text in texts]

    truth = [[row("國文", "五"), row("數學", "四"), row("合計", colspan=2)]]
    assert score("", "x", tables=truth, true_tables=truth).table_f1 == 1
    split = [[row("國文", "五"), row("數學", "四"), row("合計", "")]]
    found = score("", "x", tables=split, true_tables=truth)
    assert (found.cells_matched, found.cells_wanted, found.cells_given) == (5, 6, 5)
    assert score("", "x", true_tables=truth).table_f1 == 0
    assert math.isnan(score("", "x").table_f1)


def test_a_corpus_gives_its_categories_in_turn(tmp_path):
    entries = [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")]
    for stem, _ in entries:
        synthetic_pages.blank((20, 20)).save(tmp_path / f"{stem}.png")
    manifest = [{"file": f"{stem}.png", "category": category} for stem, category in entries]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    def stems(per_category=None):
        return [item.stem for item in corpus.read(tmp_path, tmp_path, per_category)]

    assert stems() == ["a1", "b1", "a2", "a3"]
    assert stems(2) == ["a1", "b1", "a2"]


def test_a_folder_without_manifest_is_a_corpus_and_pdfs_are_drawn(tmp_path):
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    synthetic_pages.scanned_pdf(
        tmp_path / "two.pdf", [synthetic_pages.blank((200, 100)), synthetic_pages.blank((200, 100))]
    )
    (tmp_path / "two.gt.txt").write_text("一\n二", encoding="utf-8")
    synthetic_pages.blank((20, 20)).save(tmp_path / "one.png")

    one, two = corpus.read(tmp_path, drawn)

    assert (one.category, one.pages, one.truth) == ("pages", (tmp_path / "one.png",), None)
    assert (two.category, two.pages, two.truth) == ("pages", (drawn / "two-1.png", drawn / "two-2.png"), "一\n二")
    assert all(page.is_file() for page in two.pages)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ('[{"file": "gone.png", "category": "a"}]', "gone.png"),
        ('{"file": "gone.png"}', "not a list of objects"),
        ("[]", "no pages"),
    ],
)
def test_a_corpus_that_is_none_is_refused_with_the_reason(tmp_path, manifest, message):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(CommandError, match=message):
        call_command("bench", corpus=tmp_path, only=["ocrsite"])


def test_peers_that_are_not_installed_are_known(tmp_path):
    assert systems.missing(["ocrsite", "rapidocr-openvino"], tmp_path) == ["rapidocr-openvino"]


RUNNER = """
import os
from bench.runners.protocol import Reading, serve

def load(settings):
    def read(path):
        print("a library's chatter")
        if path == "fatal":
            print("last words", file=sys.stderr)
            os._exit(3)
        return Reading(open(path, encoding="utf-8").read() + settings["suffix"], {"stage": 0.5})
    return read, {"tool": "1.0"}

import sys
serve(load)
"""
"""A system that reads text files, and dies of one name."""


@pytest.fixture
def runner(tmp_path):
    with closing(Runner([sys.executable, "-c", RUNNER], {"suffix": "!"}, tmp_path / "log")) as runner:
        assert runner.answer()["versions"] == {"tool": "1.0"}
        yield runner


def test_a_runner_goes_on_after_a_page_that_it_cannot_read(runner, tmp_path):
    page = tmp_path / "page"
    page.write_text("臺北", encoding="utf-8")

    assert "FileNotFoundError" in runner.read(tmp_path / "missing")["error"]
    answer = runner.read(page)

    assert (answer["text"], answer["stages"]) == ("臺北!", {"stage": 0.5})
    assert 0 < runner.cpu < 60
    assert 2**20 < runner.rss < 2**30


def test_a_runner_that_dies_is_reported_with_its_last_words(runner):
    with pytest.raises(RunnerError, match=r"ended with 3[\s\S]*last words"):
        runner.read("fatal")


def test_our_pipeline_is_measured_on_pages_that_it_reads(tmp_path):
    texts = {"zh": ["繁體中文文件辨識平台", "請檢附身分證影本"], "en": ["Invoice number 20261123", "Thank you"]}
    manifest = [{"file": f"{stem}.png", "category": stem} for stem in texts]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for stem, lines in texts.items():
        synthetic_pages.horizontal(lines).save(tmp_path / f"{stem}.png")
        (tmp_path / f"{stem}.gt.txt").write_text("\n".join(lines), encoding="utf-8")
    out = StringIO()

    call_command("bench", corpus=tmp_path, only=["ocrsite"], processes=1, output_dir=tmp_path / "read", stdout=out)

    for stem, lines in texts.items():
        assert score((tmp_path / "read" / "ocrsite" / f"{stem}.txt").read_text(), "\n".join(lines)).cer < 0.1
    report = out.getvalue()
    assert "2 files, 2 pages" in report
    assert "| ocrsite | 1 |" in report
    assert {"zh", "en", "all"} <= {row.split("|")[1].strip() for row in report.splitlines() if row.startswith("|")}
    assert "| recognise |" in report
    assert "could not read" not in report


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (["臺北市政府", "Hello 123"], (0, 13)),
        (["臺北市", "Hello 123"], (2, 13)),
        (["臺北市政府", "Hello 1234"], (1, 13)),
    ],
    ids=["all of it", "something left out", "something made up"],
)
def test_what_was_taken_of_a_layer_is_compared_with_the_layer(tmp_path, taken, expected):
    page = PdfPage([Text(["臺北市政府", "Hello 123"])])
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [page])
    lines = tuple(Line(text, 1.0, ((0, 0), (9, 0), (9, 9), (0, 9))) for text in taken)
    result = FileResult(path, [PageReading(1, lines=lines, source="text-layer")])
    assert text_layer.difference(path, result) == expected


def test_a_server_is_measured_beside_the_processor(tmp_path, weights_folder, monkeypatch, capsys):
    """On the processor, where there is no card: its warning says so, and the table has both ways to read."""
    synthetic_pages.horizontal(["Invoice number 20261123", "Thank you"]).save(tmp_path / "page.png")
    (tmp_path / "page.gt.txt").write_text("Invoice number 20261123\nThank you")
    arguments = ["--corpus", str(tmp_path), "--readers", "2", "--rounds", "3", "--weights", str(weights_folder)]
    monkeypatch.setattr(sys, "argv", ["bench.gpu", *arguments])

    gpu.main()

    head, _, *rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table_rows(capsys.readouterr().out)]
    assert head == gpu.HEAD
    processor, server = (dict(zip(head, row, strict=True)) for row in rows)
    assert (processor[""], processor["card busy"]) == ("processor", "")
    assert server[""].startswith("server on ")
    assert 0 < float(server["card busy"].rstrip("%")) <= 100
    assert 1 <= float(server["images a batch"]) <= 2
    for row in (processor, server):
        assert float(row["pages/s"]) > 0
        assert row["CER"] == "0.00%"


def table_rows(text):
    return [line for line in text.splitlines() if line.startswith("|")]


def test_the_filter_knows_the_pairs_of_frequent_words_in_both_scripts() -> None:
    pairs = word_pairs.frequent_pairs([("图书馆", 9), ("卡拉OK", 5), ("的", 99)])
    assert sorted(pairs) == sorted(["图书", "书馆", "圖書", "書館", "卡拉"])
    bits = np.unpackbits(np.frombuffer(word_pairs.filter_of(pairs), dtype=np.uint8))
    first, second = np.array([[*map(ord, pair)] for pair in pairs], dtype=np.uint32).T
    assert bits[places_of(first, second)].all()
    assert 0 < bits.sum() <= 15
    assert are_in_words(first, second).all()  # the filter that is installed


def test_a_few_dear_pages_do_not_change_what_the_others_cost() -> None:
    features = np.random.default_rng(1).uniform(0.5, 5, (40, 3))
    rates = np.array([0.1, 0.0, 0.4])
    seconds = features @ rates
    seconds[:4] *= 3
    assert costs.expected(features, seconds) == pytest.approx(rates, abs=0.01)


def test_what_a_page_has_is_counted_in_squares_and_in_those_of_columns_again() -> None:
    corners = ((0, 0), (9, 0), (9, 9), (0, 9))
    lines = Line("Ab 12", 1.0, corners), Line("天地，", 1.0, corners, direction="vertical-rl")
    page = costs.cost("page", PageReading(number=1, width=1000, height=2000, lines=lines), 0.5)
    assert page.features == (1.0, 2.0, 2, 5.0, 3.0)
