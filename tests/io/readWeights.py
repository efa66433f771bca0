"""What the Python package safetensors reads of a file, as JSON: `readWeights.py FILE`."""

import json
import sys

from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    tensors = {
        name: {
            "dtype": str(file.get_tensor(name).dtype),
            "shape": list(file.get_tensor(name).shape),
            "bytes": file.get_tensor(name).tobytes().hex(),
        }
        for name in file.keys()
    }
    print(json.dumps({"metadata": file.metadata(), "tensors": tensors}))
