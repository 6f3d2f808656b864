"""One linear system by PETSc or SciPy: arguments the cell as JSON, a contender and a tolerance; prints one line of JSON."""
import json
import sys
import time

import numpy as np
import scipy
import scipy.sparse as sp
import scipy.sparse.linalg as sla


def grid(sides, anisotropy=1.0, convection=0.0, jumps=0.0):
    """As gridSystem of linear-systems.ts has it: places count fastest along the first side."""
    n = int(np.prod(sides))
    index = np.arange(n)
    rows, cols, values = [], [], []
    diagonal = np.zeros(n)
    stride = 1
    for k, side in enumerate(sides):
        at = (index // stride) % side
        weight = anisotropy if k == 1 else 1.0
        for step, flow in ((-1, -convection), (1, convection)):
            inside = (at + step >= 0) & (at + step < side)
            other = index + step * stride
            w = np.full(n, weight)
            if jumps:
                w[inside] *= np.sqrt(coefficient(index[inside], sides, jumps) * coefficient(other[inside], sides, jumps))
                w[~inside] *= coefficient(index[~inside], sides, jumps)
            diagonal += w
            rows.append(index[inside])
            cols.append(other[inside])
            values.append(-w[inside] + flow)
        stride *= side
    rows.append(index)
    cols.append(index)
    values.append(diagonal)
    return sp.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(cols))), shape=(n, n))


def coefficient(i, sides, jumps):
    """A board of squares, some of which conduct 10^jumps times as well."""
    out = np.zeros(len(i), dtype=np.int64)
    stride = 1
    for side in sides:
        out += ((i // stride) % side) * 8 // side
        stride *= side
    return np.where(out % 2 == 0, 1.0, 10.0**jumps)


# Calls are repeated until one of both is reached, as ours are.
CALLS, SECONDS = 20, 1.0

cell = json.loads(sys.argv[1])
contender, tol = sys.argv[2], float(sys.argv[3])
A = grid(cell["sides"], cell.get("anisotropy", 1.0), cell.get("convection", 0.0), cell.get("jumps", 0.0))
n = A.shape[0]
b = np.sin(1.3 * np.arange(n)) + 1
norm = np.linalg.norm(b)


def memory(which):
    """Megabytes that this process has (VmRSS), or had at most since the last reset (VmHWM)."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) / 1024


# What was taken to make the matrix does not count.
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
before = memory("VmRSS")
versions = f"scipy {scipy.__version__}"
library, method, preconditioner = (contender.split(":") + ["", ""])[:3]


def by_petsc():
    global versions
    import petsc4py

    petsc4py.init([])
    from petsc4py import PETSc

    versions += f", PETSc {'.'.join(map(str, PETSc.Sys.getVersion()))}"
    mat = PETSc.Mat().createAIJ(A.shape, csr=(A.indptr.astype(np.int32), A.indices.astype(np.int32), A.data))
    mat.assemble()
    if not cell.get("convection"):
        mat.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        mat.setOption(PETSc.Mat.Option.SPD, True)
    right = PETSc.Vec().createWithArray(b)
    goal = tol
    for _ in range(6):
        x = right.duplicate()
        ksp = PETSc.KSP().create()
        ksp.setType({"bcgs": "bcgs", "gmres": "gmres", "cg": "cg"}[method])
        pc = ksp.getPC()
        if preconditioner == "hypre":
            pc.setType("hypre")
            pc.setHYPREType("boomeramg")
        else:
            pc.setType(preconditioner)
        ksp.setOperators(mat)
        if method == "cg":
            ksp.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
        if method in ("gmres", "bcgs"):
            ksp.setPCSide(PETSc.PC.Side.RIGHT)
        if len(cell["sides"]) == 3 and preconditioner == "hypre":
            options = PETSc.Options()
            options["pc_hypre_boomeramg_strong_threshold"] = 0.5
            ksp.setFromOptions()
        ksp.setTolerances(rtol=goal, max_it=20000)
        start = time.process_time()
        ksp.setUp()
        middle = time.process_time()
        ksp.solve(right, x)
        end = time.process_time()
        residual = np.linalg.norm(b - A @ x.getArray()) / norm
        if residual <= tol * 1.001:
            break
        goal *= 0.3
    return middle - start, end - middle, ksp.getIterationNumber(), residual


def by_scipy():
    if method == "superlu":
        start = time.process_time()
        symmetric = not cell.get("convection")
        how = dict(permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=dict(SymmetricMode=True)) if symmetric else {}
        factor = sla.splu(A.tocsc(), **how)
        middle = time.process_time()
        x = factor.solve(b)
        end = time.process_time()
        return middle - start, end - middle, 1, np.linalg.norm(b - A @ x) / norm
    count = [0]

    def step(_):
        count[0] += 1

    start = time.process_time()
    x, _ = sla.cg(A, b, rtol=tol, maxiter=20000, callback=step)
    end = time.process_time()
    return 0.0, end - start, count[0], np.linalg.norm(b - A @ x) / norm


one = by_petsc if library == "petsc" else by_scipy
setup, solve, iterations, residual = one()
megabytes = memory("VmHWM") - before
calls, spent = 1, setup + solve
while calls < CALLS and spent < SECONDS:
    again = one()
    calls, spent = calls + 1, spent + again[0] + again[1]
    if again[0] + again[1] < setup + solve:
        setup, solve, iterations, residual = again
print(
    json.dumps(
        dict(
            setup=setup,
            solve=solve,
            iterations=iterations,
            residual=residual,
            megabytes=megabytes,
            versions=versions,
        )
    )
)
