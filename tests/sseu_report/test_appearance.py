"""One look for each system."""

from __future__ import annotations

from sseu_report.appearance import GREY, MAX_NAMED, PALETTE, appearances


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_are_seen_on_white_and_on_a_dark_page() -> None:
    for look in (*PALETTE, GREY):
        assert contrast(look.colour, "#ffffff") >= 3
        assert contrast(look.dark_colour, "#16161a") >= 3


def test_eight_have_a_look_of_their_own_and_the_rest_is_grey() -> None:
    names = [f"system {number}" for number in range(30)]
    looks = appearances(names, grey=["system 0"])
    named = [name for name in names if looks[name].named]
    assert named == names[1 : 1 + MAX_NAMED]
    assert len({looks[name] for name in named}) == MAX_NAMED
    assert looks["system 0"] == looks["system 29"] == GREY


def test_a_system_keeps_its_look_when_others_join_behind_it() -> None:
    few, many = appearances(["a", "b", "c"]), appearances(["a", "b", "c", "d", "e", "f"])
    assert all(few[name] == many[name] for name in few)
