"""How the documentation site is made: `make docs`, with every warning an error. The built pages need no network."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import click
import mmdr
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sseu_cli.command import walk
from sseu_cli.main import sseu
from sseu_dataset import __version__

project = "SSEU-Bench"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "harnesses"]
html_theme = "furo"
html_title = f"SSEU-Bench {release}"
html_theme_options = {"source_repository": "", "top_of_page_buttons": []}
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_fence_as_directive = ["mermaid"]  # GitHub draws these blocks by itself
myst_heading_anchors = 3

default_role = "literal"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False  # the signature has them
nitpicky = True
smartquotes = False
PACKAGES = ("sseu_metric", "sseu_dataset", "sseu_models", "sseu_report", "sseu_hub", "sseu_leaderboard")
"""Each has a page in `api/` that lists what it exports."""

_PAPER = "background: white; border-radius: 4px; padding: 1em; text-align: center"
"""Diagrams keep their light colours in the dark theme."""

for _package in PACKAGES:  # autodoc sees what a module holds, not what its __getattr__ would fetch
    _module = importlib.import_module(_package)
    vars(_module).update({name: getattr(_module, name) for name in getattr(_module, "__all__", ())})

_log = logging.getLogger(__name__)


def _exports(package: str) -> list[str]:
    return list(getattr(importlib.import_module(package), "__all__", ()))


class Mermaid(SphinxDirective):
    """A diagram, drawn while the site is built, so that readers need neither JavaScript nor a network."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The diagram as inline SVG."""
        source = "\n".join(self.content)
        drawing = mmdr.render(source, backend="mermaid-rs-renderer").svg()
        return [nodes.raw("", f'<div style="{_PAPER}">{drawing}</div>', format="html")]


class Commands(SphinxDirective):
    """A section for each command of `sseu` with its help page as the terminal shows it."""

    def run(self) -> list[nodes.Node]:
        """Sections with the words of the command as title."""
        made: list[nodes.Node] = []
        for words, command in walk(sseu, ("sseu",)):
            title = " ".join(words)
            section = nodes.section(ids=[nodes.make_id(title)], names=[title])
            section += nodes.title("", title)
            context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
            section += nodes.literal_block("", command.get_help(context), language="text")
            made.append(section)
        return made


def link_exports(
    app: Sphinx, environment: BuildEnvironment, node: pending_xref, text: nodes.TextElement
) -> nodes.Node | None:
    """Types in signatures lead to the package that exports them; all others stay plain text."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    package, _, name = target.partition(".")
    name = name.rpartition(".")[2] or package
    for owner in (package,) if "." in target else PACKAGES:  # a bare name is one that is imported for types only
        if owner in PACKAGES and name in _exports(owner):
            domain = environment.domains.python_domain
            found = domain.resolve_xref(environment, node["refdoc"], app.builder, "obj", f"{owner}.{name}", node, text)
            return found or text
    return text


_properties: dict[str, list[str]] = {}


def mark_code(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Before Napoleon reads a docstring: double backticks, so that it finds no colon in code."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)(?=(\w)?)", _doubled, line) for line in lines]
    if kind == "property":
        _properties[name] = lines[:]


def _doubled(code: re.Match[str]) -> str:
    """Code in double backticks; a letter behind it (a plural) needs a separator."""
    return f"``{code[1]}``" + ("\\ " if code[2] else "")


def shorten_models(
    app: Sphinx, kind: str, name: str, value: object, options: object, signature: str | None, returned: str | None
) -> tuple[str, None] | None:
    """Models of pydantic have no signature: it would repeat every constraint of the JSON Schema."""
    return ("", None) if hasattr(value, "model_json_schema") else None


def restore_properties(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """After Napoleon, which takes what stands before a property's first colon for a type."""
    if kind == "property":
        lines[:] = _properties.pop(name)


def describe_constants(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """An exported constant gets the description that stands below it where it is defined."""
    package, _, constant = name.rpartition(".")
    if kind != "data":
        return
    lines.clear()  # what autodoc found is the description of the constant's type
    for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(package)))):
        if isinstance(node, ast.ImportFrom) and constant in {alias.name for alias in node.names}:
            home = resolve_name("." * node.level + (node.module or ""), package)
            lines += ModuleAnalyzer.for_module(home).find_attr_docs().get(("", constant), [])


def check_exports(app: Sphinx, environment: BuildEnvironment) -> Iterator[str]:
    """Every exported name is on its package's page."""
    documented = environment.domains.python_domain.objects
    for package in PACKAGES:
        for name in _exports(package):
            if f"{package}.{name}" not in documented:
                _log.warning("%s.%s is exported and not documented in docs/api/%s.md", package, name, package)
    return iter(())


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.add_directive("commands", Commands)
    app.connect("autodoc-process-signature", shorten_models)
    app.connect("autodoc-process-docstring", mark_code, priority=400)
    app.connect("autodoc-process-docstring", restore_properties, priority=600)
    app.connect("autodoc-process-docstring", describe_constants)
    app.connect("missing-reference", link_exports)
    app.connect("env-check-consistency", check_exports)
