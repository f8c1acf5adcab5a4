"""Original sentences and a synthesiser that speaks them, for the stand-in of VCTK.

The synthesiser is eSpeak NG from the package `espeakng-loader` (GPL-3, extra `demo`). It keeps state from one utterance
to the next and seeds its noise from the clock, so every utterance gets a new process and a fixed seed: only then does
it depend on nothing but text and voice. This file is also that process's program, hence the light imports.
"""

from __future__ import annotations

import ctypes
import io
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 48_000
"""Sampling rate of VCTK 0.92."""

_ESPEAK_RATE_HZ = 22_050
_NORMAL_WPM = 150
_MIN_WPM, _MAX_WPM = 95, 230


def _sentences(text: str) -> tuple[str, ...]:
    """Split running text after each full stop or question mark."""
    return tuple(" ".join(text.split()).replace(". ", ".\n").replace("? ", "?\n").splitlines())


SENTENCES = _sentences("""
The baker opens her shop long before sunrise and fills the narrow street with the smell of warm bread, roasted
coffee and apple cake. Our neighbour keeps three old bicycles in the hallway, although everyone in the
building has asked him more than once to move them outside. When the last ferry left the island, two tired
hikers were still sitting on the beach, looking for a place to sleep that night. She packed a torch, a woollen
blanket and seven bottles of water, because the weather report had promised a cold and windy evening. The
museum bought a small painting of a yellow kitchen, and nobody knew that it had been hanging in a dentist's
office for years. If you follow the river for about twenty minutes, you will reach a wooden bridge with a
friendly tea house on the other side. My grandfather repaired radios in the garage every Saturday, while my
sister and I sorted the tiny screws into empty jam jars. The orchestra was ready to begin, but the pianist had
locked her music in the car and could not remember where she had parked. Farmers in the valley are planting
beans and pumpkins this spring, since last year's potatoes were ruined by seven weeks of heavy rain. The
teacher asked every pupil to bring one leaf from the park, and by noon the whole classroom was covered in red
and gold. A young engineer from Lisbon has built a clock that runs on sunlight and tells the time with four
coloured marbles and a bell. Nobody expected the goalkeeper to score, yet he ran the whole length of the field
and kicked the ball straight into the corner. We painted the front door dark green in April, and by the end of
June half of the houses in our road had done the same. The doctor wrote down the name of the medicine twice,
because the first note had fallen into a bowl of vegetable soup. Thousands of people gathered near the harbour
on Sunday to watch forty sailing ships come home after their journey around the world. There is a quiet
library behind the railway station where students drink hot chocolate and read old newspapers until late in
the evening. The children built a castle out of cardboard boxes and defended it bravely against their uncle,
who arrived with a broom and a bucket. Before you leave the office, please close both windows, water the
plants on my desk and switch off the printer in the corner. An elderly couple won the dancing prize for the
third time, and they celebrated with lemon ice cream and a slow walk home. The mountain road will stay closed
until Thursday, so drivers should take the tunnel and allow at least another half hour for their trip. He
learned to cook during the long winter, beginning with boiled eggs and ending with a splendid pie of
mushrooms, onions and cheese. The new bridge carries only trams and bicycles, which is good news for everyone
who lives beside the noisy market square. Last night a hedgehog found its way into our kitchen and ate the
whole plate of biscuits that we had left beside the oven. Scientists counted more than nine hundred
butterflies in the meadow, twice as many as they had seen there ten summers ago. The captain poured herself
another cup of tea, studied the map for a minute and decided to wait for the fog to lift. Because the lift was
broken, four strong friends carried the piano up to the sixth floor and then slept until the next afternoon.
Every autumn the village holds a market for honey and cheese, and visitors come from distant towns to taste a
little of everything. The plumber looked under the sink, shook his head and explained that somebody had mended
the pipe with chewing gum and string. I would like two tickets for the early train to Bristol, one window seat
if possible, and a return for the following Monday. The lighthouse has been empty for thirty years, but its
lamp still turns every night above the dark and restless water. During the storm the power failed across the
city, and people sat on their balconies with candles, telling stories to each other. A careful gardener waters
the tomatoes in the morning, removes the yellow leaves at noon and chases the snails away after dinner. The
company promised to answer every letter within a week, but it took them until December to find out who should
write. Her first novel sold only eleven copies, most of them to relatives, and the second one was translated
into sixteen languages. Please speak slowly when you telephone my aunt, for she is a little deaf and will not
admit it to anybody except the cat. The astronaut showed the pupils how she brushes her teeth in space, and
then answered questions about breakfast, sleep and dust. Two brothers opened a bicycle workshop near the
canal, where customers may borrow the tools and pay with a home made lunch. The judge listened patiently to
both sides, drank a glass of water and said that the goat should go back to its field. Winter arrived early
that year, and the lake froze so hard that the postman could skate from one end of town to the other. On the
second day of our holiday we missed the bus, met a shepherd with a guitar and stayed for the best supper of
the trip.
""")
"""Each takes 8 to 10 s with every voice, lead-in and lead-out included."""

SHORT_SENTENCES = _sentences("""
The kettle has been boiling for ten minutes. Could you lend me your umbrella until tomorrow? Her train leaves
from the second platform. They sold the house and moved to the coast. Nobody remembered to feed the goldfish.
The meeting will start again after lunch. He wore a purple scarf and heavy boots. Put the letters on the table
by the door. It was far too warm for a coat that day. The band played until the lights went out.
""")
"""Two to five seconds each, too short for the benchmark."""


_ACCENTS = (
    # voice of eSpeak NG, accent, region
    ("en-gb-x-rp", "English", "Southern  England"),
    ("en-us", "American", "California"),
    ("en-gb-scotland", "Scottish", "Edinburgh"),
    ("en-gb-x-gbclan", "English", "Lancashire"),
    ("en-us-nyc", "American", "New  York"),
    ("en-gb-x-gbcwmd", "English", "Birmingham"),
    ("en-029", "Jamaican", ""),
)
_VARIANTS = ("f2", "m3", "f4", "m1", "f3", "m7", "f1", "m2", "m4")


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker: an eSpeak voice such as `en-us+f3`, its base pitch (0 to 99), and columns of `speaker-info.txt`."""

    name: str
    pitch: int
    gender: str
    accent: str
    region: str


def voice(index: int, pitch: int) -> Voice:
    """The voice of a speaker; accents and timbres alternate, so that 63 voices differ by more than pitch."""
    name, accent, region = _ACCENTS[index % len(_ACCENTS)]
    variant = _VARIANTS[index % len(_VARIANTS)]
    return Voice(f"{name}+{variant}", pitch, variant[0].upper(), accent, region)


def espeak_paths() -> tuple[Path, Path]:
    """The paths of the eSpeak NG library and its data.

    Raises:
        ImportError: `espeakng-loader` is not installed; the message says how to install it.
    """
    from sseu_metric.extras import require  # not at the top: the speaking process has no site packages

    require("espeakng_loader", "demo", "the speech of stand-in corpora")
    import espeakng_loader

    return Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path())


def speak(text: str, who: Voice, rng: np.random.Generator, bounds_s: tuple[float, float] | None) -> NDArray[np.int16]:
    """Speak one sentence between a lead-in and a lead-out of faint noise.

    Args:
        text: The sentence.
        who: The speaker.
        rng: Draws lead-in and lead-out (0.2 to 0.5 s each), level (peak -14 to -3 dBFS), noise and, where bounds are
            given, the length.
        bounds_s: Bounds within which the whole recording must last; the rate of speaking follows from the length
            drawn. None stands for the normal rate.

    Returns:
        Mono samples at 48 kHz.

    Raises:
        ImportError: The synthesiser is missing.
        ValueError: The synthesiser failed, or the sentence cannot be spoken in the time allowed.
    """
    import numpy as np
    import soxr

    lead_s, tail_s = rng.uniform(0.2, 0.5, 2)
    speech_s = 0.0
    if bounds_s is not None:
        margin_s = 0.1 * (bounds_s[1] - bounds_s[0])
        speech_s = rng.uniform(bounds_s[0] + margin_s, bounds_s[1] - margin_s) - lead_s - tail_s
    library, data = espeak_paths()
    # -I -S: no site packages, which start slowly and which the process does not need
    command = [sys.executable, "-I", "-S", __file__, str(library), str(data), who.name, str(who.pitch)]
    done = subprocess.run([*command, f"{speech_s:.3f}"], input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise ValueError(f"eSpeak NG failed on {text!r} with voice {who.name!r}: {reason or done.returncode}")
    speech = soxr.resample(
        np.frombuffer(done.stdout, "<i2").astype(np.float32), _ESPEAK_RATE_HZ, RATE_HZ, quality="VHQ"
    )
    peak = 32767 * 10 ** (rng.uniform(-14, -3) / 20)
    speech *= peak / np.abs(speech).max()
    padded = np.pad(speech, (round(lead_s * RATE_HZ), round(tail_s * RATE_HZ)))
    if bounds_s is not None and not bounds_s[0] <= len(padded) / RATE_HZ <= bounds_s[1]:
        raise ValueError(
            f"{text!r} takes {len(padded) / RATE_HZ:.2f} s with voice {who.name!r}, "
            f"not {bounds_s[0]} to {bounds_s[1]} s: write a longer or shorter sentence"
        )
    padded += rng.standard_normal(len(padded), np.float32) * np.float32(peak / 1500)
    samples: NDArray[np.int16] = np.rint(padded).astype(np.int16)
    return samples


def to_flac(pcm: NDArray[np.int16]) -> bytes:
    """Encode mono samples at 48 kHz as 16-bit FLAC."""
    import soundfile

    encoded = io.BytesIO()
    soundfile.write(encoded, pcm, RATE_HZ, "PCM_16", format="FLAC")
    return encoded.getvalue()


@lru_cache(maxsize=2048)
def silent_flac(centiseconds: int) -> bytes:
    """FLAC of digital silence; lengths are multiples of 10 ms, so that few have to be encoded."""
    import numpy as np

    return to_flac(np.zeros(RATE_HZ // 100 * centiseconds, np.int16))


def _synthesise(library: Path, data: Path, voice: str, pitch: int, speech_s: float, text: bytes) -> bytes:
    """Synthesise mono little-endian int16 PCM at 22,050 Hz, at the rate at which it lasts `speech_s` (0: normal rate).

    Call it once per process (see the module's docstring). Constants and signatures: `speak_lib.h` of eSpeak NG 1.52.
    """
    synchronous, utf8, wpm_parameter, pitch_parameter = 2, 1, 1, 3
    espeak = ctypes.CDLL(str(library))
    if espeak.espeak_Initialize(synchronous, 0, str(data).encode(), 0) != _ESPEAK_RATE_HZ:
        raise ValueError(f"eSpeak NG does not start from {data}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ValueError(f"eSpeak NG has no voice {voice!r}")
    pcm = bytearray()

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, events: int | None) -> int:
        if samples and count > 0:
            pcm.extend(ctypes.string_at(samples, 2 * count))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(collect)
    espeak.espeak_SetSynthCallback(callback)
    espeak.espeak_SetParameter(pitch_parameter, pitch, 0)
    size = ctypes.c_size_t(len(text) + 1)
    wpm = float(_NORMAL_WPM)
    for _ in range(3 if speech_s else 1):
        pcm.clear()
        espeak.espeak_SetParameter(wpm_parameter, round(wpm), 0)
        if espeak.espeak_Synth(text, size, 0, 1, 0, utf8, None, None) != 0:
            raise ValueError("espeak_Synth failed")
        if speech_s:
            wpm *= len(pcm) / 2 / _ESPEAK_RATE_HZ / speech_s
            wpm = min(max(wpm, _MIN_WPM), _MAX_WPM)
    return bytes(pcm)


if __name__ == "__main__":
    _library, _data, _voice, _pitch, _speech_s = sys.argv[1:]
    _pcm = _synthesise(Path(_library), Path(_data), _voice, int(_pitch), float(_speech_s), sys.stdin.buffer.read())
    sys.stdout.buffer.write(_pcm)
