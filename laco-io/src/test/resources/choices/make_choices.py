"""Makes a tokenizer that puts a space before every text, and the tokens that lm-evaluation-harness cuts questions into.

Needs lm-eval and transformers. Run in this directory; tokenizer.json and encoded.json are written anew.
"""

import json

from lm_eval.api.model import TemplateLM
from transformers import PreTrainedTokenizerFast

# Every word that the merges build; bytes stand for all other characters.
WORDS = ["▁Paris", "▁Pa", "▁x", "▁the", "▁cap", "ital", "▁of", "▁is", "▁Rome", "er", "▁:", ":▁"]
SPECIAL = ["<unk>", "<s>", "</s>"]


def tokenizer():
    vocabulary, merges = {}, []

    def add(token):
        return vocabulary.setdefault(token, len(vocabulary))

    for token in SPECIAL + [f"<0x{i:02X}>" for i in range(256)] + sorted(set("".join(WORDS) + "\n")):
        add(token)
    for word in WORDS:
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                add(word[:end])
                merges.append([word[: end - 1], word[end - 1]])
    special = [
        dict(id=vocabulary[token], content=token, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
        for token in SPECIAL]
    first = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    return dict(
        version="1.0", truncation=None, padding=None, added_tokens=special,
        normalizer=dict(type="Sequence", normalizers=[
            dict(type="Prepend", prepend="▁"), dict(type="Replace", pattern={"String": " "}, content="▁")]),
        pre_tokenizer=None,
        post_processor=dict(
            type="TemplateProcessing", single=[first, {"Sequence": {"id": "A", "type_id": 0}}],
            pair=[first, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            special_tokens={"<s>": {"id": "<s>", "ids": [vocabulary["<s>"]], "tokens": ["<s>"]}}),
        decoder=dict(type="Sequence", decoders=[
            dict(type="Replace", pattern={"String": "▁"}, content=" "), dict(type="ByteFallback"), dict(type="Fuse"),
            dict(type="Strip", content=" ", start=1, stop=0)]),
        model=dict(
            type="BPE", dropout=None, unk_token="<unk>", continuing_subword_prefix=None, end_of_word_suffix=None,
            fuse_unk=True, byte_fallback=True, ignore_merges=False, vocab=vocabulary, merges=merges))


class Encoder(TemplateLM):
    """The harness's own cutting, on a tokenizer alone."""

    backend = "causal"

    def __init__(self):
        super().__init__()
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_file="tokenizer.json", bos_token="<s>")

    eot_token_id = 2

    def tok_encode(self, string, add_special_tokens=True, **_):
        return self.tokenizer.encode(string, add_special_tokens=add_special_tokens)

    def _loglikelihood_tokens(self, requests, **_):
        raise NotImplementedError

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def generate_until(self, requests, disable_tqdm=False):
        raise NotImplementedError


QUESTIONS = [
    ("x", [" Paris", " the capital"]),
    ("the capital of the x is", [" Paris", " Rome"]),
    ("the capital is: ", ["Paris", "Rome"]),
    ("the capital is:", [" Paris", " Rome"]),
    ("the capital is \n", ["Paris", " Rome"]),
    ("is it\u00a0\u2003\u0085\u001c", ["Rome"]),
    ("is it", [" Rome ", " Röme", " 🙂"]),
]

if __name__ == "__main__":
    with open("tokenizer.json", "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(tokenizer(), ensure_ascii=False, indent=1) + "\n")
    encoder = Encoder()
    with open("encoded.json", "w", encoding="utf-8", newline="\n") as file:
        rows = []
        for context, choices in QUESTIONS:
            pairs = [encoder._encode_pair(context, choice) for choice in choices]
            assert all(pair[0] == pairs[0][0] for pair in pairs)
            rows.append(json.dumps(dict(
                context=context, choices=choices, answer=0,
                context_ids=pairs[0][0], choice_ids=[pair[1] for pair in pairs])))
        file.write("[\n" + ",\n".join(rows) + "\n]\n")
