"""Cases for the Space, in the form of evaluate's metric template; any embedder gives these results."""

_REFERENCES = [
    {"transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Dishes"]},
    {"transcript": "ask her to bring these things", "scene": "Restaurant", "events": ["Cat"]},
]

test_cases = [
    {  # the truth is the upper bound
        "predictions": _REFERENCES,
        "references": _REFERENCES,
        "result": {"wer": 0.0, "macc": 100.0, "map": 100.0},
    },
    {  # an answer that never came counts as an empty one beside others: six words of nine, the second of two cats
        "predictions": [_REFERENCES[0], None],
        "references": _REFERENCES,
        "result": {"wer": 200 / 3, "macc": 50.0, "map": 250 / 3, "complete": False},
    },
    {  # raw text, one word of nine wrong
        "predictions": [
            "Transcript: please call Bella\nScene: Home\nEvents: Dog; Dishes",
            '{"transcript": "ask her to bring these things", "scene": "Restaurant", "events": ["Cat"]}',
        ],
        "references": _REFERENCES,
        "result": {"wer": 100 / 9, "macc": 100.0, "map": 100.0},
    },
]
