"""QR codes, bar codes, and the electronic invoices that they describe."""

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from recognition import codes
from recognition.confinement import ConfinedReader
from recognition.invoices import Item, invoices, is_tax_id
from recognition.raster import Limits
from tests.support import synthetic_pages

SEAL = "ydXZt4LAN1UHN/j1juVcRA=="
HEAD = "AB1122334411501029999000000640000006900000000" + "04595257" + SEAL
LEFT = HEAD + ":**********:2:3:1:乾電池:1:105:口罩:1:210:"


def qr(text, size=300, encoding="UTF8"):
    hints = {"options": f"eclevel=L,eci={encoding}"} if encoding else {}
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, **hints).to_image(scale=4)
    return Image.fromarray(np.array(drawn)).convert("RGB").resize((size, size))


def invoice_paper():
    page = synthetic_pages.blank((800, 1000))
    synthetic_pages.write(page, ["電子發票證明聯", "AB-11223344"], (100, 100))
    page.paste(qr(LEFT), (60, 500))
    page.paste(qr("**牛奶:1:25"), (440, 505))
    return page


def test_the_codes_of_an_invoice_are_decoded_from_left_to_right():
    found = codes.find(np.array(invoice_paper()))
    assert [code.text for code in found] == [LEFT, "**牛奶:1:25"]
    assert [code.format for code in found] == ["QRCode", "QRCode"]
    left, top, right, bottom = found[0].box
    assert 60 <= left < right <= 360
    assert 500 <= top < bottom <= 800


def test_big5_in_a_code_is_understood():
    raw = zxingcpp.create_barcode("**牛奶:1:25".encode("cp950"), zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    (found,) = codes.find(np.array(Image.fromarray(np.array(raw)).convert("RGB")))
    assert found.text == "**牛奶:1:25"


def test_codes_are_decoded_in_the_confined_process(tmp_path):
    invoice_paper().save(tmp_path / "a.png")
    with ConfinedReader() as reader:
        drawn = reader.draw(tmp_path / "a.png", 1, Limits())
    assert [code.text for code in drawn.codes] == [LEFT, "**牛奶:1:25"]


def test_an_invoice_has_its_fields_exactly():
    (invoice,) = invoices([LEFT, "**牛奶:1:25"])
    assert (invoice.number, invoice.date, invoice.random_code) == ("AB11223344", "2026-01-02", "9999")
    assert (invoice.sales_amount, invoice.total_amount) == (100, 105)
    assert (invoice.seller.number, invoice.seller.checksum_valid) == ("04595257", True)
    assert invoice.buyer is None
    assert invoice.item_count == 3
    assert invoice.items == (Item("乾電池", "1", "105"), Item("口罩", "1", "210"), Item("牛奶", "1", "25"))


def test_items_in_base64_are_decoded():
    encoded = "5L6/55W2OjE6MTA1"  # 便當:1:105
    (invoice,) = invoices([f"{HEAD}:**********:1:1:2:{encoded}"])
    assert invoice.items == (Item("便當", "1", "105"),)


def test_an_item_that_the_code_has_no_room_for_is_left_out():
    (invoice,) = invoices([f"{HEAD}:**********:2:5:1:乾電池:1.5:105.25:口罩:1"])
    assert invoice.items == (Item("乾電池", "1.5", "105.25"),)


def test_the_right_code_of_another_invoice_is_not_added():
    first, second = invoices([LEFT, LEFT.replace("AB", "CD"), "**牛奶:1:25"])
    assert [len(each.items) for each in (first, second)] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://example.org/AB11223344", id="an address"),
        pytest.param(HEAD.replace("1150102", "1151302"), id="a thirteenth month"),
        pytest.param(HEAD[:70], id="cut off"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_codes_are_no_invoices(text):
    assert invoices([text]) == []


@pytest.mark.parametrize("number", ["04595257", "24508392", "10458575", "10458574"])
def test_tax_ids_are_checked(number):
    assert is_tax_id(number)


@pytest.mark.parametrize("number", ["04595256", "12345678", "0459525", "０４５９５２５７", ""])
def test_wrong_tax_ids_are_noticed(number):
    assert not is_tax_id(number)
