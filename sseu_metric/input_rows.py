"""Predictions and references in the usual containers, as lists of plain Python values.

Lists, tuples and iterators, NumPy arrays, pandas Series and DataFrames, and `datasets` tables are read; anything else
is refused by the name of the argument. Only the keys that scoring needs are read: touching an audio column would decode
it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .suggestions import did_you_mean

_PLAIN = {str, int, float, bool, type(None)}


def as_rows(values: Any, name: str, keys: Collection[str]) -> list[Any]:
    """The items of a container, one for each row.

    Args:
        values: The container. Of a table (DataFrame, `datasets.Dataset`) each row becomes a mapping.
        name: What the argument is called, for messages.
        keys: The columns to read of a table.

    Returns:
        The items; what pandas holds as missing (NaN, NA) is None.

    Raises:
        ValueError: It is not a container of rows, or is a table without any of the columns.
    """
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable) or not getattr(values, "ndim", 1):
        raise ValueError(f"{name} is of type {type(values).__name__}; a list with one item per row is needed")
    container: Any = values
    columns = getattr(container, "column_names", None)
    if columns is not None and hasattr(container, "select_columns"):  # datasets.Dataset
        return list(container.select_columns(_known(columns, name, keys)))
    if hasattr(container, "iterrows"):  # pandas.DataFrame
        known = _known(container.columns.tolist(), name, keys)
        by_column = [_series(container[column]) for column in known]
        return [dict(zip(known, row, strict=True)) for row in zip(*by_column, strict=True)]
    return _series(container) if hasattr(container, "isna") else list(container)


def plain(value: Any) -> Any:
    """NumPy's, pandas' and torch's arrays and scalars as Python values; anything else as it is."""
    if type(value) in _PLAIN or (type(value) in (list, tuple) and all(type(item) in _PLAIN for item in value)):
        return value  # shared, not copied: a million answers hold many
    if type(value) is dict and all(type(item) in _PLAIN for item in value.values()):
        return value
    if isinstance(value, str):  # numpy.str_
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def kept(row: Mapping[str, Any], keys: Collection[str], what: str) -> dict[str, Any]:
    """The plain values of a row under `keys`; no other value is touched.

    Raises:
        ValueError: The row has none of the keys; `what` names it.
    """
    found = {key: value if type(value := row[key]) in _PLAIN else plain(value) for key in keys if key in row}
    if not found:
        shown = ", ".join(map(str, row))
        raise ValueError(f"{what} has none of the keys {', '.join(keys)}; it has {shown}{mistyped(row, keys)}")
    return found


def mistyped(found: Iterable[Any], keys: Collection[str]) -> str:
    """`; 'Scene' is unknown; did you mean 'scene'?` for the first unknown name close to one of `keys`, or nothing."""
    for name in map(str, found):
        if name not in keys and (hint := did_you_mean(name.strip().lower(), keys)):
            return f"; {name!r} is unknown{hint}"
    return ""


def _known(columns: Iterable[Any], name: str, keys: Collection[str]) -> list[str]:
    columns = list(columns)
    known = [column for column in columns if column in keys]
    if not known:
        raise ValueError(f"{name} has none of the columns {', '.join(keys)}; it has {', '.join(map(str, columns))}")
    return known


def _series(series: Any) -> list[Any]:
    missing = series.isna().tolist()
    return [None if absent else value for value, absent in zip(series.tolist(), missing, strict=True)]
