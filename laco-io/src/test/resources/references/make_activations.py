"""Records values and derivatives of the activations that transformers knows by name and that have no weights.

Needs torch and transformers 5. Run in this directory; writes activations.json.
"""

import json

import torch
from transformers.activations import ACT2FN

# No point is a kink of a function, where a derivative is a matter of taste.
POINTS = [round(-11.9 + 0.37 * i, 2) for i in range(65)] + [-1e-3, 1e-3]

if __name__ == "__main__":
    functions = {}
    for name in sorted(ACT2FN):
        function = ACT2FN[name]
        if any(True for _ in function.parameters()):
            continue
        x = torch.tensor(POINTS, requires_grad=True)
        values = function(x)
        values.sum().backward()
        functions[name] = {"values": values.tolist(), "slopes": x.grad.tolist()}
    with open("activations.json", "w") as file:
        json.dump({"points": POINTS, "functions": functions}, file, indent=None)
        file.write("\n")
