"""The same search in PyTorch with what can be saved saved: the original runs once, and a candidate from its merged layer upward."""

import copy
import time

started = time.perf_counter()

import torch  # noqa: E402

import procedure  # noqa: E402


@torch.no_grad()
def main():
    args = procedure.arguments()
    model, batches = procedure.load(args)
    loaded = time.perf_counter()
    body = model.model
    current = list(body.layers)

    def run(layers, hidden, rotary):
        for layer in layers:
            out = layer(hidden, position_embeddings=rotary)
            hidden = out[0] if isinstance(out, tuple) else out
        return hidden

    entering, rotaries, references = [], [], []
    for ids in batches:
        hidden = body.embed_tokens(ids)
        rotary = body.rotary_emb(hidden, torch.arange(ids.shape[1])[None])
        states = [hidden]
        for layer in current:
            states.append(run([layer], states[-1], rotary))
        entering.append(states)
        rotaries.append(rotary)
        references.append(body.norm(states[-1]))

    def accepts(layer, merged):
        nonlocal current
        base = copy.deepcopy(current[layer])
        procedure.merge_into(base, current[layer + 1 : layer + merged + 1])
        above = [base] + current[layer + merged + 1 :]
        similarity = 0
        for states, rotary, reference in zip(entering, rotaries, references):
            similarity += procedure.cosine(body.norm(run(above, states[layer], rotary)), reference) / len(batches)
        if similarity > args.threshold:
            current = current[:layer] + above
            return True
        return False

    layers, candidates = procedure.schedule(len(current), args, accepts)
    procedure.report(started, loaded, layers, candidates)


main()
