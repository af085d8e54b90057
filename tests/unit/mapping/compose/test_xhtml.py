"""Words of a record can be anything; what they end up in is XHTML with those words and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xhtml_read import parsed

from fhirgate.mapping.compose.xhtml import Markup, element, narrative, section, sentences, table

XHTML = "{http://www.w3.org/1999/xhtml}"
HOSTILE = "</p><script>alert(1)</script><img src=x onerror=y> & \"quoted\" 'so' ]]> &lt; &#0;"


def read(*parts: Markup):
    text = narrative(*parts)
    assert text["status"] == "generated"
    return parsed(text["div"])


def test_words_that_look_like_markup_stay_words() -> None:
    div = read(element("p", HOSTILE))

    assert [each.tag for each in div.iter()] == [f"{XHTML}div", f"{XHTML}p"]
    assert div[0].text == HOSTILE


@pytest.mark.parametrize("control", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_carry_is_replaced(control: str) -> None:
    assert read(element("p", f"a{control}b"))[0].text in ("a\ufffdb", "a b")


@given(st.text())
def test_any_text_comes_back_with_its_blanks_folded(text: str) -> None:
    div = read(element("p", text, element("b", text)))

    assert [each.tag for each in div.iter()] == [f"{XHTML}div", f"{XHTML}p", f"{XHTML}b"]
    assert "".join(div.itertext()) == (div[0].text or "") * 2


def test_a_table_has_its_cells_in_place() -> None:
    div = read(table(("a", "b"), [("1", "2"), ("<", "")]))

    rows = [[cell.text or "" for cell in row] for row in div.iter(f"{XHTML}tr")]
    assert rows == [["a", "b"], ["1", "2"], ["<", ""]]


def test_a_section_with_nothing_in_it_is_left_out() -> None:
    assert section("Limits", sentences([])) == ""
    assert section("Limits", sentences(["one"])) == "<h3>Limits</h3><ul><li>one</li></ul>"
