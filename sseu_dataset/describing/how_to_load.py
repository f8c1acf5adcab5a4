"""What the dataset card says about loading, by layout."""

HOW_TO_LOAD = """\
```python
from sseu_dataset import load, load_audio

rows = load("sseu-bench", "snr_0")  # a folder or a Hub repository; needs neither torch nor torchcodec
samples = load_audio(rows[0], rate_hz=16000)  # float32, mono
```

With torchcodec installed, `datasets.load_dataset("sseu-bench", "snr_0", split="test")` decodes to the same samples.
"""

HOW_TO_LOAD_STEMS = """\
```python
from sseu_dataset import load, load_audio

rows = load("sseu-bench", "snr_0")  # a folder or a Hub repository; needs neither torch nor torchcodec
samples = load_audio(rows[0], rate_hz=16000)  # float32, mono
```

**Layout `stems`.** This dataset stores the two signals of each pair, not its mixtures. `sseu_dataset.load` mixes them
as the rows are read: the same rows, samples and hashes as the full layout has. `datasets.load_dataset` alone mixes
nothing. It gives the stems (`load_dataset("sseu-bench", "stems", split="test")`, the default configuration); in the
other configurations, which hold every label and hash, `audio` is null. A row of `stems` is speech or a background
before gain:

    mixture = round(speech * speech_gain, from speech_onset_s on + background * background_gain * 10 ** (-SNR / 20))

where gains and onset stand in the background's row, whose speech is the row of the same `speech_sha256`.
"""
