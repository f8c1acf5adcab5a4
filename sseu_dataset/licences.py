"""What the dataset card says about licences; what may be published is for `sseu_hub.audio_permissions` to decide."""

from __future__ import annotations

from typing import NamedTuple

from sseu_metric.text_table import markdown

LICENCE_METADATA = {"license": "other", "license_name": "sources-have-their-own"}
"""Front matter of the card: no single licence covers the sources."""

CONTAINS_BACKGROUNDS = "The DESED and MAESTRO-Real audio in this folder must not be\nredistributed."
"""Sentence of the card that does not hold once the backgrounds are left out."""


class Source(NamedTuple):
    """A corpus of which the clips are made: what is used of it, under which licence, and where it comes from."""

    name: str
    licence: str
    origin: str


SOURCES = (
    Source("VCTK (speech)", "CC BY 4.0", "https://doi.org/10.7488/ds/2645"),
    Source(
        "DESED public evaluation set (scene Home)",
        "audio: of YouTube users, not to be redistributed; metadata: MIT",
        "https://zenodo.org/records/4560759",
    ),
    Source(
        "MAESTRO-Real development set (other scenes)",
        "stated as non-commercial and as CC BY 4.0: treat as non-commercial",
        "https://zenodo.org/records/7244360",
    ),
)

LICENCE_SECTION = f"""\
## Licences

Every row names the licences of its sources in `licence`. {CONTAINS_BACKGROUNDS}

{markdown([("source", "licence", "origin"), *((name, licence, f"<{url}>") for name, licence, url in SOURCES)], left=3)}
"""
