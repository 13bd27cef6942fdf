"""Layer collapse as its paper describes it: each candidate is a deep copy, and both models run in full on each sentence."""

import copy
import time

started = time.perf_counter()

import torch  # noqa: E402

import procedure  # noqa: E402


@torch.no_grad()
def main():
    args = procedure.arguments()
    original, batches = procedure.load(args)
    loaded = time.perf_counter()
    current = copy.deepcopy(original)

    def output(model, ids):
        return model(ids, output_hidden_states=True).hidden_states[-1]

    def accepts(layer, merged):
        nonlocal current
        candidate = copy.deepcopy(current)
        layers = candidate.model.layers
        procedure.merge_into(layers[layer], layers[layer + 1 : layer + merged + 1])
        del layers[layer + 1 : layer + merged + 1]
        procedure.renumber(layers)
        candidate.config.num_hidden_layers = len(layers)
        similarity = sum(procedure.cosine(output(candidate, ids), output(original, ids)) for ids in batches) / len(batches)
        if similarity > args.threshold:
            current = candidate
            return True
        return False

    layers, candidates = procedure.schedule(len(original.model.layers), args, accepts)
    procedure.report(started, loaded, layers, candidates)


main()
