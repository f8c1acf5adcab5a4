"""What the dataset card says about licences; what may be published is for `sseu_hub.audio_permissions` to decide."""

from __future__ import annotations

LICENCE_METADATA = {"license": "other", "license_name": "sources-have-their-own"}
"""Front matter of the card: no single licence covers the sources."""

CONTAINS_BACKGROUNDS = "The DESED and MAESTRO-Real audio in this folder must not be\nredistributed."
"""Sentence of the card that does not hold once the backgrounds are left out."""

LICENCE_SECTION = f"""\
## Licences

Every row names the licences of its sources in `licence`. {CONTAINS_BACKGROUNDS}

| source | licence | origin |
|---|---|---|
| VCTK (speech) | CC BY 4.0 | <https://doi.org/10.7488/ds/2645> |
| DESED public evaluation set (scene Home) | audio: of YouTube users, not to be redistributed; metadata: MIT | \
<https://zenodo.org/records/4560759> |
| MAESTRO-Real development set (other scenes) | stated as non-commercial and as CC BY 4.0: treat as non-commercial | \
<https://zenodo.org/records/7244360> |
"""
