"""500 pages, and 500 lines on one of them, without stutter."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.support.large_document import LINES, PAGES
from tests.support.stack import ROOT, Platform

TENTH = 100
"""Milliseconds up to which an answer seems to come at once."""

DURATIONS = """async (steps) => {
    const taken = [];
    for (let step = 0; step < steps; step++) {
        const started = performance.now();
        act(step);
        document.body.getBoundingClientRect(); // and lay it out
        taken.push(performance.now() - started);
        await new Promise(requestAnimationFrame);
    }
    return taken;
}"""


@pytest.fixture
def book(site: Platform, window) -> Page:
    command = [sys.executable, "-m", "tests.support.large_document"]
    environment = os.environ | {"OCRSITE_DATA": str(site.data)}
    seeded = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    page = window(viewport={"width": 1280, "height": 800})
    page.goto(seeded.stdout)
    return page


def typical(page: Page, act: str, steps: int = 40) -> float:
    """Milliseconds that a step takes, until all is laid out."""
    return median(page.evaluate(DURATIONS.replace("act(step)", act), steps))


def test_a_large_document_is_looked_through_without_stutter(book):
    expect(book.locator(".thumb")).to_have_count(PAGES)
    expect(book.locator("#lines .line")).to_have_count(LINES)
    expect(book.locator(".overlay polygon")).to_have_count(LINES)
    book.locator(".line").first.focus()
    arrow = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))"
    assert typical(book, arrow) < TENTH
    expect(book.locator(".line").nth(40)).to_be_focused()
    hover = "document.querySelectorAll('.line')[step].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))"
    assert typical(book, hover) < TENTH
    slide = """{
        const slider = document.getElementById('doubt');
        slider.value = 60 + step;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    }"""
    assert typical(book, slide) < TENTH

    book.get_by_label("Page number", exact=True).fill("377")
    book.keyboard.press("Enter")
    expect(book.locator("#page")).to_have_attribute("data-number", "377")
    expect(book.locator('.thumb[data-number="377"]')).to_be_in_viewport()
    book.keyboard.press("Escape")
    book.get_by_role("link", name="Next page").click()
    expect(book.locator("#page")).to_have_attribute("data-number", "378")
