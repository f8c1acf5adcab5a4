"""`utils/prompter.py` of LTU: reads its template relative to the working folder, as upstream does."""

from __future__ import annotations

import json
from pathlib import Path


class Prompter:
    """Instruction and input to prompt."""

    def __init__(self, template_name: str = "", verbose: bool = False) -> None:
        self.template = json.loads(Path("templates", f"{template_name}.json").read_text())

    def generate_prompt(self, instruction: str, input: str | None = None, label: str | None = None) -> str:  # noqa: A002
        """The form without an input block where there is no input."""
        form = self.template["prompt_input" if input else "prompt_no_input"]
        return str(form).format(instruction=instruction, input=input)
