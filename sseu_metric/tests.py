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
    {  # answers that never came count as empty ones; mAP is the mean share of clips with the event
        "predictions": [None, None],
        "references": _REFERENCES,
        "result": {"wer": 100.0, "macc": 0.0, "map": 50.0, "complete": False},
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
