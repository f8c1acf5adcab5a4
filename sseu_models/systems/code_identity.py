"""What a Python object is that answers: the user's own code that it refers to, and the packages behind it.

Own code is what lies neither in the standard library nor among the installed packages. A function counts with its
source and, followed through global names, closures and imports, with every function, class and plain constant that it
refers to; a module with its whole source. An installed package counts with its version. What is read is the code, not
the state of the program: a value that the code itself changes (a counter, a cache) does not count.

Not seen: weights that an object holds in memory, what is looked up by a name made at run time, and the packages that a
package needs itself.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import hashlib
import inspect
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions, version
from importlib.util import resolve_name
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import NamedTuple, cast

from sseu_models.records import Json

OURS = ("sseu_cli", "sseu_dataset", "sseu_hub", "sseu_leaderboard", "sseu_metric", "sseu_models", "sseu_report")
"""Packages of this project, whose version every result holds."""
_INSTALLED = ("site-packages", "dist-packages")
_CHANGING = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "setdefault",
    "update",
}
_MAX_DEPTH = 8
_NO_SOURCE = (OSError, TypeError, ValueError, IndexError, SyntaxError, tokenize.TokenError)


def code_identity(target: object) -> dict[str, Json]:
    """`source_sha256` of the own code behind a function, class, module or callable object, and `packages`.

    Args:
        target: What answers, or the module that makes it.

    Returns:
        The hash, equal in every process and on every machine with the same code, and the versions of the installed
        packages that the code refers to.
    """
    found = _Found()
    waiting = [target]
    while waiting:
        waiting.extend(found.visit(waiting.pop()))
    lasting = {text for name, text in found.attributes if name not in found.assigned}
    text = "\0".join(sorted(found.texts | lasting)).encode("utf-8", "surrogatepass")
    return {"source_sha256": hashlib.sha256(text).hexdigest(), "packages": dict(sorted(found.packages.items()))}


class _Import(NamedTuple):
    """A module that code imports when it runs."""

    name: str


class _Found:
    """What was found so far; `visit` adds a value and returns those that it refers to."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()  # plain values of classes, by name
        self.assigned: set[str] = set()  # names of attributes that the code itself assigns
        self.packages: dict[str, str] = {}
        self._seen: dict[int, object] = {}  # holds the values, so that no other gets the id of one
        self._modules: set[str] = set()

    def visit(self, value: object) -> list[object]:
        if value is None or id(value) in self._seen:
            return []
        self._seen[id(value)] = value
        match value:
            case _Import():
                return self._module(value.name)
            case ModuleType():
                return self._module(value.__name__)
            case FunctionType():
                own = self._is_own(value.__globals__.get("__name__"))
                return self._function(value) if own else [getattr(value, "__wrapped__", None)]
            case type():
                return self._class(value) if self._is_own(value.__module__) else []
            case functools.partial():
                return [value.func, *self._constants("partial", {"": value.args, **value.keywords})]
            case MethodType():
                return [value.__func__, value.__self__]
            case staticmethod() | classmethod():
                return [value.__func__]
            case property():
                return [value.fget, value.fset]
            case functools.cached_property():
                return [value.func]
            case tuple() | list() | set() | frozenset():
                return list(value)
            case dict():
                return list(value.values())
            case BuiltinFunctionType():
                self._is_own(value.__module__)
                return []
        if (wrapped := inspect.getattr_static(value, "__wrapped__", None)) is not None:
            return [wrapped]
        if (text := _plain_text(value)) is not None:
            self.texts.add(text)
        if not self._is_own(type(value).__module__):
            return []
        return [type(value), *self._constants(type(value).__qualname__, _lasting_attributes(value))]

    def _function(self, function: FunctionType) -> list[object]:
        code = function.__code__
        if function.__name__ not in ("__init__", "__post_init__", "__new__"):
            self.assigned |= {one.argval for one in _instructions(code) if one.opname == "STORE_ATTR"}
        self.texts.add(f"{function.__qualname__}: {_source(code)}")
        used = {name: function.__globals__[name] for name in _global_names(code) if name in function.__globals__}
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
            with contextlib.suppress(ValueError):  # the name is assigned later
                used[name] = cell.cell_contents
        assigned, changed = _written_names(code)
        used = {
            name: value
            for name, value in used.items()
            if name not in assigned and not (name in changed and isinstance(value, list | dict | set))
        }
        used |= {"defaults": function.__defaults__, **(function.__kwdefaults__ or {})}
        return [*self._constants(function.__qualname__, used), *_imports(code, function.__globals__.get("__package__"))]

    def _class(self, made: type) -> list[object]:
        members = {name: value for name, value in vars(made).items() if not name.startswith("__") or callable(value)}
        try:
            self.texts.add(f"{made.__qualname__}: {inspect.getsource(made)}")
        except _NO_SOURCE:  # a notebook: its methods have sources, its constants are read as values
            self._constants(made.__qualname__, members)
        else:  # what a decorator such as `dataclass` wrote follows from the source
            members = {name: value for name, value in members.items() if not _is_generated(value)}
            # A value may have been changed since: `Names.scene = "Restaurant"`. A container may be a state.
            plain = ((name, value) for name, value in members.items() if not isinstance(value, list | dict | set))
            texts = ((name, _plain_text(value)) for name, value in plain)
            self.attributes |= {
                (name, f"{made.__qualname__}.{name} = {text}") for name, text in texts if text is not None
            }
        return [*made.__bases__, *(value for value in members.values() if _plain_text(value) is None)]

    def _constants(self, owner: str, values: Mapping[str, object]) -> list[object]:
        """Keep the plain values as text, and return the others, which are to be visited."""
        texts = {name: _plain_text(value) for name, value in values.items()}
        self.texts.update(f"{owner} {name} = {text}" for name, text in texts.items() if text is not None)
        return [value for name, value in values.items() if texts[name] is None]

    def _module(self, name: str) -> list[object]:
        if name in self._modules or not self._is_own(name) or (path := _file_of(name)) is None:
            return []
        self._modules.add(name)
        try:
            content = Path(path).read_bytes()
        except OSError:  # a folder, or inside an archive
            return []
        self.texts.add(f"{name}: {hashlib.sha256(content).hexdigest()}")
        try:
            code = compile(content, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):  # a compiled module
            return []
        return list(_imports(code, name if Path(path).stem == "__init__" else name.rpartition(".")[0]))

    def _is_own(self, module: str | None) -> bool:
        """Whether a module is the user's own code; of an installed one the version is kept."""
        top = module.partition(".")[0] if isinstance(module, str) else ""
        if not top or top in sys.stdlib_module_names or top in OURS:
            return False
        path = None if top in ("__main__", "__mp_main__") else _file_of(top)
        if path is None or not any(part in _INSTALLED for part in Path(path).parts):
            return path is not None or top not in _distributions()
        self.packages.update((name, version(name)) for name in _distributions().get(top, ()))
        return False


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def _file_of(module: str) -> str | None:
    """The file of a module, or the folder of a namespace; found without running anything of it."""
    loaded: str | None = getattr(sys.modules.get(module), "__file__", None)
    if loaded is not None:
        return loaded
    folders = None
    for depth in range(1, module.count(".") + 2):
        spec = PathFinder.find_spec(".".join(module.split(".")[:depth]), folders)
        if spec is None:
            return None
        folders = list(spec.submodule_search_locations or ())
        found = spec.origin or next(iter(folders), None)
    return found


# ---- what code objects say


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Those of the code and of what is defined inside it."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)


def _global_names(code: CodeType) -> set[str]:
    return {one.argval for one in _instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}


def _written_names(code: CodeType) -> tuple[set[str], set[str]]:
    """Outer names that the code assigns, and those on lines that change an item or call `append` and the like."""
    assigned, changed = set(), set()
    lines: defaultdict[object, list[dis.Instruction]] = defaultdict(list)
    for one in _instructions(code):
        lines[one.positions and one.positions.lineno].append(one)
        if one.opname in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_DEREF"):
            assigned.add(one.argval)
    for line in lines.values():
        if any(one.opname in ("STORE_SUBSCR", "DELETE_SUBSCR") or one.argval in _CHANGING for one in line):
            changed |= {one.argval for one in line if one.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF")}
    return assigned, changed


def _imports(code: CodeType, package: object) -> Iterator[_Import]:
    before: list[dis.Instruction] = []
    for one in _instructions(code):
        if one.opname == "IMPORT_NAME":
            level, names = before[-2].argval, before[-1].argval
            try:
                base = resolve_name("." * level + one.argval, str(package or "")) if level else one.argval
            except ImportError:  # relative, without a package: it fails when it runs, too
                continue
            for name in (base, *(f"{base}.{part}" for part in names or ())):  # a part may be a module
                yield from (_Import(name[:end]) for end in range(1, len(name) + 1) if (name + ".")[end] == ".")
        if one.opname != "EXTENDED_ARG":
            before = [*before[-1:], one]


def _source(code: CodeType) -> str:
    """The source, or the byte code where there is none; of a lambda too, whose line holds what surrounds it."""
    if code.co_name != "<lambda>":
        try:
            return inspect.getsource(code)
        except _NO_SOURCE:
            pass
    return _byte_code(code)


def _byte_code(code: CodeType) -> str:
    """Instructions, names and constants, without the file and lines."""
    constants = [_byte_code(one) if isinstance(one, CodeType) else _plain_text(one) for one in code.co_consts]
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, constants))


# ---- values


def _plain_text(value: object, depth: int = 0) -> str | None:
    """A text that equal plain values have in common in every process; None for what is not plain."""
    if value is None or value is Ellipsis or type(value) in (bool, int, float, complex, str, bytes, range):
        return repr(value)
    if depth == _MAX_DEPTH or type(value) not in (tuple, list, set, frozenset, dict):
        return None
    items: Iterable[object] = value.items() if isinstance(value, dict) else cast("Iterable[object]", value)
    texts = [_plain_text(item, depth + 1) for item in items]
    if any(text is None for text in texts):
        return None
    in_order = texts if isinstance(value, tuple | list) else sorted(map(str, texts))
    return f"{type(value).__name__}({', '.join(map(str, in_order))})"


def _lasting_attributes(value: object) -> dict[str, object]:
    """The attributes that only the making of an object assigns, without containers that may be its state."""
    assigned = {
        one.argval
        for made in type(value).__mro__
        for name, method in vars(made).items()
        if isinstance(method, FunctionType) and name not in ("__init__", "__post_init__", "__new__")
        for one in _instructions(method.__code__)
        if one.opname == "STORE_ATTR"
    }
    attributes: dict[str, object] = getattr(value, "__dict__", {})
    return {
        name: item
        for name, item in attributes.items()
        if name not in assigned and not isinstance(item, list | dict | set)
    }


def _is_generated(value: object) -> bool:
    function = inspect.unwrap(value) if isinstance(value, FunctionType) else None
    return isinstance(function, FunctionType) and function.__code__.co_filename == "<string>"
