"""Write what `make models` saw into docs/systems/transformers.md: its last step."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "systems"
PAGE = FOLDER / "transformers.md"
SEEN = FOLDER / "checks" / "transformers.json"
BEGIN, END = "<!-- made by `make models` -->", "<!-- end -->"
NO_TORCHVISION = "; torchvision without its compiled operators, which no question with audio calls"


def page() -> str:
    """The text of the page."""
    seen = json.loads(SEEN.read_text(encoding="utf-8"))
    rows = "".join(
        f"| {name} | `{row['type']}` | `{row['class']}` | yes | {', '.join(row['modes'])} | "
        f"{'yes' if row['likelihood'] else '-'} | {'yes' if row['batch_equals_single'] else '**no**'} |\n"
        for name, row in seen["models"].items()
    )
    reasons: dict[str, list[str]] = {}
    for kind, reason in seen["not_run"].items():
        reasons.setdefault(reason, []).append(f"`{kind}`")
    others = "".join(f"- {', '.join(kinds)}: {reason}\n" for reason, kinds in reasons.items())
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    part = (
        f"On {seen['date']} with transformers {seen['transformers']}, torch {seen['torch']}, Python {seen['python']}"
        f"{'' if seen['torchvision'] == 'whole' else NO_TORCHVISION}.\n\n"
        "| model | type | class that answers | loads | modes | likelihood | batch = single |\n"
        "|---|---|---|---|---|---|---|\n"
        f"{rows}\n"
        f"With a route that was not run:\n\n{others}\n"
    )
    return f"{before}{BEGIN}\n\n{part}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
