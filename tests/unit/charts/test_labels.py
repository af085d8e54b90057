"""Words in a picture."""

import vl_convert

from fhirgate.charts.labels import clean, lanes, shortened, spread, width, wrapped
from fhirgate.charts.style import FONT


def drawn_width(text: str, weight: str) -> float:
    """How wide the renderer draws the text, to half a pixel or so."""
    spec = {
        "data": {"values": [{"t": f"{text}"}]},
        "mark": {"type": "text", "fontSize": 12, "font": FONT, "fontWeight": weight},
        "encoding": {"text": {"field": "t", "type": "nominal"}},
        "width": 1,
        "padding": 0,
        "config": {"view": {"stroke": None}},
    }
    svg = vl_convert.vegalite_to_svg(spec, vl_version="6.1", allowed_base_urls=[])
    return float(svg.split('width="')[1].split('"')[0])


def test_control_and_direction_characters_become_spaces_and_line_breaks_go():
    assert clean("a\x1b[31m\u202eb\n c\x00\ud800") == "a [31m b c"


def test_what_is_cleaned_is_bounded():
    assert len(clean("x" * 10_000)) == 400


def test_width_is_never_less_than_what_is_drawn_and_not_much_more():
    for text in (
        "T02 left adrenal: 24 mm, +60 % from 15",
        "WMQ lymph node ijl | 1.5 – −3 ≥ ×",
        "First metastases, many or diffuse",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz",
    ):
        for weight, bold in (("normal", False), ("bold", True)):
            real = drawn_width(text, weight)
            assert real - 2 <= width(text, bold=bold) <= real * 1.12 + 2, (text, weight)


def test_wide_and_combining_characters_have_their_own_widths():
    assert width("肝") == 12 * 1.05
    assert width("e\u0301") == width("e")
    assert width("é") > width("e")


def test_a_short_text_is_left_alone_and_a_long_one_ends_in_an_ellipsis():
    assert shortened("liver", 100) == "liver"
    assert shortened("liver segment VIII", 60) == "liver seg…"
    assert shortened("liver", 0) == "…"


def test_wrapped_lines_fit_and_the_last_is_shortened():
    lines = wrapped("first metastases many or diffuse", 60, 2)

    assert lines == ["first", "metasta…"]
    assert wrapped("first metastases many or diffuse", 100, 4) == ["first metastases", "many or diffuse"]
    assert wrapped("", 100, 2) == []


def test_labels_that_have_room_stay_where_they_are_wanted():
    assert spread([10, 50, 90], [10, 10, 10], 0, 100) == [10, 50, 90]


def test_labels_that_would_collide_share_the_way_they_move():
    assert spread([50, 50, 50], [10, 10, 10], 0, 100) == [40, 50, 60]


def test_labels_stay_within_their_bounds():
    assert spread([0, 0], [10, 10], 0, 100) == [5, 15]
    assert spread([100, 100], [10, 10], 0, 100) == [85, 95]
    assert spread([], [], 0, 100) == []


def test_labels_too_many_for_their_bounds_begin_at_the_lower_and_still_do_not_touch():
    assert spread([5, 5, 5], [10, 10, 10], 0, 20) == [5, 15, 25]


def test_a_text_that_would_meet_the_next_goes_to_a_higher_lane():
    assert lanes([0, 50, 200], [100, 100, 100]) == [1, 0, 0]
    assert lanes([0, 5, 10], [100, 100, 100]) == [2, 1, 0]


def test_a_text_that_would_meet_a_stem_goes_above_it():
    assert lanes([40, 100, 170], [100, 100, 100]) == [2, 1, 0]
    assert lanes([], []) == []


def test_marks_piled_on_a_letter_do_not_reach_over_other_lines():
    assert clean("le\u0301sion\u0302") == "le\u0301sion\u0302"
    assert clean(f"x{300 * chr(0x0338)}y") == f"x{4 * chr(0x0338)}y"
    assert clean(f"x{300 * chr(0x20DD)}") == f"x{4 * chr(0x20DD)}"
