# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3.11
# An index with CPU builds of torch, for machines without a GPU: make TORCH_INDEX=URL
TORCH_INDEX ?=
PIP = .venv/bin/python -m pip --disable-pip-version-check -q
BIN = .venv/bin

.PHONY: help demo demo-data quick test check long slow hub thorough serve harnesses models systems-check docs schemas screenshots wheel-check lowest browser ffmpeg tex benchmark campaign real gpu-check clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.installed: pyproject.toml constraints-cpu.txt
	@$(PYTHON) -m venv .venv || { echo "Python 3.11 with its venv module is needed (Debian: apt-get install python3.11-venv)" >&2; exit 1; }
	$(PIP) install --upgrade pip
	$(PIP) install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints-cpu.txt -e '.[demo,dev,docs,hf,leaderboard,measure,openai,ray,report,torchcodec]'
	@# A CUDA build of these beside a CPU build of torch makes all of transformers fail: only `make models` needs them.
	@.venv/bin/python -c 'import torchvision' 2>/dev/null || $(PIP) uninstall -y torchvision timm
	@.venv/bin/python -c 'import torchaudio' 2>/dev/null || $(PIP) uninstall -y torchaudio
	@touch $@

DEMO = demo/corpora
DEMO_CORPORA = --vctk $(DEMO)/VCTK-Corpus-0.92 --desed $(DEMO)/DESED --maestro $(DEMO)/MAESTRO_Real_development
# For a quick look: make demo DEMO_OPTIONS=--limit=6
DEMO_OPTIONS ?=
ASK = HF_HUB_OFFLINE=1 $(BIN)/sseu run --data demo/sseu-bench --modes independent,joint,cot $(DEMO_OPTIONS)
RECOGNISE = env $(ASK) --system asr:pocketsphinx --setting grammar=sentences --out demo/results/pocketsphinx

# The tests that need no minutes: see tests/conftest.py.
QUICK = "not integration and not long and not slow and not hub and not wheel and not serve and not harness and not models"

demo-data: .venv/.installed  ## make small stand-in corpora, build the benchmark from them and verify it
	$(BIN)/sseu standin --out $(DEMO)
	$(BIN)/sseu build $(DEMO_CORPORA) --out demo/sseu-bench
	$(BIN)/sseu verify demo/sseu-bench $(DEMO_CORPORA)

demo: demo-data  ## make the demo data, let systems answer it, and write a report
	HF_HUB_OFFLINE=1 $(BIN)/python examples/mixture_picture.py demo/sseu-bench demo/mixture.png S1nPqBeko5U_134_143
	HF_HUB_OFFLINE=1 $(BIN)/python examples/score_controls.py demo/sseu-bench
	$(ASK) --system control:ground-truth --out demo/results/ground-truth
	$(ASK) --system control:majority --out demo/results/majority
	$(BIN)/python examples/killed_run.py demo/results/pocketsphinx/answers.jsonl 40 $(RECOGNISE)
	$(RECOGNISE)
	$(BIN)/sseu report demo/results/* --out demo/report

quick: .venv/.installed  ## run the tests of the core of every package (a minute and a half)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m $(QUICK)

test: .venv/.installed  ## run the tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: .venv/.installed  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

long: .venv/.installed  ## run the README's blocks, the notebook, and builds killed at every stage (minutes)
	$(BIN)/python -m pytest -m long -n 2 --dist worksteal

slow: .venv/.installed  ## rehearse the full build on full-size stand-in corpora (minutes, 10 GB of disk)
	$(BIN)/python -m pytest -m slow

hub: .venv/.installed  ## publish, load back, answer, submit and rank against a local Hub, as in the README (minutes)
	$(BIN)/python -m pytest -m hub -n 2 --dist loadfile

thorough: .venv/.installed  ## long, hub and wheel-check in one run, as continuous integration does (15 minutes)
	$(BIN)/python -m pytest -m "long or hub or wheel" -n 2 --dist loadfile

serve: .venv/.installed  ## one model behind hf: and behind a real `transformers serve`: are all texts equal? (a minute)
	$(BIN)/python -m pytest -m serve -s

HARNESS_PIP = -m pip --disable-pip-version-check -q install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints-cpu.txt

harnesses: .venv/.installed  ## run lmms-eval and Inspect on a mock model: are their scores ours? (minutes of installing)
	$(PYTHON) -m venv .venv-lmms
	.venv-lmms/bin/python $(HARNESS_PIP) -e '.[demo]' lmms-eval==0.7.3 'filelock<4'
	@# Of a CUDA build beside a CPU build of torch only an error comes; nothing here needs it.
	.venv-lmms/bin/python -c 'import torchvision' 2>/dev/null || .venv-lmms/bin/python -m pip uninstall -q -y torchvision
	$(PYTHON) -m venv .venv-inspect
	.venv-inspect/bin/python $(HARNESS_PIP) -e '.[demo]' inspect-ai==0.3.285
	$(BIN)/python -m pytest -m harness

MODELS_PIP = .venv-models/bin/python -m pip --disable-pip-version-check -q install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

models:  ## tiny random models of every audio family of transformers through `sseu run`; renews docs/systems (minutes)
	$(PYTHON) -m venv .venv-models
	$(MODELS_PIP) -c constraints-cpu.txt -e '.[dev,hf,voxtral]'
	@# Of a CUDA build beside a CPU build of torch the part in Python serves; its libraries cannot be loaded.
	@.venv-models/bin/python -c 'import torchaudio' 2>/dev/null || rm -f .venv-models/lib/python*/site-packages/torchaudio/lib/*.so
	SSEU_MODELS_SEEN=docs/systems/checks/transformers.json .venv-models/bin/python -m pytest -m models tests/sseu_models/systems/hf/families
	.venv-models/bin/python docs/make_models_table.py

UPSTREAM ?=
CHECKED = msclap-2022 msclap-2023 mga-clap ltu-as step-audio-2-mini kimi-audio
CHECK_PIP = PIP_CONSTRAINT=$(CURDIR)/constraints-cpu.txt $(if $(TORCH_INDEX),PIP_EXTRA_INDEX_URL=$(TORCH_INDEX))

systems-check: .venv/.installed  ## run upstream's code with random weights, UPSTREAM=DIR holds the clones; renews docs/systems (minutes)
	@test -n "$(UPSTREAM)" || { echo "UPSTREAM=DIR is needed: the folder with ltu, Kimi-Audio, Step-Audio2, MGA-CLAP" >&2; exit 1; }
	@failed=; for name in $(CHECKED); do echo "== $$name"; \
	$(CHECK_PIP) $(BIN)/sseu systems check $$name --upstream $(UPSTREAM) --out docs/systems/checks/$$name.json || failed="$$failed $$name"; \
	done; $(BIN)/python docs/make_checks.py; test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

schemas: .venv/.installed  ## renew the JSON Schemas in docs/schemas
	$(BIN)/python docs/make_schemas.py

screenshots: .venv/.installed  ## renew the pictures in docs/screenshots; needs `make demo` and `make browser` (minutes)
	PYTHONPATH=. $(BIN)/python docs/make_screenshots.py

docs: .venv/.installed  ## build the documentation site into docs/_build; every warning is an error
	$(BIN)/sphinx-build -W -n --keep-going -q docs docs/_build

wheel-check: .venv/.installed  ## build the wheel and try it in an empty environment, from an empty folder (minutes)
	$(BIN)/python -m pytest -m wheel

# Without torch, whose lowest version comes with gigabytes for GPUs; its tests are skipped.
LOWEST = .venv-lowest/requirements.txt
LOWEST_EXTRAS = --extra dev --extra leaderboard --extra measure --extra openai --extra report

lowest: .venv/.installed  ## run the quick tests on the lowest versions that pyproject.toml allows
	$(BIN)/uv venv -q --clear --python $(PYTHON) .venv-lowest
	$(BIN)/uv pip compile -q --no-header --no-annotate --resolution lowest-direct $(LOWEST_EXTRAS) pyproject.toml -o $(LOWEST).all
	grep -vE '^(torch|triton|nvidia-|cuda-)' $(LOWEST).all > $(LOWEST)
	$(BIN)/uv pip install -q --no-deps --python .venv-lowest -r $(LOWEST) -e .
	.venv-lowest/bin/python -m pytest -n 2 --dist worksteal -m $(QUICK)

browser:  ## install Debian's Chromium and its driver, for the tests of the pages
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi; \
	command -v apt-get >/dev/null || { echo "not Debian: put Chromium and its driver on the PATH as chromium and chromedriver" >&2; exit 1; }; \
	root=; [ "$$(id -u)" = 0 ] || root="sudo -n"; \
	$$root apt-get update -q && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium chromium-driver

ffmpeg:  ## install Debian's FFmpeg, whose libraries `load_dataset` decodes with
	@if command -v ffmpeg >/dev/null; then exit 0; fi; \
	command -v apt-get >/dev/null || { echo "not Debian: install FFmpeg with its shared libraries" >&2; exit 1; }; \
	root=; [ "$$(id -u)" = 0 ] || root="sudo -n"; \
	$$root apt-get update -q && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ffmpeg

tex:  ## install Debian's LaTeX, for the tests of the tables for papers
	@if command -v pdflatex >/dev/null && kpsewhich IEEEtran.cls ptmr7t.tfm >/dev/null; then exit 0; fi; \
	command -v apt-get >/dev/null || { echo "not Debian: install LaTeX with booktabs, IEEEtran and the Times fonts" >&2; exit 1; }; \
	root=; [ "$$(id -u)" = 0 ] || root="sudo -n"; \
	$$root apt-get update -q && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends texlive-latex-recommended texlive-publishers texlive-fonts-recommended

benchmark: .venv/.installed  ## speed of building, scoring and asking against other tools, coverage of intervals (20 minutes)
	$(BIN)/python benchmarks/build_speed.py
	$(BIN)/python benchmarks/score_speed.py
	$(BIN)/python benchmarks/worth_speed.py
	$(BIN)/python benchmarks/report_speed.py
	$(BIN)/python benchmarks/board_speed.py
	$(BIN)/python benchmarks/layout_speed.py
	$(BIN)/python benchmarks/stream_speed.py
	$(BIN)/python benchmarks/interval_coverage.py
	$(BIN)/python benchmarks/edition_differences.py
	$(BIN)/python benchmarks/run_speed.py

campaign: .venv/.installed  ## kills, broken inputs and hostile servers, with seeds; renews docs/campaign.md (half an hour)
	$(BIN)/python -m tests.campaign

# Folders: CORPORA holds the three corpora by their usual names, TAGGER yamnet.tflite; what is absent is skipped by name.
REAL_PIP = .venv-real/bin/python -m pip --disable-pip-version-check -q install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

real:  ## Whisper and a tagger on real recordings and the stand-ins; renews docs/real.md: make real CORPORA=DIR TAGGER=DIR
	$(PYTHON) -m venv .venv-real
	$(REAL_PIP) -c constraints-cpu.txt -e '.[asr,demo,dev,report]' ai-edge-litert
	.venv-real/bin/python benchmarks/real_models.py $(if $(CORPORA),--corpora $(CORPORA)) $(if $(TAGGER),--tagger $(TAGGER))
	.venv-real/bin/python benchmarks/bare_whisper.py --weights build/real/tiny.en --data build/real/standin
	.venv-real/bin/python benchmarks/heard_events.py $(if $(TAGGER),--tagger $(TAGGER))
	SSEU_WHISPER=build/real/tiny.en .venv-real/bin/python -m pytest -q tests/sseu_models/systems/asr/test_faster_whisper.py

gpu-check: .venv/.installed  ## Qwen2-Audio at full size with random weights on a GPU: speed, memory, batched = single
	$(BIN)/python benchmarks/gpu_check.py

clean:  ## remove what the targets made
	rm -rf .venv .venv-peers .venv-lowest .venv-lmms .venv-inspect .venv-real demo build dist docs/_build
