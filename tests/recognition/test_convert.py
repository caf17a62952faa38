import pytest

from recognition.convert import convert_page

SIMPLIFIED = ["软件里的鼠标坏了，", "请联系信息中心更换。"]
TAIWAN = ["依法定程序公告，請於期限內洽詢。", "臺北市中正區後面三樓"]
HONG_KONG = ["市民可於網上預約，到各區的服務中心辦理手續。", "查詢請致電熱線，裏面設有升降機"]
JAPANESE = ["東京都の学校では、国語の時間に発表をする。", "カタカナも読める"]
ENGLISH = ["The quick brown fox, No. 12 — £3.50", "naïve café"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(
            SIMPLIFIED, ["軟體裡的滑鼠壞了，", "請聯絡資訊中心更換。"], id="simplified becomes Taiwan's wording"
        ),
        pytest.param(TAIWAN, TAIWAN, id="a Taiwanese page keeps its wording"),
        pytest.param(HONG_KONG, HONG_KONG, id="a page from Hong Kong keeps its wording"),
        pytest.param(JAPANESE, JAPANESE, id="Japanese is left alone"),
        pytest.param(ENGLISH, ENGLISH, id="English is left alone"),
        pytest.param(["发票"], ["發票"], id="one short simplified line"),
        pytest.param(["法定程序"], ["法定程序"], id="one short line that could be either"),
        pytest.param(["國会的黄色头发與干杯"], ["國會的黃色頭髮與干杯"], id="strays follow their neighbours"),
        pytest.param(
            ["台灣台北、皇后、公里、干涉、一只、麵與面"],
            ["台灣台北、皇后、公里、干涉、一只、麵與面"],
            id="ambiguous stay",
        ),
        pytest.param(
            ["本程序的說明書與軟體登記", "這裡寫着国内的說明"],
            ["本程序的說明書與軟體登記", "這裡寫着國內的說明"],
            id="a mostly traditional page is cleaned only",
        ),
        pytest.param(["鮮の味 豬肉飯"], ["鮮の味 豬肉飯"], id="a brand name with kana"),
        pytest.param([], [], id="an empty page"),
        pytest.param(["", "說"], ["", "說"], id="an empty line"),
    ],
)
def test_auto_converts_what_is_simplified_and_keeps_what_is_traditional(page, expected):
    assert convert_page(page, "auto") == expected


@pytest.mark.parametrize(
    ("script", "text", "expected"),
    [
        ("none", "软件程序", "软件程序"),
        ("s2twp", "软件程序", "軟體程式"),
        ("s2t", "里面的台湾软件", "裏面的臺灣軟件"),
        ("s2tw", "里面的台湾软件", "裡面的臺灣軟件"),
        ("t2s", "裡面的臺灣軟體", "里面的台湾软体"),
        ("tw2sp", "裡面的臺灣軟體", "里面的台湾软件"),
    ],
)
def test_a_named_conversion_is_applied_whatever_the_page_holds(script, text, expected):
    assert convert_page([text, "abc"], script) == [expected, "abc"]


def test_the_page_decides_and_not_the_line():
    neutral = "法定程序"
    assert convert_page([neutral, *SIMPLIFIED], "auto")[0] == "法定程式"
    assert convert_page([neutral, *TAIWAN], "auto")[0] == neutral


def test_variants_of_old_prints_are_no_strays():
    assert convert_page(["名册之盖", "說書"], "auto") == ["名册之盖", "說書"]
