"""Records a few numbers of the next-token loss's gradients, as PyTorch computes them, for checkpoints with sequences of ids.

Needs torch and transformers 5. Run in this directory, with folders that are fixtures or whose subfolders are; what is recorded of others stays:

    python make_gradients.py ../fixtures .
    python make_gradients.py mamba jamba

The loss is the mean over all tokens that are predicted in a fixture's sequences, in float32. Of each layer the norm of all its weights'
gradients is kept, and of each kind of weight (one layer's, another one's for each kind) the norm and some elements.
"""

import json
import pathlib
import re
import sys
import tempfile

import torch
from make_references import WITHOUT_EMBEDDINGS
from make_references import load as load_reference
from safetensors.torch import load_file

ELEMENTS = 3
LAYER = re.compile(r"(.*?(?:layers|h|blocks)\.)(\d+)\.(.+)")


class Baichuan(torch.nn.Module):
    """Baichuan, which transformers has no class for: Llama with one map for queries, keys and values, or with ALiBi."""

    def __init__(self, config, state):
        super().__init__()
        self.config = config
        self.names = list(state)
        self.weights = torch.nn.ParameterDict(
            {name.replace(".", "/"): torch.nn.Parameter(value.float()) for name, value in state.items()})

    def weight(self, name):
        return self.weights[(name + ".weight").replace(".", "/")]

    def norm(self, name, x):
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"])
        return x * self.weight(name)

    def positions(self, length):
        heads, size = self.config["num_attention_heads"], self.config["hidden_size"] // self.config["num_attention_heads"]
        bias = torch.full((length, length), float("-inf")).triu(1).expand(heads, length, length)
        if self.config.get("position_embedding") == "alibi":
            power = 2 ** (heads.bit_length() - 1)
            slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)]
            slopes += [2 ** (-4 * (2 * i + 1) / power) for i in range(heads - power)]
            distance = torch.arange(length)[None, :] - torch.arange(length)[:, None]
            return bias + torch.tensor(slopes)[:, None, None] * distance, lambda x: x
        angles = torch.arange(length)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
        cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
        return bias, lambda x: x * cos + torch.cat([-x[..., size // 2:], x[..., :size // 2]], -1) * sin

    def attention(self, name, x):
        length, width = x.shape
        heads = self.config["num_attention_heads"]
        packed = x @ self.weight(name + ".W_pack").T
        q, k, v = (part.view(length, heads, -1).transpose(0, 1) for part in packed.split(width, -1))
        bias, rotate = self.positions(length)
        scores = rotate(q) @ rotate(k).transpose(1, 2) / (width // heads) ** 0.5 + bias
        return (scores.softmax(-1) @ v).transpose(0, 1).reshape(length, width) @ self.weight(name + ".o_proj").T

    def forward(self, embedded):
        x = embedded[0]
        for i in range(self.config["num_hidden_layers"]):
            layer = f"model.layers.{i}."
            x = x + self.attention(layer + "self_attn", self.norm(layer + "input_layernorm", x))
            y = self.norm(layer + "post_attention_layernorm", x)
            gate = torch.nn.functional.silu(y @ self.weight(layer + "mlp.gate_proj").T)
            x = x + (gate * (y @ self.weight(layer + "mlp.up_proj").T)) @ self.weight(layer + "mlp.down_proj").T
        head = self.weight("lm_head")
        if self.config.get("norm_head"):
            head = torch.nn.functional.normalize(head)
        return self.norm("model.norm", x) @ head.T

    def loss(self, ids):
        embedded = self.weight("model.embed_tokens")[ids]
        embedded.retain_grad()
        return self(embedded), embedded

    def gradients(self):
        return {name: self.weights[name.replace(".", "/")].grad for name in self.names}


class Pretrained:
    """A model of transformers."""

    def __init__(self, folder, names):
        self.names = names
        self.model = load_reference(folder, experts_implementation="eager")

    def loss(self, ids):
        if self.model.config.model_type in WITHOUT_EMBEDDINGS:
            embedded = self.model.get_input_embeddings()(ids)
            embedded.retain_grad()
            return self.model(inputs_embeds=embedded, use_cache=False).logits[0], embedded
        output = self.model(ids, output_hidden_states=True, use_cache=False)
        output.hidden_states[0].retain_grad()
        return output.logits[0], output.hidden_states[0]

    def gradients(self):
        """Saved in the place of the weights, so that they get the shapes of a checkpoint, and the names of this one."""
        for parameter in self.model.parameters():
            parameter.data = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for buffer in self.model.buffers():
            buffer.zero_()
        with tempfile.TemporaryDirectory() as folder:
            self.model.save_pretrained(folder)
            saved = load_file(pathlib.Path(folder) / "model.safetensors")
        shorter = {name: name.removeprefix("transformer.") for name in saved}
        return {name if name in self.names else shorter[name]: value for name, value in saved.items()}


def load(folder):
    config = json.loads((folder / "config.json").read_text())
    state = {}
    for shard in sorted(folder.glob("*.safetensors")):
        state |= load_file(shard)
    return Baichuan(config, state) if config["model_type"] == "baichuan" else Pretrained(folder, set(state))


def compute(folder):
    """Returns the loss and the gradients by the hidden states that enter layer 0 and by the weights."""
    expected = load_file(folder / "expected.safetensors")
    model = load(folder / "model")
    sequences = [expected[f"input_ids.{i}"][None] for i in range(3)]
    count = sum(ids.shape[1] - 1 for ids in sequences)
    total, embedded = 0.0, []
    for i, ids in enumerate(sequences):
        logits, entering = model.loss(ids)
        difference = (logits - expected[f"logits.{i}"]).abs().max() / logits.abs().max()
        assert difference < 2e-5, f"{folder}: logits differ by {difference}"
        loss = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:], reduction="sum") / count
        loss.backward()
        total += loss.item()
        embedded.append(entering.grad[0])
    return total, torch.cat(embedded), model.gradients()


def numbers(gradient):
    flat = gradient.flatten().double()
    places = sorted({int(flat.abs().argmax()), *range(0, len(flat), max(1, len(flat) // ELEMENTS))})[:ELEMENTS + 1]
    return {"norm": rounded(flat.norm()), "elements": {str(i): rounded(flat[i]) for i in places}}


def rounded(x):
    return float(f"{x:.6g}")


def record(folder):
    loss, embedded, gradients = compute(folder)
    layers, kinds, tensors = {}, {}, {"embedded": embedded}
    for name, gradient in gradients.items():
        if name.endswith(("layer_scalar", "act_fn.beta", "act_fn.eps")):  # buffers of Gemma 4 and of Apertus
            continue
        if "visual." in name or ".experts." in name and not gradient.any():  # what laco doesn't run, or nothing goes through
            continue
        match = LAYER.fullmatch(name)
        if match:
            layers.setdefault(int(match[2]), []).append(gradient)
            kinds.setdefault(re.sub(r"\d+", "#", match[3]), []).append(name)
        elif "embed" not in name and "wte" not in name and "wpe" not in name:
            tensors[name] = gradient
    for number, names in enumerate(kinds.values()):
        name = names[(7 * number + 1) % len(names)]
        tensors[name] = gradients[name]
    return {
        "loss": rounded(loss),
        "layers": [rounded(torch.cat([g.flatten().double() for g in layers[i]]).norm()) for i in sorted(layers)],
        "tensors": {name: numbers(tensor) for name, tensor in tensors.items()},
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    recorded = json.loads(pathlib.Path("gradients.json").read_text())
    for given in map(pathlib.Path, sys.argv[1:]):
        for path in [given, *sorted(given.iterdir())]:
            if (path / "expected.safetensors").exists():
                recorded[path.name] = record(path)
                print(path.name, recorded[path.name]["loss"], flush=True)
    with open("gradients.json", "w") as file:
        lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(recorded.items()))
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
