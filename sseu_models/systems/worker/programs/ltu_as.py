"""LTU-AS, by the calls of `src/ltu_as/inference_gradio.py` and `inference_batch.py` (YuanGongND/ltu).

Two differences: no transcript is put into the prompt (the paper's runs, and `eval_mode = "audio_only"` upstream), and
samples go in as an array, so that no ffmpeg is needed. Importing upstream's own script would start its demo.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from sseu_models.systems.worker.protocol import WEIGHTS_ONLY, Answer, Hello, Question, required, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = {
    "checkout": None,  # folder of YuanGongND/ltu
    "weights": None,  # folder with vicuna_ltuas/, large-v1.pt and the adapter; default: pretrained_mdls of the checkout
    "adapter": "ltuas_long_noqa_a6.bin",
    "device": None,  # default: cuda where there is one, as upstream
    "temperature": 0.1,
    "top_p": 0.95,
    "top_k": 500,
    "repetition_penalty": 1.1,
    "max_new_tokens": 500,
}
POOL = 20  # encoder frames averaged into one, inference_gradio.py
RESPONSE = "### Response:\n"


class Worker:
    """Whisper large-v1 features of every layer, a LoRA-tuned Vicuna-7B."""

    def __init__(self, settings: Mapping[str, Any], labels: Mapping[str, Sequence[str]]) -> None:
        checkout = required(settings, "checkout", "a clone of https://github.com/YuanGongND/ltu")
        weights = settings["weights"] or os.path.join(checkout, "pretrained_mdls")
        for name in ("vicuna_ltuas", "large-v1.pt", settings["adapter"]):
            if not os.path.exists(os.path.join(weights, name)):
                raise ValueError(f"{name} is not in {weights}: src/ltu_as/inference.sh has its Dropbox link")
        # Upstream's Prompter reads templates/ relative to the working folder.
        code = os.path.join(checkout, "src", "ltu_as")
        os.chdir(code)
        sys.path.insert(0, code)
        import torch

        peft = importlib.import_module("peft")
        transformers = importlib.import_module("transformers")
        whisper = importlib.import_module("whisper.model")
        prompter = importlib.import_module("utils.prompter")
        self._settings = settings
        self._device = settings["device"] or ("cuda" if torch.cuda.is_available() else "cpu")
        half = {"torch_dtype": torch.float16} if self._device != "cpu" else {}

        checkpoint = torch.load(
            os.path.join(weights, "large-v1.pt"), map_location=self._device, weights_only=WEIGHTS_ONLY
        )
        self._whisper = whisper.Whisper(whisper.ModelDimensions(**checkpoint["dims"]))
        self._whisper.load_state_dict(checkpoint["model_state_dict"], strict=False)
        self._whisper.to(self._device)

        base = os.path.join(weights, "vicuna_ltuas")
        self._prompter = prompter.Prompter("alpaca_short")
        self._tokenizer = transformers.LlamaTokenizer.from_pretrained(base)
        model = transformers.LlamaForCausalLM.from_pretrained(base, device_map="auto", **half)
        for name, parameter in model.named_parameters():
            if "audio_encoder" in name and "ln" in name and parameter.dtype == torch.float16:
                parameter.data = parameter.data.float()
        config = peft.LoraConfig(
            r=8,
            lora_alpha=16,
            target_modules=["q_proj", "v_proj"],
            lora_dropout=0.05,
            bias="none",
            task_type="CAUSAL_LM",
        )
        self._model = peft.get_peft_model(model, config)
        adapter = torch.load(os.path.join(weights, settings["adapter"]), map_location="cpu", weights_only=WEIGHTS_ONLY)
        self._model.load_state_dict(adapter, strict=False)
        self._model.is_parallelizable = True
        self._model.model_parallel = True
        self._model.config.pad_token_id = self._tokenizer.pad_token_id = 0
        self._model.config.bos_token_id = 1
        self._model.config.eos_token_id = 2
        self._model.eval()
        sampling = ("temperature", "top_p", "top_k", "repetition_penalty", "max_new_tokens")
        self._generation = transformers.GenerationConfig(
            do_sample=True,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
            num_return_sequences=1,
            **{key: settings[key] for key in sampling},
        )
        self.hello = Hello(
            rate_hz=16000,
            max_audio_s=10.0,
            deterministic=False,
            family="ltu-as",
            facts=dict(
                versions("torch", "transformers", "peft"),
                device=self._device,
                order="audio features before the text",
                system_message="put before the user's text",
                transcript="none",
            ),
        )

    def answer(self, question: Question) -> Answer:
        """The text after the last marker of the prompt template."""
        import torch

        prompt = self._prompter.generate_prompt(question.user_with_system(), None)
        input_ids = self._tokenizer(prompt, return_tensors="pt")["input_ids"].to(self._device)
        with torch.no_grad():
            output = self._model.generate(
                input_ids=input_ids,
                audio_input=self._features(question),
                generation_config=self._generation,
                return_dict_in_generate=True,
                output_scores=True,
                max_new_tokens=self._settings["max_new_tokens"],
            )
        tokens = output.sequences[0]
        stopped = int(tokens[-1]) == 2
        # Upstream cuts the last four characters of every answer, which are "</s>" only where the model stopped.
        text = self._tokenizer.decode(tokens).partition(RESPONSE)[-1].strip()
        return Answer(
            text=text[: -len("</s>")].strip() if text.endswith("</s>") else text,
            finish_reason="stop" if stopped else "length",
            input_tokens=input_ids.shape[1],
            output_tokens=len(tokens) - input_ids.shape[1],
        )

    def _features(self, question: Question) -> Any:
        """Shape (1, layers, frames / 20, width): the encoder's layers but the first, mean-pooled over 20 frames."""
        import numpy as np
        import torch

        measure = importlib.import_module("skimage.measure")
        _, features = self._whisper.transcribe_audio(question.samples())
        layers = torch.permute(features[0], (2, 0, 1)).detach().cpu().numpy()
        pooled = torch.FloatTensor(measure.block_reduce(layers, (1, POOL, 1), np.mean)[1:]).unsqueeze(0)
        return pooled if self._device == "cpu" else pooled.half().to(self._device)
