"""Write what `sseu systems check` saw into the pages of the systems: the last step of `make systems-check`."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from sseu_models.systems.worker.check import Check

FOLDER = Path(__file__).resolve().parent / "systems"
BEGIN, END = "<!-- made by `make systems-check` -->", "<!-- end -->"

PAGES = {
    "clap": ("msclap-2022", "msclap-2023"),
    "mga-clap": ("mga-clap",),
    "ltu-as": ("ltu-as",),
    "step-audio-2-mini": ("step-audio-2-mini",),
    "kimi-audio": ("kimi-audio",),
}
"""The workers that each page is about."""


def pages() -> dict[str, str]:
    """The text of each page by file name."""
    made = {}
    for page, names in PAGES.items():
        before, _, rest = (FOLDER / f"{page}.md").read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        checks = [_read(name) for name in names if _file(name).exists()]
        made[f"{page}.md"] = f"{before}{BEGIN}\n\n{''.join(map(section, checks))}{END}{after}"
    return made


def section(check: Check) -> str:
    """What was run, with which versions, and what was not."""
    code = f", upstream's code at commit `{check.commit[:12]}`" if check.commit else ""
    rows = "".join(
        f"| {step.name} | {'yes' if step.passed else '**no**'} | {' '.join(step.seen.split())} |\n"
        for step in check.steps
    )
    versions = ", ".join(f"{name} {version}" for name, version in check.versions.items() if version)
    absent = [name for name, version in check.versions.items() if not version]
    return (
        f"`worker:{check.system}` on {check.date}{code}. {check.model}\n\n"
        f"| step | passed | seen |\n|---|---|---|\n{rows}\n"
        f"Versions: {versions}{'; not installed: ' + ', '.join(absent) if absent else ''}.\n\n"
    )


def _file(name: str) -> Path:
    return FOLDER / "checks" / f"{name}.json"


def _read(name: str) -> Check:
    return TypeAdapter(Check).validate_json(_file(name).read_bytes())


if __name__ == "__main__":
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
