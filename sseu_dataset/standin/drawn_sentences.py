"""Thousands of different short sentences, for the recordings of a stand-in that nobody else's repeat."""

from __future__ import annotations

from sseu_dataset.pairing import draw


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


_WHO = _words("""
the baker, my sister, our neighbour, the pilot, a gardener, the dentist, your cousin, the farmer, a painter, the judge,
her uncle, the plumber, a sailor, the teacher, his grandmother, the driver, a student, the mayor, their doctor,
the butcher, a fisherman, the singer, my lawyer, the carpenter
""")
_DID = _words("""
bought, painted, repaired, borrowed, forgot, carried, cleaned, wrapped, found, lost, sold, hid, measured, photographed,
dropped, ordered, polished, collected, returned, washed, described, unpacked, decorated, counted
""")
_HOW = _words("""
two small, seven old, several heavy, a dozen green, three broken, some expensive, eleven wooden, many yellow,
five round, four empty, nine silver, a few cheap, twenty soft, both striped, six enormous, eight dusty
""")
_WHAT = _words("""
lamps, bicycles, kettles, umbrellas, carpets, guitars, pumpkins, ladders, clocks, blankets, mirrors, chairs, baskets,
candles, suitcases, bottles, cushions, trumpets, maps, wheels, buckets, curtains, stamps, violins, hammers, pillows
""")
_WHERE = _words("""
at the harbour, before breakfast, in the library, near the castle, on Thursday, after the concert, behind the station,
in November, at midnight, by the river, during the storm, in the attic, on the ferry, outside the museum, last weekend,
under the bridge, without a word, next to the bakery, in the valley, for the festival, beside the canal, in a hurry,
on the mountain, at the auction
""")


def drawn_sentence(number: int) -> str:
    """The sentence of a number: a few of many thousands are equal, or differ by one word.

    >>> drawn_sentence(1)
    'My lawyer photographed both striped hammers at the auction.'
    """
    slots = (_WHO, _DID, _HOW, _WHAT, _WHERE)
    text = " ".join(
        words[draw(0, "stand-in sentence", str(number), str(slot)) % len(words)] for slot, words in enumerate(slots)
    )
    return f"{text[0].upper()}{text[1:]}."
