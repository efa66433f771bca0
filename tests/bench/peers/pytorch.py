"""PyTorch as a contender: `pytorch.py THREADS`. Speaks protocol.ts on standard input and output.

Networks and convolutions are made in NCHW and in channels_last, and the faster one is kept. In channels_last the
elements are flattened in the order in which they lie, in NCHW the rows of the dense kernel behind are permuted: the
same numbers, and no copy in either. Optimizers are the fused ones.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F

SAMPLED = 64
TRIALS = 3
LAYOUTS = {"NCHW": torch.contiguous_format, "channels_last": torch.channels_last}
ACTIVATIONS = {"linear": lambda x: x, "relu": F.relu, "tanh": torch.tanh}
EPSILON = 1e-7


def read(entry):
    dtype = {"float32": torch.float32, "int32": torch.int32}[entry["dtype"]]
    size = torch.Size(entry["shape"])
    return torch.from_file(entry["file"], size=size.numel(), dtype=dtype).clone().reshape(size)


def pictures(entry, layout):
    """NHWC in the file to a tensor [N, C, H, W]."""
    return read(entry).permute(0, 3, 1, 2).contiguous(memory_format=LAYOUTS[layout])


def kernels(entry, layout):
    """HWIO in the file to a tensor [O, I, H, W]."""
    return read(entry).permute(3, 2, 0, 1).contiguous(memory_format=LAYOUTS[layout])


class Network:
    """A network in one memory layout. `step` trains or predicts once."""

    def __init__(self, workload, phase, tensors, layout):
        self.layers = workload["layers"]
        self.train = phase == "train"
        self.layout = layout
        self.x = pictures(tensors["x"], layout)
        self.labels = read(tensors["labels"]).long()
        self.first = self.weights(tensors, *workload["input"])
        self.parameters = [weight.clone().requires_grad_(self.train) for weight in self.first]
        if self.train:
            options = dict(workload["optimizer"])
            rate = options["learningRate"]
            if options["kind"] == "adam":
                self.optimizer = torch.optim.Adam(self.parameters, lr=rate, eps=EPSILON, fused=True)
            else:
                self.optimizer = torch.optim.SGD(self.parameters, lr=rate, momentum=options["momentum"], fused=True)

    def weights(self, tensors, height, width, channels):
        """Kernels and zero biases of all layers; the sizes are followed to know what is flattened."""
        weights = []
        for layer in self.layers:
            entry = tensors.get(f"kernel{len(weights) // 2}")
            if layer["kind"] == "conv":
                weight = kernels(entry, self.layout)
                if layer["padding"] == "valid":
                    height, width = height - layer["kernel"] + 1, width - layer["kernel"] + 1
                channels = layer["filters"]
            elif layer["kind"] == "pool":
                extra = 1 if layer["ceil"] else 0
                height, width = (height + extra) // 2, (width + extra) // 2
                continue
            elif layer["kind"] == "flatten":
                continue
            else:
                weight = read(entry)
                if height > 0 and self.layout == "NCHW":
                    weight = weight.reshape(height, width, channels, -1).permute(2, 0, 1, 3).flatten(0, 2)
                height = 0
                weight = weight.t().contiguous()
            weights += [weight, torch.zeros(weight.shape[0])]
        return weights

    def forward(self):
        x = self.x
        weights = iter(self.parameters)
        for layer in self.layers:
            if layer["kind"] == "pool":
                x = F.max_pool2d(x, 2, ceil_mode=layer["ceil"])
            elif layer["kind"] == "flatten":
                x = (x.permute(0, 2, 3, 1) if self.layout == "channels_last" else x).flatten(1)
            else:
                if layer["kind"] == "conv":
                    x = F.conv2d(x, next(weights), next(weights), padding=layer["padding"])
                else:
                    x = F.linear(x, next(weights), next(weights))
                x = ACTIVATIONS[layer["activation"]](x)
        return x

    def step(self):
        if not self.train:
            with torch.inference_mode():
                self.output = self.forward()
            return
        self.optimizer.zero_grad(set_to_none=True)
        self.output = F.cross_entropy(self.forward(), self.labels)
        self.output.backward()
        self.optimizer.step()

    def values(self):
        return self.output.detach().flatten().tolist()

    def reset(self):
        with torch.no_grad():
            for parameter, first in zip(self.parameters, self.first):
                parameter.copy_(first)


class Convolution:
    """One pass of a 3x3 convolution in one memory layout."""

    def __init__(self, workload, phase, tensors, layout):
        self.layout = layout
        self.forward = workload["pass"] == "forward"
        self.input = pictures(tensors["input"], layout)
        self.weight = kernels(tensors["weight"], layout)
        self.grad_output = pictures(tensors["gradOutput"], layout)
        self.mask = [workload["pass"] == "input", workload["pass"] == "weight", False]

    def step(self):
        if self.forward:
            self.output = F.conv2d(self.input, self.weight, padding=1)
            return
        gradients = torch.ops.aten.convolution_backward(
            self.grad_output, self.input, self.weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, self.mask
        )
        self.output = next(gradient for gradient in gradients if gradient is not None)

    def values(self):
        order = (2, 3, 1, 0) if self.mask[1] else (0, 2, 3, 1)
        return sampled(self.output.permute(*order))

    def reset(self):
        pass


class Product:
    """A matrix product into memory that is there already."""

    layout = None

    def __init__(self, workload, tensors):
        a, b = read(tensors["a"]), read(tensors["b"])
        self.a = a.t() if workload["transposeA"] else a
        self.b = b.t() if workload["transposeB"] else b
        self.output = torch.empty(workload["n"], workload["n"])

    def step(self):
        torch.mm(self.a, self.b, out=self.output)

    def values(self):
        return sampled(self.output)

    def reset(self):
        pass


def sampled(tensor):
    values = tensor.flatten()
    return [values[i * len(values) // SAMPLED].item() for i in range(SAMPLED)]


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def timed(job, steps, clock):
    """Milliseconds of `steps` steps together."""
    now = CLOCKS[clock]
    started = now()
    for _ in range(steps):
        job.step()
    return (now() - started) * 1000


def load(request):
    """The job of a request, in the faster layout."""
    workload, phase, tensors = request["workload"], request["phase"], request["tensors"]
    if workload["kind"] == "gemm":
        return Product(workload, tensors)
    make = Network if workload["kind"] == "network" else Convolution
    # On one thread the time of the processor is the better judge, whoever else uses the machine.
    clock = "cpu" if torch.get_num_threads() == 1 else "wall"
    jobs = [make(workload, phase, tensors, layout) for layout in LAYOUTS]
    for job in jobs:
        job.step()
    times = [min(times) for times in zip(*[[timed(job, 1, clock) for job in jobs] for _ in range(TRIALS)])]
    layout = jobs[times.index(min(times))].layout
    # Anew, so that the optimizer has seen no step.
    return make(workload, phase, tensors, layout)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    job = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "load":
                job = load(request)
                reply = {"note": job.layout} if job.layout else {}
            else:
                if request["reset"]:
                    job.reset()
                ms = timed(job, request["steps"], request["clock"])
                reply = {"ms": ms, "values": job.values()}
        except Exception as error:  # told to the benchmark, which names it beside the row
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
