"""From the classes of AudioSet to the labels of the benchmark: how a tagger's scores become ours.

Events: the score of a label is the largest score among the classes that mean it. Which ones mean it, and why, is said
by the reviewed table of names in `sseu_metric.match_table`, which holds every class of AudioSet.

Scenes: a place is heard by what happens in it, so the score of a scene is a weighted sum over classes
(`SCENE_EVIDENCE`). A class weighs 1 where it names the place or belongs to it alone, and 0.3 where it is common there
and heard elsewhere too. The weights come from what the corpora are (DESED was recorded in homes, MAESTRO-Real in the
five other places), not from any tagger's results.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.match_table import meaning_of
from sseu_metric.suggestions import did_you_mean


class Evidence(NamedTuple):
    """Classes that speak for a scene.

    Attributes:
        scene: The scene.
        weight: What a score of 1 adds to the scene's score.
        reason: Why.
        classes: Display names of AudioSet, separated by ";".
    """

    scene: str
    weight: float
    reason: str
    classes: str


SCENE_EVIDENCE: tuple[Evidence, ...] = (
    Evidence("Home", 1.0, "the class of a room in a dwelling", "Inside, small room"),
    Evidence(
        "Home",
        1.0,
        "appliances and fittings of a dwelling",
        "Vacuum cleaner; Blender; Microwave oven; Hair dryer; Electric shaver, electric razor; Electric toothbrush; "
        "Toothbrush; Water tap, faucet; Sink (filling or washing); Bathtub (filling or washing); Toilet flush; "
        "Sewing machine; Alarm clock; Smoke detector, smoke alarm; Doorbell; Ding-dong; Television",
    ),
    Evidence(
        "Home", 1.0, "food is cut and fried there; guests hear little of it", "Frying (food); Sizzle; Chopping (food)"
    ),
    Evidence("Home", 1.0, "pets live at home", "Domestic animals, pets; Cat; Meow; Purr; Caterwaul"),
    Evidence(
        "Home",
        0.3,
        "common at home, heard elsewhere too",
        "Dog; Bark; Dishes, pots, and pans; Water; Pour; Boiling; Cupboard open or close; Drawer open or close; "
        "Telephone bell ringing; Telephone; Typing; Snoring; Baby cry, infant cry",
    ),
    Evidence(
        "Restaurant",
        1.0,
        "guests at table",
        "Cutlery, silverware; Chink, clink; Chatter; Hubbub, speech noise, speech babble",
    ),
    Evidence(
        "Restaurant",
        0.3,
        "plates, laughter and music are common there, and in homes and shops",
        "Dishes, pots, and pans; Crowd; Laughter; Clatter; Glass; Background music; Inside, large room or hall; "
        "Inside, public space",
    ),
    Evidence(
        "City Center",
        1.0,
        "streets and their traffic",
        "Outside, urban or manmade; Traffic noise, roadway noise; Motor vehicle (road); Bus; Truck; "
        "Vehicle horn, car horn, honking; Toot; Air horn, truck horn; Emergency vehicle; Police car (siren); "
        "Ambulance (siren); Fire engine, fire truck (siren)",
    ),
    Evidence(
        "City Center",
        0.3,
        "common in streets; cars pass by houses too, squeal and brakes belong to trains too",
        "Vehicle; Car; Car passing by; Motorcycle; Air brake; Siren; Church bell; Bicycle bell; Skateboard; Crowd; "
        "Reversing beeps; Walk, footsteps; Idling; Accelerating, revving, vroom",
    ),
    Evidence("Grocery Store", 1.0, "the tills", "Cash register; Beep, bleep; Coin (dropping)"),
    Evidence(
        "Grocery Store",
        0.3,
        "cooling, music, bags and trolleys of a large public room",
        "Inside, public space; Inside, large room or hall; Mechanical fan; Air conditioning; Hum; "
        "Crumpling, crinkling; Rustle; Clatter; Rattle; Background music; Walk, footsteps",
    ),
    Evidence(
        "Metro Station",
        1.0,
        "trains",
        "Subway, metro, underground; Train; Rail transport; Railroad car, train wagon; Train wheels squealing; "
        "Clickety-clack; Train horn; Train whistle",
    ),
    Evidence(
        "Metro Station",
        0.3,
        "doors, echo and steps of a large hall below ground",
        "Sliding door; Reverberation; Echo; Squeal; Inside, public space; Inside, large room or hall; Air brake; "
        "Walk, footsteps; Rumble",
    ),
    Evidence("Residential Area", 1.0, "gardens and trees", "Lawn mower; Rustling leaves; Outside, rural or natural"),
    Evidence(
        "Residential Area",
        1.0,
        "birds and playing children are heard where traffic is far",
        "Bird; Bird vocalization, bird call, bird song; Chirp, tweet; Crow; Caw; Pigeon, dove; Coo; Children playing",
    ),
    Evidence(
        "Residential Area",
        0.3,
        "outdoors; heard in streets too",
        "Wind; Wind noise (microphone); Car passing by; Bicycle; Children shouting; Child speech, kid speaking; "
        "Bark; Insect; Cricket; Fixed-wing aircraft, airplane",
    ),
)


def scores_from_audioset(names: Sequence[str], scores: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A tagger's scores for a clip as scores of the labels.

    Args:
        names: Display names of AudioSet, such as `Child speech, kid speaking`; any part of them, in any order.
        scores: One per name, larger is likelier; sigmoid outputs in [0, 1] for scenes to add up as intended.

    Returns:
        Six scores of scenes and 18 of events, in label order; 0 where no class speaks for a label.

    Raises:
        ValueError: A name is no class of AudioSet, or there is not one score per name.
    """
    if len(names) != len(scores):
        raise ValueError(f"{len(names)} classes but {len(scores)} scores; give one score per class")
    of_scene, of_event = _places(tuple(names))
    scenes = tuple(sum(weight * float(scores[place]) for place, weight in found) for found in of_scene)
    events = tuple(max((float(scores[place]) for place in found), default=0.0) for found in of_event)
    return scenes, events


def check_audioset(names: Sequence[str]) -> None:
    """Make sure that names are AudioSet's, before a model is asked.

    Raises:
        ValueError: A name is no class of AudioSet, or no class speaks for some label; the message names both.
    """
    of_scene, of_event = _places(tuple(names))
    silent = [label for label, found in zip((*SCENES, *EVENTS), (*of_scene, *of_event), strict=True) if not found]
    if silent:
        raise ValueError(f"no class of this tagger speaks for {', '.join(silent)}; it needs the classes of AudioSet")


_Places = tuple[tuple[tuple[tuple[int, float], ...], ...], tuple[tuple[int, ...], ...]]


@cache
def _places(names: tuple[str, ...]) -> _Places:
    """Which positions of `names` count for each scene, with their weights, and for each event."""
    meanings = [meaning_of("at", name) for name in names]
    unknown = [name for name, meaning in zip(names, meanings, strict=True) if meaning is None]
    if unknown:
        known = [name for line in SCENE_EVIDENCE for name in _classes(line)]
        raise ValueError(
            f"{len(unknown)} of {len(names)} classes are none of AudioSet, the first is {unknown[0]!r}"
            f"{did_you_mean(unknown[0], known)}; use AudioSet's display names"
        )
    weights = [
        {name: line.weight for line in SCENE_EVIDENCE if line.scene == scene for name in _classes(line)}
        for scene in SCENES
    ]
    of_scene = tuple(
        tuple((place, weight[name]) for place, name in enumerate(names) if name in weight) for weight in weights
    )
    of_event = tuple(
        tuple(place for place, meaning in enumerate(meanings) if meaning is not None and label in meaning.labels)
        for label in EVENTS
    )
    return of_scene, of_event


def _classes(line: Evidence) -> list[str]:
    return [name.strip() for name in line.classes.split(";")]
