"""The first screen: places on the scales, marks, and what is not ranked."""

from __future__ import annotations

from sseu_report.appearance import GREY, PALETTE
from sseu_report.page.first_screen import MAX_ROWS, first_screen, look_css
from sseu_report.summary import Summary, SummaryRow
from sseu_report.tables.records import Cell, Standing


def row(name: str, wer: float, kind: str = "system", **values: object) -> SummaryRow:
    cell = Cell(wer, None, 1, (wer - 5, wer + 5), values.pop("standing", None))  # type: ignore[arg-type]
    place = 1 if kind == "system" else None
    return SummaryRow(name, kind, {"wer": cell}, values.pop("limitations", ()), place)  # type: ignore[arg-type]


def summary(*rows: SummaryRow) -> Summary:
    return Summary(
        "data", "joint", ("wer", "macc"), rows, {"wer": {"sentence": 80.0}}, {"wer": 0.0, "macc": 100.0}, (), (), ()
    )


def test_places_follow_the_scale_and_an_error_rate_beyond_100_stretches_it() -> None:
    found = first_screen(
        summary(row("a", 20.0, standing=Standing(True, False)), row("b", 160.0)), dict.fromkeys("ab", GREY)
    )
    assert [column.end for column in found.columns] == [160.0, 100.0]
    (one, none), (other, _) = (shown.cells for shown in found.rows)
    assert none is None
    assert one is not None
    assert (one.place, one.low, one.high, one.mark) == (12.5, 9.38, 15.62, "best")
    assert other is not None
    assert (other.place, other.high) == (100.0, 100.0)
    floor, truth = found.columns[0].lines
    assert (floor.place, floor.kind) == (50.0, "floor")
    assert (truth.place, truth.kind) == (0.0, "ceiling")


def test_only_systems_have_a_place_and_partial_scores_stand_in_parentheses() -> None:
    rows = (row("a", 20.0, limitations=("limited",)), row("truth", 0.0, "oracle"))
    found = first_screen(summary(*rows), {"a": PALETTE[2], "truth": GREY})
    assert [(one.place, one.kind, one.look) for one in found.rows] == [(1, "", "look-2"), (None, "oracle", "look-grey")]
    cell = found.rows[0].cells[0]
    assert cell is not None
    assert cell.text == "(20.00)"
    assert not found.is_comparison


def test_a_button_takes_the_place_of_a_row() -> None:
    names = [f"s{number}" for number in range(MAX_ROWS + 1)]
    looks = dict.fromkeys(names, GREY)
    assert first_screen(summary(*(row(name, 10.0) for name in names)), looks).rows_in_view == MAX_ROWS - 1
    assert first_screen(summary(*(row(name, 10.0) for name in names[1:])), looks).rows_in_view == MAX_ROWS


def test_every_look_has_its_colours_for_light_and_dark() -> None:
    light, dark = look_css().split("@media", 1)
    for number, look in enumerate(PALETTE):
        assert f".look-{number} {{ color: {look.colour}; }}" in light
        assert f".look-{number} {{ color: {look.dark_colour}; }}" in dark
