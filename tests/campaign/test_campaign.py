"""A few trials of each area, so that the campaign itself keeps working."""

from __future__ import annotations

import pytest

from tests.campaign.__main__ import table_of, with_table
from tests.campaign.areas import COUNTS, run_area
from tests.campaign.trials import FAULTS, Trial


@pytest.mark.slow
@pytest.mark.parametrize("area", COUNTS)
def test_a_few_trials_find_no_fault(area: str) -> None:
    trials = run_area(area, range(1000, 1003))
    assert [trial.seed for trial in trials] == [1000, 1001, 1002]
    assert [trial for trial in trials if trial.faults] == []


def test_a_part_of_the_campaign_renews_its_own_rows() -> None:
    page = "# The campaign\n<!-- campaign -->\n<!-- end of campaign -->\nMore.\n"
    first = with_table(page, table_of([Trial("mutated recipes", 0, "", 2), Trial("killed runs", 0, "", 0)]))
    again = with_table(first, table_of([Trial("mutated recipes", 0, "", 2), Trial("mutated recipes", 1, "", 0)]))
    rows = [line.split(" | ")[:4] for line in again.splitlines() if line.startswith("| ")]
    assert rows[2:] == [["| killed runs", "1", "0", "1"], ["| mutated recipes", "2", "1", "1"]]
    assert (again.startswith("# The campaign\n"), again.endswith("-->\nMore.\n")) == (True, True)


def test_the_table_counts_every_fault_once() -> None:
    trials = [
        Trial("killed builds", 0, "killed", 0),
        Trial("killed builds", 1, "killed", None, ("hung", "lost")),
        Trial("mutated recipes", 0, "emptied", 2),
    ]
    head, builds, recipes = table_of(trials)
    assert dict(zip(head, builds, strict=True)) == {
        "disturbance": "killed builds",
        "trials": "2",
        "refused": "1",
        "went on": "1",
        **dict.fromkeys(FAULTS, "0"),
        "hung": "1",
        "lost": "1",
    }
    assert recipes[:4] == ["mutated recipes", "1", "1", "0"]
