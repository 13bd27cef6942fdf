#!/usr/bin/env python3
"""Counts the model types of transformers that laco collapses rightly.

    python3 -m venv V && V/bin/pip install transformers==5.24.0 torch
    V/bin/python census.py --laco ../../laco [--types llama,qwen3 …] [--keep DIR] [--json FILE]

For each decoder-only type that transformers has a causal language model for, it makes a tiny checkpoint of random weights with norms and biases
that aren't the identity, collapses it by ./laco, loads the result in transformers, and compares the similarity that laco reports with
the mean cosine of the final hidden states that transformers computes of both. A type is

    right    if nothing is missing or left over in the result, the layer counts agree, and the similarities agree to 1e-4
    nothing  if laco opens it but neither merges nor leaves out a layer at the settings used
    wrong    if the result doesn't load or a number differs
    refused  if laco says in a sentence that it doesn't read it
    skipped  if no tiny model of it could be made here
"""
import argparse
import inspect
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter

import torch
import transformers
from transformers import AutoModelForCausalLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

LAYERS = 6
WIDTH = 64
VOCABULARY = 128
TOLERANCE = 1e-4
LARGEST = 20_000_000

# Tiny values by every name that configurations have for them.
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH, "n_embd": WIDTH, "d_model": WIDTH, "embedding_size": WIDTH, "model_dim": WIDTH,
    "word_embed_proj_dim": WIDTH,
    "num_hidden_layers": LAYERS, "n_layer": LAYERS, "n_layers": LAYERS, "num_layers": LAYERS,
    "num_attention_heads": 4, "n_head": 4, "n_heads": 4, "num_heads": 4, "attention_heads": 4,
    "num_key_value_heads": 2, "num_kv_heads": 2, "head_dim": 16,
    "intermediate_size": 96, "ffn_dim": 96, "n_inner": 96, "ffn_hidden_size": 96, "intermediate_dim": 96,
    "moe_intermediate_size": 32, "shared_expert_intermediate_size": 48, "shared_intermediate_size": 48,
    "moe_shared_expert_intermediate_size": 48, "expert_ffn_hidden_size": 32,
    "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4, "moe_num_experts": 4,
    "num_experts_per_tok": 2, "moe_topk": 2, "moe_k": 2, "num_experts_per_token": 2, "top_k_experts": 2,
    "n_shared_experts": 1, "num_shared_experts": 1, "moe_num_shared_experts": 1, "n_group": 1, "topk_group": 1,
    "max_position_embeddings": 512, "n_positions": 512, "seq_length": 512, "max_seq_len": 512,
    "q_lora_rank": 24, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 16,
    "rotary_dim": 8,
    "linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 16, "linear_value_head_dim": 16,
    "mamba_n_heads": 4, "mamba_d_head": 32, "mamba_num_heads": 4, "mamba_head_dim": 32, "mamba_d_state": 16,
    "ssm_state_size": 16, "mamba_n_groups": 2, "n_groups": 2,
    "global_head_dim": 32, "num_global_key_value_heads": 2, "vocab_size_per_layer_input": VOCABULARY,
    "hidden_size_per_layer_input": 8,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}

# What follows from the number of layers and can't be left to the defaults.
OF_TYPE = {
    "longcat_flash": {"head_dim": 8},
    "gpt_neo": {"attention_types": [[["global", "local", "local"], LAYERS // 3]]},
    "lfm2_moe": {"layer_types": ["conv", "conv", "full_attention"] * (LAYERS // 3)},
    "bamba": {"attn_layer_indices": [2]},
    "falcon_h1": {"mamba_d_ssm": 2 * WIDTH},
    "mamba2": {"num_heads": 4, "head_dim": WIDTH // 2},
}


def settings(cls):
    """What of the tiny values a configuration takes, by its parameters and its defaults."""
    known = set(inspect.signature(cls.__init__).parameters) | set(getattr(cls, "__dataclass_fields__", {}))
    names = getattr(cls, "attribute_map", {})
    # Not by the attributes: those that layers have of their own can't be read of the whole.
    default = vars(cls())
    # Latent attention makes keys and values for each head.
    sizes = SIZES | ({"num_key_value_heads": 4} if "kv_lora_rank" in known else {})
    return {
        key: value
        for key, value in sizes.items()
        if (key in known or key in names) and not (default.get(names.get(key, key)) is None and key in ("num_kv_heads", "n_inner"))
    } | OF_TYPE.get(cls.model_type, {})


def shorten(config):
    """Lists with an entry a layer are as long as the default model is deep."""
    layers = getattr(config, "num_hidden_layers", LAYERS)
    for key, value in list(vars(config).items()):
        if isinstance(value, list) and len(value) > layers and key in ("layer_types", "no_rope_layers", "mlp_layer_types"):
            setattr(config, key, value[:layers])
    return config


def make(model_type, directory):
    cls = CONFIG_MAPPING[model_type]
    config = shorten(cls(**settings(cls)))
    if getattr(config, "is_encoder_decoder", False):
        return None
    # Some types nest configurations that stay as large as they were released.
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in AutoModelForCausalLM.from_config(config).parameters())
    if size > LARGEST:
        raise ValueError(f"{size:,} parameters are no tiny model")
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
            elif parameter.dim() > 1:
                parameter.normal_(0, 0.5 / parameter.shape[-1] ** 0.5)
    model.save_pretrained(directory)
    return model


def last_hidden(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids]), output_hidden_states=True, use_cache=False).hidden_states[-1].double().flatten()


def similarity(one, other, sequences):
    cosines = [torch.nn.functional.cosine_similarity(last_hidden(one, ids), last_hidden(other, ids), 0).item() for ids in sequences]
    return sum(cosines) / len(cosines)


def collapse(laco, directory, out, sequences, *more):
    calibration = directory.parent / "calibration.jsonl"
    calibration.write_text("".join(json.dumps({"input_ids": ids}) + "\n" for ids in sequences))
    return subprocess.run(
        [laco, "collapse", directory, out, "--layers", "3", "--interval", "1", "--threshold", "-1", "--low", "1", "--high", str(LAYERS),
         "--calibration", calibration, "--json", "--quiet", *more],
        capture_output=True, text=True)


def judge(laco, model_type, work):
    """The outcome and what is to be said of it."""
    directory, out = work / "model", work / "out"
    try:
        model = make(model_type, directory)
    except Exception as failure:  # whatever keeps a random model from being made
        return "skipped", f"{type(failure).__name__}: {failure}".splitlines()[0]
    if model is None:
        return "skipped", "an encoder-decoder"
    sequences = [[(7 * i + 3 * j) % (VOCABULARY - 4) + 3 for j in range(n)] for i, n in enumerate((9, 14, 20))]
    try:
        last_hidden(model, sequences[0])
    except Exception as failure:  # sizes that don't fit together
        return "skipped", f"{type(failure).__name__}: {failure}".splitlines()[0]
    run = collapse(laco, directory, out, sequences)
    if run.returncode:
        return "refused", run.stderr.strip().splitlines()[-1] if run.stderr.strip() else f"exit {run.returncode}"
    report = json.loads(run.stdout)
    how = "merged"
    if len(report["layers"]) == LAYERS:
        # Where kinds of layers alternate, they can be left out and not merged.
        shutil.rmtree(out)
        run = collapse(laco, directory, out, sequences, "--rule", "keep-first")
        report = json.loads(run.stdout) if run.returncode == 0 else report
        how = "left out"
    try:
        collapsed, loading = AutoModelForCausalLM.from_pretrained(
            out, attn_implementation="eager", dtype=torch.float32, output_loading_info=True)
    except Exception as failure:
        return "wrong", f"the result doesn't load: {type(failure).__name__}: {failure}".splitlines()[0]
    odd = sorted(loading["missing_keys"]) + sorted(loading["unexpected_keys"])
    if odd:
        return "wrong", "keys that don't fit: " + ", ".join(odd[:4])
    expected = similarity(model, collapsed.eval(), sequences)
    if abs(expected - report["similarity"]) > TOLERANCE:
        return "wrong", f"similarity {report['similarity']:.6f}, transformers has {expected:.6f}"
    return ("nothing" if len(report["layers"]) == LAYERS else "right"), f"{len(report['layers'])} layers, others {how}, similarity {expected:.6f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--laco", default=str(pathlib.Path(__file__).resolve().parents[2] / "laco"))
    parser.add_argument("--types", help="only these, parted by commas")
    parser.add_argument("--keep", help="where the checkpoints of types that aren't right are kept")
    parser.add_argument("--json", help="a file for the outcomes")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    types = options.types.split(",") if options.types else sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    outcomes = {}
    for model_type in types:
        work = pathlib.Path(tempfile.mkdtemp(prefix="census-"))
        try:
            outcome, detail = judge(options.laco, model_type, work)
            if options.keep and outcome == "wrong":
                shutil.copytree(work, pathlib.Path(options.keep) / model_type, dirs_exist_ok=True)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        outcomes[model_type] = {"outcome": outcome, "detail": detail}
        print(f"{model_type:28} {outcome:8} {detail[:140]}", flush=True)
    print(dict(Counter(entry["outcome"] for entry in outcomes.values())))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(outcomes, indent=2) + "\n")
    return 1 if any(entry["outcome"] == "wrong" for entry in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
