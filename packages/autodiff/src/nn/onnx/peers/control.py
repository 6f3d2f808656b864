"""Branches and loops: graphs of onnx.helper, and what the exporter of PyTorch makes of scripted functions. python3 control.py SEED writes JSON as
operators.py does."""
import io
import json
import sys

from cases import T, cases, h, node, np, numpy_helper, onnx, real, rng, run, whole

try:
    import torch
except ImportError:
    torch = None

info = h.make_tensor_value_info


def graph(name, nodes, inputs, outputs, constants={}):
    """A body; inputs and outputs are names with a type and a shape, or names."""
    declared = lambda v: info(v, T.FLOAT, None) if isinstance(v, str) else info(*v)
    tensors = [numpy_helper.from_array(x, k) for k, x in constants.items()]
    return h.make_graph(nodes, name, [declared(v) for v in inputs], [declared(v) for v in outputs], tensors)


def model(nodes, inputs, constants={}, outputs=("y",), opset=17):
    # Numbers of rows are open.
    given = [info(k, h.np_dtype_to_tensor_dtype(x.dtype), ["n", *x.shape[1:]]) for k, x in inputs.items()]
    found = [h.make_value_info(o, h.make_tensor_type_proto(T.FLOAT, None)) for o in outputs]
    tensors = [numpy_helper.from_array(x, k) for k, x in constants.items()]
    return h.make_model(h.make_graph(nodes, "case", given, found, tensors), opset_imports=[h.make_opsetid("", opset)], ir_version=8)


def case(name, nodes, inputs, constants={}, outputs=("y",), opset=17):
    run(name, model(nodes, inputs, constants, outputs, opset), inputs, outputs)


def branches():
    x, w = real(2, 3), real(3)
    total = [node("ReduceSum", ["x"], ["s"], keepdims=0), node("Greater", ["s", "zero"], ["c"])]
    # Both branches name their values alike, and take x and w from around them.
    f = graph("f", [node("Mul", ["x", "w"], ["v"])], [], ["v"])
    g = graph("g", [node("Add", ["x", "k"], ["u"]), node("Tanh", ["u"], ["v"])], [], ["v"], {"k": real(3)})
    choice = node("If", ["c"], then_branch=f, else_branch=g)
    for sign in (1, -1):
        case(f"If {sign}", [*total, choice], {"x": sign * np.abs(x)}, {"w": w, "zero": np.float32(0)})
    for value in (True, False):
        case(f"If of a constant {value}", [choice], {"x": x}, {"w": w, "c": np.array(value)})
    one = graph("f", [node("Constant", [], ["v"], value=numpy_helper.from_array(real(3)))], [], ["v"])
    around = graph("g", [node("Identity", ["w"], ["v"])], [], ["v"])
    case("If of constants", [*total, node("If", ["c"], ["b"], then_branch=one, else_branch=around), node("Mul", ["x", "b"])], {"x": x}, {"w": w, "zero": np.float32(0)})
    pairs = [graph(k, [node("Relu", ["x"], ["p"]), node(op, ["x"], ["q"])], [], ["p", "q"]) for k, op in (("f", "Exp"), ("g", "Neg"))]
    case("If of two values", [*total, node("If", ["c"], ["y", "z"], then_branch=pairs[0], else_branch=pairs[1])], {"x": x}, {"zero": np.float32(0)}, outputs=("y", "z"))
    inner = node("If", ["d"], ["v"], then_branch=graph("f", [node("Abs", ["x"], ["v"])], [], ["v"]), else_branch=graph("g", [node("Mul", ["x", "m"], ["v"])], [], ["v"]))
    outer = graph("g", [node("Neg", ["w"], ["m"]), node("Less", ["s", "two"], ["d"]), inner], [], ["v"])
    case("If within If", [*total, node("If", ["c"], then_branch=f, else_branch=outer)], {"x": -np.abs(x)}, {"w": w, "zero": np.float32(0), "two": np.float32(-2)})
    # As PyTorch writes a squeeze of an axis that may not be 1.
    squeeze = [node("Shape", ["x"], ["n"]), node("Gather", ["n", "at"], ["d"]), node("Equal", ["d", "one"], ["c"])]
    flat = graph("f", [node("Squeeze", ["x", "axis"], ["v"])], [], ["v"])
    same = graph("g", [node("Identity", ["x"], ["v"])], [], ["v"])
    for rows in (1, 2):
        case(f"If of a shape {rows}", [*squeeze, node("If", ["c"], then_branch=flat, else_branch=same)], {"x": real(rows, 3)}, {"at": np.int64(0), "one": np.int64(1), "axis": whole(0)})


def loops():
    x, w = real(2, 3), real(3, 3, low=-0.5, high=0.5)
    step = [node("MatMul", ["h", "w"], ["p"]), node("Add", ["p", "x"], ["q"]), node("Tanh", ["q"], ["n"]), node("Identity", ["go"], ["more"])]
    inputs = [("i", T.INT64, []), ("go", T.BOOL, []), ("h", T.FLOAT, [2, 3])]
    body = graph("b", step, inputs, [("more", T.BOOL, []), ("n", T.FLOAT, [2, 3])])
    # 900 steps of four nodes are a loop also in a compiled program.
    for trips in (0, 1, 5, 900):
        case(f"Loop {trips}", [node("Loop", ["t", "", "x"], body=body)], {"x": x}, {"t": np.int64(trips), "w": w})
    gives = graph("b", [*step, node("ReduceSum", ["n"], ["r"], keepdims=0), node("Cast", ["i"], ["j"], to=T.FLOAT), h.make_node("Add", ["r", "j"], ["o"], name="added")], inputs, [("more", T.BOOL, []), ("n", T.FLOAT, [2, 3]), ("n2", T.FLOAT, [2, 3]), ("o", T.FLOAT, [])])
    gives.node.append(h.make_node("Identity", ["n"], ["n2"], name="again"))
    for trips in (0, 4, 400):
        case(f"Loop with values {trips}", [node("Loop", ["t", "yes", "x"], ["y", "all", "some"], body=gives)], {"x": x}, {"t": np.int64(trips), "w": w, "yes": np.array(True)}, outputs=("y", "all", "some"))
    # Doubled until it is large enough, which depends on the data.
    grow = [node("Add", ["h", "h"], ["n"]), node("ReduceMax", ["n"], ["r"], keepdims=0), node("Less", ["r", "limit"], ["more"])]
    free = [("i", T.INT64, []), ("go", T.BOOL, []), ("h", T.FLOAT, None)]
    until = graph("b", grow, free, [("more", T.BOOL, []), ("n", T.FLOAT, None)])
    for most in (3, 2**63 - 1):
        case(f"Loop until, at most {most}", [node("Loop", ["t", "yes", "x"], body=until)], {"x": np.abs(x)}, {"t": np.int64(most), "yes": np.array(True), "limit": np.float32(100)})
    case("Loop without a number", [node("Loop", ["", "yes", "x"], body=until)], {"x": np.abs(x)}, {"yes": np.array(True), "limit": np.float32(100)})
    case("Loop that does not begin", [node("Loop", ["", "no", "x"], body=until)], {"x": np.abs(x)}, {"no": np.array(False), "limit": np.float32(100)})
    # The number of steps is in the data.
    trips = [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Ceil", ["m"], ["k"]), node("Cast", ["k"], ["t"], to=T.INT64)]
    case("Loop as often as a value says", [*trips, node("Loop", ["t", "", "x"], body=body)], {"x": x + 3}, {"w": w})
    # A state that grows.
    longer = graph("b", [node("Concat", ["h", "x"], ["n"], axis=0), node("Identity", ["go"], ["more"])], free, [("more", T.BOOL, []), ("n", T.FLOAT, None)])
    case("Loop with a state that grows", [node("Loop", ["t", "", "x"], body=longer)], {"x": x}, {"t": np.int64(3)})
    # Rows of x by the number of the step, and a choice within.
    rows = [node("Gather", ["x", "i"], ["row"]), node("Mod", ["i", "two"], ["odd"]), node("Cast", ["odd"], ["c"], to=T.BOOL)]
    inner = node("If", ["c"], ["v"], then_branch=graph("f", [node("Neg", ["row"], ["v"])], [], ["v"]), else_branch=graph("g", [node("Mul", ["row", "row"], ["v"])], [], ["v"]))
    alternating = graph("b", [*rows, inner, node("Add", ["h", "v"], ["n"]), node("Identity", ["go"], ["more"])], [*inputs[:2], ("h", T.FLOAT, [3])], [("more", T.BOOL, []), ("n", T.FLOAT, [3])])
    for trips in (4, 600):
        case(f"Loop with a choice {trips}", [node("Loop", ["t", "", "z"], body=alternating)], {"x": real(trips, 3)}, {"t": np.int64(trips), "z": real(3), "two": np.int64(2)})


def scans():
    w = real(3, 3, low=-0.5, high=0.5)
    nodes = [node("MatMul", ["h", "w"], ["p"]), node("Add", ["p", "v"], ["q"]), node("Tanh", ["q"], ["n"]), node("Mul", ["n", "u"], ["o"])]
    body = graph("b", nodes, [("h", T.FLOAT, [2, 3]), ("v", T.FLOAT, [2, 3]), ("u", T.FLOAT, [3])], [("n", T.FLOAT, [2, 3]), ("o", T.FLOAT, [2, 3])])
    for length in (1, 5, 700):
        for turned in (0, 1):
            a = dict(num_scan_inputs=2, scan_input_axes=[1, -2], scan_input_directions=[turned, 0], scan_output_axes=[-1], scan_output_directions=[1 - turned])
            case(f"Scan {length} {turned}", [node("Scan", ["s", "x", "z"], ["y", "all"], body=body, **a)], {"s": real(2, 3), "x": real(2, length, 3), "z": real(length, 3)}, {"w": w}, outputs=("y", "all"))
    total = graph("b", [node("Add", ["h", "v"], ["n"]), node("Identity", ["n"], ["o"])], [("h", T.FLOAT, [2]), ("v", T.FLOAT, [2])], [("n", T.FLOAT, [2]), ("o", T.FLOAT, [2])])
    case("Scan of a sum", [node("Scan", ["s", "x"], ["y", "all"], body=total, num_scan_inputs=1)], {"s": real(2), "x": real(4, 2)}, outputs=("y", "all"))
    only = graph("b", [node("Exp", ["v"], ["o"])], [("v", T.FLOAT, [2])], [("o", T.FLOAT, [2])])
    case("Scan without a state", [node("Scan", ["x"], body=only, num_scan_inputs=1)], {"x": real(4, 2)})


def scripts():
    """Modules of PyTorch, scripted, so that loops and branches are part of the file."""
    if torch is None:
        return
    from torch import nn

    class Repeat(nn.Module):
        def __init__(self):
            super().__init__()
            self.f = nn.Linear(3, 3)

        def forward(self, x):
            for i in range(4):
                x = torch.tanh(self.f(x)) + i
            return x

    class Rows(nn.Module):
        def forward(self, x):
            s = torch.zeros_like(x[0])
            for i in range(x.size(0)):
                s = s * 0.5 + x[i] * i
            return s

    class Choice(nn.Module):
        def __init__(self):
            super().__init__()
            self.f, self.g = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x):
            if bool(x.sum() > 0):
                y = self.f(x)
            else:
                y = torch.relu(self.g(x))
            return y

    class Until(nn.Module):
        def forward(self, x):
            while bool(x.abs().sum() > 1):
                x = x / 2
            return x

    class Collected(nn.Module):
        def forward(self, x):
            out = []
            for i in range(x.size(1)):
                out.append(torch.sigmoid(x[:, i]) * i)
            return torch.stack(out, 1)

    x = torch.from_numpy(real(4, 3))
    for name, module, given in (
        ("Repeat", Repeat(), x), ("Rows", Rows(), x), ("Choice yes", Choice(), x.abs()), ("Choice no", Choice(), -x.abs()),
        ("Until", Until(), x), ("Collected", Collected(), x),
    ):
        file = io.BytesIO()
        scripted = torch.jit.script(module.eval())
        torch.onnx.export(scripted, (given,), file, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}}, opset_version=17)
        run("script " + name, onnx.load_from_string(file.getvalue()), {"x": given.numpy()})


def control():
    for group in (branches, loops, scans, scripts):
        group()


if __name__ == "__main__":
    control()
    json.dump(cases, sys.stdout)
