"""Random graphs with onnxruntime's outputs, as a list of cases. Exits with 3 if a package is missing."""
import base64
import sys

try:
    import numpy as np
    import onnx

    # Before onnxruntime, which registers operators of the same names.
    import onnx.reference
    import onnxruntime as ort
    from onnx import TensorProto as T
    from onnx import helper as h
    from onnx import numpy_helper
except ImportError:
    sys.exit(3)

rng = np.random.default_rng(int(sys.argv[1]))
ort.set_default_logger_severity(4)
cases = []


def real(*shape, low=-2.0, high=2.0):
    return rng.uniform(low, high, shape).astype(np.float32)


def factors8(*shape):
    """Signed factors of products with unsigned bytes, of seven bits: onnxruntime adds pairs of products in 16 bits on
    processors with AVX2 alone, and clips larger ones."""
    return rng.integers(-64, 64, shape).astype(np.int8)


def whole(*values):
    return np.array(values, dtype=np.int64)


def pick(*options):
    return options[rng.integers(len(options))]


def plain(x):
    flat = [None if isinstance(v, float) and not np.isfinite(v) else v for v in x.reshape(-1).tolist()]
    return {"type": str(x.dtype), "shape": list(x.shape), "values": flat}


def case(name, nodes, inputs, constants={}, outputs=("y",), opset=17, kind=T.UNDEFINED):
    """Inputs are given at run time, constants are initialisers."""
    if not isinstance(nodes, list):
        nodes = [nodes]
    domains = sorted({n.domain for n in nodes} - {""})
    if domains and kind == T.UNDEFINED:
        kind = T.FLOAT
    info = lambda k, x: h.make_tensor_value_info(k, h.np_dtype_to_tensor_dtype(x.dtype), x.shape)
    graph = h.make_graph(
        nodes,
        "case",
        [info(k, x) for k, x in inputs.items()],
        [h.make_value_info(o, h.make_tensor_type_proto(kind, None)) for o in outputs],
        [numpy_helper.from_array(x, k) for k, x in constants.items()],
    )
    ir = 10 if opset > 20 else 8
    # Types of outputs are inferred, but for onnxruntime's own operators.
    imports = [h.make_opsetid("", opset), *[h.make_opsetid(d, 1) for d in domains]]
    model = h.make_model(graph, opset_imports=imports, ir_version=ir)
    run(name, onnx.shape_inference.infer_shapes(model) if kind == T.UNDEFINED else model, inputs, outputs)


def run(name, model, inputs, outputs=("y",)):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        found = session.run(list(outputs), inputs)
    except Exception as error:
        cases.append({"name": name, "skipped": str(error)[:300]})
        return
    cases.append(
        {
            "name": name,
            "model": base64.b64encode(model.SerializeToString()).decode(),
            "inputs": {k: plain(x) for k, x in inputs.items()},
            "outputs": {k: plain(x) for k, x in zip(outputs, found)},
        }
    )


def node(op, inputs, outputs=("y",), **attributes):
    return h.make_node(op, list(inputs), list(outputs), name="n" + op, **attributes)


def contrib(op, inputs, outputs=("y",), **attributes):
    return h.make_node(op, list(inputs), list(outputs), name="n" + op, domain="com.microsoft", **attributes)
