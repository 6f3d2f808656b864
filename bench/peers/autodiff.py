"""A step of a net of bench/src/autodiff/nets.ts by PyTorch: python3 autodiff.py NAME train|infer THREADS writes
milliseconds and megabytes as JSON."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

name, what, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(1)


def perceptron(widths, bias=True):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers += [nn.Linear(a, b, bias=bias)] + ([nn.ReLU()] if i < len(widths) - 2 else [])
    return nn.Sequential(*layers)


class Block(nn.Module):
    def __init__(self, d, heads, bias):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d, bias=bias), nn.Linear(d, d, bias=bias)
        self.up, self.down = nn.Linear(d, 4 * d, bias=bias), nn.Linear(4 * d, d, bias=bias)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d)
        x = x + self.o(seen)
        return x + self.down(F.gelu(self.up(self.n2(x))))


class Transformer(nn.Module):
    def __init__(self, d, context, bias=True, characters=64, heads=4):
        super().__init__()
        self.e = nn.Embedding(characters, d)
        self.positions = nn.Parameter(torch.randn(context, d))
        self.layers = nn.ModuleList([Block(d, heads, bias), Block(d, heads, bias)])
        self.n, self.w = nn.LayerNorm(d), nn.Linear(d, characters, bias=bias)

    def forward(self, x):
        h = self.e(x) + self.positions
        for layer in self.layers:
            h = layer(h)
        return self.w(self.n(h)).flatten(0, 1)


class Recurrent(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.gru, self.w = nn.GRU(28, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, x):
        return self.w(self.gru(x)[1][0])


class Outputs(nn.Module):
    """A recurrent net without its last states."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)[0]


class Loop(nn.Module):
    """A cell, position by position."""

    def __init__(self, width):
        super().__init__()
        self.cell = nn.LSTMCell(width, width)

    def forward(self, x):
        state, outputs = None, []
        for row in x:
            state = self.cell(row, state)
            outputs.append(state[0])
        return torch.stack(outputs)


class Oscillators(nn.Module):
    """5000 steps of a classical Runge-Kutta method."""

    def __init__(self):
        super().__init__()
        self.stiffness, self.damping = nn.Parameter(torch.full((64,), 1.2)), nn.Parameter(torch.full((64,), 0.3))

    def slope(self, place, speed, push):
        return speed, push - (self.stiffness * place + self.damping * speed)

    def forward(self, x):
        h, outputs = 0.01, []
        place, speed = torch.zeros(64), torch.zeros(64)
        for push in x:
            a = self.slope(place, speed, push)
            b = self.slope(place + a[0] * (h / 2), speed + a[1] * (h / 2), push)
            c = self.slope(place + b[0] * (h / 2), speed + b[1] * (h / 2), push)
            d = self.slope(place + c[0] * h, speed + c[1] * h, push)
            place = place + (a[0] + d[0] + (b[0] + c[0]) * 2) * (h / 6)
            speed = speed + (a[1] + d[1] + (b[1] + c[1]) * 2) * (h / 6)
            outputs.append(place)
        return torch.stack(outputs)


class Residual(nn.Module):
    """The residual of Poisson's equation: second derivatives of a perceptron."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x):
        with torch.enable_grad():
            x = x.clone().requires_grad_(True)
            (first,) = torch.autograd.grad(self.net(x).sum(), x, create_graph=True)
            second = [torch.autograd.grad(first[:, i].sum(), x, create_graph=True)[0][:, i : i + 1] for i in (0, 1)]
            return second[0] + second[1] - 1


def recurrent(kind, batch, positions=64, width=128):
    return lambda: (Outputs(kind(width, width, batch_first=True)), torch.randn(batch, positions, width), None)


def classes(count, n):
    return torch.arange(n) * 7 % count


image = torch.randn(64, 1, 28, 28)
text = classes(64, 1024).view(16, 64)
short = classes(64, 768).view(16, 48)
nets = {
    "49-16-16-10": lambda: (perceptron([49, 16, 16, 10]), torch.randn(16, 49), classes(10, 16)),
    "64-32-10": lambda: (perceptron([64, 32, 10]), torch.randn(16, 64), classes(10, 16)),
    "226-200-200-113": lambda: (perceptron([226, 200, 200, 113], bias=False), torch.randn(5107, 226), classes(113, 5107)),
    "mlp": lambda: (perceptron([784, 256, 10]), torch.randn(64, 784), classes(10, 64)),
    "cnn": lambda: (
        nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(14 * 14 * 32, 10)),
        ),
        image,
        classes(10, 64),
    ),
    "lenet": lambda: (
        nn.Sequential(
            *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        ),
        image,
        classes(10, 64),
    ),
    "gru-rows": lambda: (Recurrent(64), torch.randn(64, 28, 28), classes(10, 64)),
    "transformer-64": lambda: (Transformer(64, 48, bias=False), short, short.flatten()),
    "transformer": lambda: (Transformer(128, 64), text, text.flatten()),
    **{"lstm-1": recurrent(nn.LSTM, 1), "lstm": recurrent(nn.LSTM, 16), "gru-1": recurrent(nn.GRU, 1), "gru": recurrent(nn.GRU, 16)},
    "conv1d": lambda: (
        nn.Sequential(
            *(nn.Conv1d(32, 64, 5, padding=2), nn.GroupNorm(8, 64), nn.ELU()),
            *(nn.Conv1d(64, 64, 5, padding=2, stride=2), nn.LeakyReLU()),
        ),
        torch.randn(16, 32, 128),
        None,
    ),
    "conv3d": lambda: (
        nn.Sequential(
            *(nn.Conv3d(1, 8, 3, padding=1), nn.InstanceNorm3d(8), nn.ReLU()),
            nn.Conv3d(8, 16, 3, padding=1, stride=2),
        ),
        torch.randn(4, 1, 16, 16, 16),
        None,
    ),
    "lstm-scan": lambda: (Loop(32), torch.randn(5000, 1, 32), None),
    "lstm-5000": recurrent(nn.LSTM, 1, 5000, 32),
    "ode-scan": lambda: (Oscillators(), torch.randn(5000, 64), None),
    "poisson": lambda: (Residual(), torch.randn(256, 2), None),
    "transformer-256": lambda: (Transformer(256, 64), text, text.flatten()),
}

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


before = peak()
net, x, y = nets[name]()
adam = torch.optim.Adam(net.parameters(), lr=1e-3)


def train():
    adam.zero_grad()
    out = net(x)
    loss = (out * out).mean() if y is None else F.cross_entropy(out, y)
    loss.backward()
    adam.step()


def infer():
    with torch.no_grad() if name == "poisson" else torch.inference_mode():
        net(x)


step = {"train": train, "infer": infer}[what]
started = time.perf_counter()
step()
first = (time.perf_counter() - started) * 1e3
end = time.perf_counter() + 0.3
steps = 0
while time.perf_counter() < end or steps < 3:
    step()
    steps += 1
count = max(1, round(steps / 5))
rounds = []
for _ in range(25):
    start, used = time.perf_counter(), time.process_time()
    for _ in range(count):
        step()
    rounds.append(((time.perf_counter() - start) / count * 1e3, (time.process_time() - used) / count * 1e3))
walls = sorted(w for w, _ in rounds)
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "wall": walls[0],
            "median": walls[12],
            "cpu": min(c for _, c in rounds),
            "first": first,
            "before": before,
            "peak": peak(),
        }
    )
)
