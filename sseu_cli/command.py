"""What click's commands lack here: examples, sections of options and commands, an exit code for every error."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from sseu_cli import errors


class Option(click.Option):
    """An option that may stand in a section of its own on the help page."""

    def __init__(self, *names: Any, section: str = "Options", **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.section = section


class Command(click.Command):
    """A command with examples on its help page, whose errors become one message and an exit code.

    Attributes:
        examples: Command lines, with a line of explanation above each; shown without their common indentation.
        resumes: The same command goes on where it was stopped, and its messages say so.
    """

    def __init__(self, *arguments: Any, examples: str, resumes: bool = False, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples
        self.resumes = resumes

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; for a text that begins with a dash the error says how to give one."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not any(parameter.name == "text" for parameter in self.params):
                raise
            hint = "A text that begins with a dash needs -- before it."
            raise click.UsageError(f"{error.format_message()} {hint}", ctx) from None

    def invoke(self, ctx: click.Context) -> int:
        """Run the command; the exit code."""
        try:
            return super().invoke(ctx) or errors.DONE
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BaseException as error:
            return errors.explain(error, ctx.params, resumes=self.resumes)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each section under its own title, general options last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and not isinstance(parameter, click.Argument):
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog, and the examples unwrapped."""
        super().format_epilog(ctx, formatter)
        _write_lines(formatter, "Examples", textwrap.dedent(self.examples).strip("\n").splitlines())


class Group(click.Group):
    """A group of commands, listed under titles, with sections of lines below.

    Attributes:
        titles: Commands under each title; none where click's own single list will do.
        notes: Lines under each title, shown as they are.
    """

    command_class = Command

    def __init__(
        self,
        *arguments: Any,
        titles: Mapping[str, Sequence[click.Command]] | None = None,
        notes: Mapping[str, Iterable[str]] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(*arguments, **settings)
        self.titles = titles or {}
        self.notes = notes or {}
        for commands in self.titles.values():
            for command in commands:
                self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their titles."""
        if not self.titles:
            super().format_commands(ctx, formatter)
        width = max(map(len, self.commands))
        for title, commands in self.titles.items():
            with formatter.section(title):
                rows = [(f"{command.name:<{width}}", command.get_short_help_str(200)) for command in commands]
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the notes below the commands, unwrapped."""
        for title, lines in self.notes.items():
            _write_lines(formatter, title, lines)


def _write_lines(formatter: click.HelpFormatter, title: str, lines: Iterable[str]) -> None:
    with formatter.section(title):
        indent = " " * formatter.current_indent
        formatter.write("".join(f"{indent}{line}".rstrip() + "\n" for line in lines))


def walk(command: click.Command, words: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from walk(below, (*words, name))
