#!/usr/bin/env python3
"""Build SSEU-Bench from the licensed corpora, check it, measure it; make stand-in corpora. No logic lives here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

EXAMPLES = """\
examples:
  build from corpora that are already on disk
    python build_dataset.py --vctk VCTK-Corpus-0.92 --desed DESED --maestro MAESTRO_Real_development --out sseu-bench
  fetch the corpora first (15 GB; continues where it was stopped)
    python build_dataset.py --download corpora --out sseu-bench
  rebuild exactly somebody's benchmark and compare the samples
    python build_dataset.py --recipe theirs/recipe.parquet --vctk ... --desed ... --maestro ... --out mine
  check a folder; with the corpora, compare every sample
    python build_dataset.py verify sseu-bench [--vctk ... --desed ... --maestro ...]
  add the SNR after ITU-T P.56 and ITU-R BS.1770
    python build_dataset.py measure sseu-bench --definitions active,loudness
  make small synthetic corpora to try all this
    python build_dataset.py standin --out corpora --size demo

exit codes: 0 done; 1 it failed (a check found differences, a download broke, disk full, no permission);
2 wrong arguments or corpora; 130 interrupted (run the same command again to continue)
"""


def build(arguments: argparse.Namespace) -> int:
    """Build the dataset folder."""
    from sseu_dataset.building.build import build as build_dataset
    from sseu_dataset.building.build import check_request
    from sseu_dataset.records import Settings

    folders = {name: getattr(arguments, name) for name in ("vctk", "desed", "maestro")}
    absent = [name for name, folder in folders.items() if folder is None]
    if absent and arguments.download is None:
        options = ", ".join(f"--{name}" for name in absent)
        print(f"{options} missing: give the three corpora, or --download DIR to fetch them", file=sys.stderr)
        return BAD_INPUT
    changes = {
        name: value
        for name in ("seed", "snrs_db", "speech_min_s", "speech_max_s", "pairs")
        if (value := getattr(arguments, name)) is not None
    }
    request = {
        "settings": Settings(**changes) if changes else None,
        "recipe": arguments.recipe,
        "allow_partial": arguments.allow_partial,
        "workers": arguments.workers,
    }
    if absent:  # downloading takes hours: what is wrong with the command is told before
        given = {name: folder for name, folder in folders.items() if folder is not None}
        check_request(arguments.out, folders=given, **request)
        from sseu_dataset.download.archives import OFFICIAL
        from sseu_dataset.download.corpora import download

        wanted = [archive for archive in OFFICIAL if archive.corpus in absent]
        folders |= download(arguments.download, announce=print, archives=wanted)
    result = build_dataset(arguments.out, **folders, **request, announce=print)
    for kind in ("problems", "excluded", "notes"):
        _print_issues(kind, getattr(result.issues, kind))
    made = result.manifest
    print(f"{result.folder}: {len(made.pcm_sha256)} clips, recipe {made.recipe}, version {made.version}")
    for reason in made.reasons:
        print(f"  {made.recipe}: {reason}")
    print(f"fingerprint {made.fingerprints['all']}")
    if result.differing_rows is None:
        return DONE
    total, different = len(made.pcm_sha256), len(result.differing_rows)
    print(f"{total - different} of {total} clips have the samples of the manifest beside {arguments.recipe}")
    for row in result.differing_rows[:10]:
        print(f"  differs: {row}")
    return FAILED if different else DONE


def _print_issues(kind: str, issues: tuple[object, ...]) -> None:
    from sseu_dataset.records import SourceIssue

    names = {"problems": "left out", "excluded": "excluded by rule", "notes": "noted"}
    if issues:
        print(f"{names[kind]}: {len(issues)}")
    for issue in issues[:10]:
        assert isinstance(issue, SourceIssue)
        print(f"  {issue.path}: {issue.reason}")
    if len(issues) > 10:
        print(f"  and {len(issues) - 10} more" + ("" if kind == "notes" else ", see excluded.tsv"))


def verify(arguments: argparse.Namespace) -> int:
    """Check a dataset folder."""
    from sseu_dataset.building.verify import verify as verify_dataset

    found = verify_dataset(
        arguments.folder,
        vctk=arguments.vctk,
        desed=arguments.desed,
        maestro=arguments.maestro,
        workers=arguments.workers,
    )
    for problem in found.problems[:50]:
        print(f"wrong: {problem}")
    if found.differing:
        for row, found_in in list(found.differing.items())[:50]:
            print(
                f"differs from its sources: {row}: {found_in.samples} samples, "
                f"by at most {found_in.max_steps} steps of 16 bits"
            )
    if found.problems or found.differing:
        print(f"{arguments.folder}: {len(found.problems)} problems, {len(found.differing or {})} differing clips")
        return FAILED
    compared = " and equal to its sources, sample for sample" if found.differing is not None else ""
    print(f"{arguments.folder}: {found.rows} clips are as recipe and manifest say{compared}")
    return DONE


def measure(arguments: argparse.Namespace) -> int:
    """Add the expensive SNR definitions to a folder."""
    from sseu_dataset.building.measure import measure as measure_dataset

    measured = measure_dataset(arguments.folder, definitions=arguments.definitions, workers=arguments.workers)
    print(f"{arguments.folder}: {', '.join(measured)} measured")
    return DONE


def standin(arguments: argparse.Namespace) -> int:
    """Make synthetic corpora."""
    from sseu_dataset.standin.corpora import make_standin

    make_standin(arguments.out, arguments.size)
    print(f"{arguments.out}: stand-in corpora ({arguments.size})")
    return DONE


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: numbers with commas between them are needed") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def make_parser() -> argparse.ArgumentParser:
    """The command line: `build` is what happens where no command is named."""
    parser = argparse.ArgumentParser(
        prog="build_dataset.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="{build,verify,measure,standin}", required=True)

    sources = argparse.ArgumentParser(add_help=False)
    for name, corpus in (("vctk", "VCTK"), ("desed", "DESED"), ("maestro", "MAESTRO-Real")):
        sources.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"where {corpus} was unpacked")
    workers = argparse.ArgumentParser(add_help=False)
    workers.add_argument("--workers", type=int, metavar="N", help="threads (default: the cores; changes no sample)")

    command = commands.add_parser("build", parents=[sources, workers], help="the default")
    command.set_defaults(run=build)
    command.add_argument("--out", type=Path, default=Path("sseu-bench"), metavar="DIR", help="default: sseu-bench")
    command.add_argument("--download", type=Path, metavar="DIR", help="fetch into DIR those not given")
    command.add_argument(
        "--recipe", metavar="FILE", help="rebuild exactly this recipe.parquet, here or at hf://datasets/ORG/NAME"
    )
    command.add_argument(
        "--allow-partial", action="store_true", help="leave out what is missing or broken; the result is named partial"
    )
    custom = command.add_argument_group("deviations from the paper (the result is named custom)")
    custom.add_argument("--pairs", type=int, metavar="N", help="the first N backgrounds in draw order")
    custom.add_argument(
        "--snrs", dest="snrs_db", type=_numbers, metavar="DB,DB,...", help="10,5,0,-5,-10; or --snrs=-5,0"
    )
    custom.add_argument("--speech-min-s", type=float, metavar="S", help="shortest utterance (8.0)")
    custom.add_argument("--speech-max-s", type=float, metavar="S", help="longest utterance (10.0)")
    custom.add_argument("--seed", type=int, metavar="N", help="seed of every draw (0)")

    command = commands.add_parser("verify", parents=[sources, workers], help="check a dataset folder")
    command.set_defaults(run=verify)
    command.add_argument("folder", type=Path)

    command = commands.add_parser("measure", parents=[workers], help="add SNRs of other definitions")
    command.set_defaults(run=measure)
    command.add_argument("folder", type=Path)
    command.add_argument("--definitions", type=_words, default=("active", "loudness"), metavar="NAME,NAME")

    command = commands.add_parser("standin", help="make synthetic corpora in the official layouts")
    command.set_defaults(run=standin)
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--size", choices=("demo", "full"), default="demo")
    return parser


def main(words: list[str]) -> int:
    """Parse, run, and turn what goes wrong into one message and an exit code."""
    commands = ("build", "verify", "measure", "standin", "-h", "--help")
    if not words or words[0] not in commands:
        words = ["build", *words]
    arguments = make_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        place = error.filename or getattr(arguments, "out", None) or arguments.folder
        print(f"error: {place}: {_advice(error)}", file=sys.stderr)
        return FAILED
    except RuntimeError as error:
        from sseu_dataset.download.archives import DownloadError

        if not isinstance(error, DownloadError):
            raise
        print(f"error: {error}", file=sys.stderr)
        return FAILED


def _advice(error: OSError) -> str:
    """The system's message with what to do about it."""
    import errno

    remedies = {
        errno.ENOSPC: "free some disk space",
        errno.EDQUOT: "free some of your disk quota",
        errno.EFBIG: "raise the limit on file sizes",
        errno.EACCES: "choose a folder you may write to, or mend its permissions",
        errno.EPERM: "choose a folder you may write to, or mend its permissions",
        errno.EROFS: "choose a folder on a disk that can be written",
    }
    remedy = remedies.get(error.errno or 0, "mend the cause")
    return f"{error.strerror or error}; {remedy}, then run the same command again: it continues"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
