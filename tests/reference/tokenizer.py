r"""A tokenizer of Hugging Face's package `tokenizers`, and what it makes of some texts: `crates/tokenizer/tests/`.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.22.2
    venv/bin/python tests/reference/tokenizer.py

It writes `huggingface.json`, a byte-level encoding as GPT-2 has it (Radford et al. 2019), learned from the text that comes with the program, and
`ids.json`: texts, and their tokens by it and by `ours.json`, which this wrote:

    ablation encode static/corpora/miller-street.txt --vocabulary 160 --into /tmp/story.tokens.json \
        --save-tokenizer crates/tokenizer/tests/ours.json
"""

import json
import pathlib

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "static/corpora/miller-street.txt"
INTO = ROOT / "crates/tokenizer/tests"
TEXTS = [
    "",
    "The baker of Miller Street.",
    "  two spaces,\ttabs\r\nand\n\nlines\n",
    "never seen: Ünïcödé, שלום, 👩‍🔬🎉, \u0000 and 12345",
    CORPUS.read_text()[1000:3000],
]


def learned():
    """A byte-level encoding of 300 tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS.read_text().splitlines(keepends=True), trainer)
    return tokenizer


theirs = learned()
theirs.save(str(INTO / "huggingface.json"))
ours = Tokenizer.from_file(str(INTO / "ours.json"))
encoded = [
    {
        "text": text,
        "huggingface": theirs.encode(text, add_special_tokens=False).ids,
        "ours": ours.encode(text, add_special_tokens=False).ids,
    }
    for text in TEXTS
]
(INTO / "ids.json").write_text(json.dumps(encoded) + "\n")
