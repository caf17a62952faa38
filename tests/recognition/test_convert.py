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
            SIMPLIFIED, ["軟件裡的鼠標壞了，", "請聯繫信息中心更換。"], id="simplified becomes Taiwan's characters"
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
    neutral = "後台面板"
    assert convert_page(["后台面板", *SIMPLIFIED], "auto")[0] == "後臺面板"
    assert convert_page([neutral, *TAIWAN], "auto")[0] == neutral


@pytest.mark.parametrize(
    ("simplified", "right"),
    [
        ("股票代码", "股票代碼"),
        ("统一社会信用代码", "統一社會信用代碼"),
        ("损益项目", "損益項目"),
        ("实例", "實例"),
        ("程序", "程序"),
    ],
)
def test_auto_keeps_the_words_of_a_simplified_page(simplified, right):
    assert convert_page([simplified, *SIMPLIFIED], "auto")[0] == right


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["请下载签", "名文件"], ["請下載簽", "名文件"]),
        (["云", "计算的发", "展"], ["雲", "計算的發", "展"]),
        (["理 发 师 头", "发"], ["理 髮 師 頭", "髮"]),
        (["这项研究体内干", "扰"], ["這項研究體內干", "擾"]),
        (["Word 里的头", "", "发 OK"], ["Word 裡的頭", "", "髮 OK"]),
    ],
)
def test_words_come_out_alike_wherever_a_line_breaks(lines, right):
    assert convert_page([*lines, *SIMPLIFIED], "auto")[: len(lines)] == right


def test_strays_are_seen_together_with_the_next_line_too():
    assert convert_page(["說明書裡的头", "发與国", "家"], "auto") == ["說明書裡的頭", "髮與國", "家"]


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["打印", "机的鼠", "标"], ["印表", "機的滑", "鼠"]),
        (["U盘，程序"], ["隨身碟，程式"]),
        (["默认的信", "息"], ["預設的資", "訊"]),
    ],
)
def test_words_of_another_length_stay_in_their_lines(lines, right):
    assert convert_page(lines, "s2twp") == right


@pytest.mark.parametrize(
    ("simplified", "right"),
    [
        ("更加注重", "更加注重"),
        ("增加注册资本", "增加註冊資本"),
        ("增加注射次数", "增加注射次數"),
        ("内干外湿", "內乾外溼"),
        ("外湿内干", "外溼內乾"),
        ("体内干扰", "體內干擾"),
        ("国内干部", "國內幹部"),
        ("年内干旱", "年內乾旱"),
        ("进口干散货", "進口乾散貨"),
        ("子丑寅卯", "子丑寅卯"),
    ],
)
def test_what_opencc_gets_wrong_is_put_right(simplified, right):
    assert convert_page([simplified], "s2tw") == [right]


@pytest.mark.parametrize(
    "page",
    [
        ["特別会計（単位：千円）", "区番号　頁数　税"],
        ["駅前広場"],
        ["東京都区部の番号"],
        ["国会図書館 対象区域一覧"],
        ["昭和会館 電話番号 学校名 の"],
    ],
)
def test_japanese_is_never_rewritten_with_or_without_kana(page):
    assert convert_page(page, "auto") == page


def test_a_traditional_page_with_a_japanese_form_is_no_japanese():
    page = ["國立臺灣大學圖書館會議紀錄", "單價一千円，國内的學生"]
    assert convert_page(page, "auto") == ["國立臺灣大學圖書館會議紀錄", "單價一千円，國內的學生"]


def test_variants_of_old_prints_are_no_strays():
    assert convert_page(["名册之盖", "說書"], "auto") == ["名册之盖", "說書"]
