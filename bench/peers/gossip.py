"""Events of DADAO with NumPy arrays and a heap of clocks, for quadratics: CPU seconds per event, by case."""
import heapq
import json
import math
import sys
import time

import numpy as np


def constants(mu, L, chi1):
    nu = mu / 2
    r = math.sqrt(nu / L)
    return dict(nu=nu, alpha=r / 4, theta=1 / (2 * r), beta=0.5, beta_tilde=2 * chi1 / r,
                gamma=1 / (4 * L), gamma_tilde=1 / (4 * math.sqrt(L * nu)), delta=r / 4 + 1)


def simulate(case):
    n, d, links, rates, events = case["n"], case["d"], case["links"], case["rates"], case["events"]
    c = constants(case["mu"], case["L"], case["chi1"])
    nu, alpha, theta = c["nu"], c["alpha"], c["theta"]
    omega = math.sqrt(alpha * theta - alpha * alpha / 4)
    b = 3 * alpha / 2
    q = -theta / (theta + b / 2)
    rng = np.random.default_rng(1)
    targets = rng.uniform(size=(n, d))
    state = np.zeros((n, 6, d))
    since = [0.0] * n
    M = np.zeros((6, 6))

    def flow(i, now):
        """One product with the exponential, whose entries are in closed form."""
        t = now - since[i]
        since[i] = now
        e = math.exp(-alpha * t / 2)
        e2, e3 = e * e, e * e * e
        co, si = e * math.cos(omega * t), e * math.sin(omega * t) / omega
        a, g = co - alpha / 2 * si, alpha * si  # Y by h, by h~
        h, k = -theta * si, co + alpha / 2 * si  # Y~ by h, by h~
        M[0, 0] = M[1, 1] = (1 + e2) / 2
        M[0, 1] = M[1, 0] = (1 - e2) / 2
        # p, byX and byZ as combinations of X, X~, Z, Z~
        p = (-nu / 2, -nu / 2, -1 / 3, -2 / 3)
        x = (-nu / 2, nu / 2, 0, 0)
        z = (0, 0, q * 2 / 3, -q * 2 / 3)
        for col, pj, xj, zj in zip((0, 1, 4, 5), p, x, z):
            u, v = -pj + xj - zj, -pj + zj / 2
            M[2, col] = pj - xj * e2 + zj * e3 + a * u + g * v
            M[3, col] = pj - zj / 2 * e3 + h * u + k * v
        M[2, 2], M[2, 3], M[3, 2], M[3, 3] = a, g, h, k
        M[4, 4], M[4, 5] = 1 / 3 + 2 / 3 * e3, 2 / 3 - 2 / 3 * e3
        M[5, 4], M[5, 5] = 1 / 3 - e3 / 3, 2 / 3 + e3 / 3
        state[i] = M @ state[i]

    draw = rng.exponential
    clocks = [(draw(), i) for i in range(n)] + [(draw() / rates[k], n + k) for k in range(len(links)) if rates[k] > 0]
    heapq.heapify(clocks)
    for _ in range(events):
        now, who = clocks[0]
        if who < n:
            flow(who, now)
            s = state[who]
            rest = (s[0] - targets[who]) - nu * s[0] - s[3]
            s[0] -= c["gamma"] * rest
            s[1] -= c["gamma_tilde"] * rest
            s[3] += c["delta"] * rest
            heapq.heapreplace(clocks, (now + draw(), who))
        else:
            i, j = links[who - n]
            flow(i, now)
            flow(j, now)
            m = (state[i, 2] + state[i, 4]) - (state[j, 2] + state[j, 4])
            state[i, 4] -= c["beta"] * m
            state[j, 4] += c["beta"] * m
            state[i, 5] -= c["beta_tilde"] * m
            state[j, 5] += c["beta_tilde"] * m
            heapq.heapreplace(clocks, (now + draw() / rates[who - n], who))
    mean = targets.mean(axis=0)
    return float(((state[:, 0] - mean) ** 2).sum() / n)


out = []
for case in json.loads(sys.argv[1])["cases"]:
    before = time.process_time()
    error = simulate(case)
    out.append({"seconds": (time.process_time() - before) / case["events"], "error": error})
print(json.dumps({"cases": out}))
