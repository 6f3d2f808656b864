"""Quantised networks: the operators, and files that onnxruntime's quantisation writes."""
import tempfile
from pathlib import Path

import onnx
from cases import T, case, contrib, factors8, h, node, np, numpy_helper, pick, real, rng, run
from onnxruntime import quantization as q


def whole8(*shape, low=0, high=256, dtype=np.uint8):
    return rng.integers(low, high, shape).astype(dtype)


def signed8(*shape):
    return whole8(*shape, low=-128, high=128, dtype=np.int8)


def scale(*shape):
    return real(*shape, low=0.01, high=0.1)


def grids():
    x = real(2, 3, 4)
    u, s, one = np.uint8(117), np.int8(-7), np.float32(0.013)
    for z in (u, s):
        case(f"QuantizeLinear {z.dtype}", node("QuantizeLinear", ["x", "s", "z"]), {"x": x}, {"s": one, "z": z})
        case(f"DequantizeLinear {z.dtype}", node("DequantizeLinear", ["x", "s", "z"]), {"x": signed8(2, 3) if z.dtype == np.int8 else whole8(2, 3)}, {"s": one, "z": z})
    case("QuantizeLinear without a zero point", node("QuantizeLinear", ["x", "s"]), {"x": x}, {"s": one})
    case("QuantizeLinear along an axis", node("QuantizeLinear", ["x", "s", "z"], axis=-2), {"x": x}, {"s": scale(3), "z": signed8(3)})
    case("DequantizeLinear along an axis", node("DequantizeLinear", ["x", "s", "z"], axis=1), {}, {"x": signed8(2, 30, 4), "s": scale(30), "z": signed8(30)})
    case("DequantizeLinear without a zero point", node("DequantizeLinear", ["x", "s"]), {"x": rng.integers(-999, 999, (5,)).astype(np.int32)}, {"s": one})
    case("DequantizeLinear in blocks", node("DequantizeLinear", ["x", "s", "z"], axis=0, block_size=2), {"x": signed8(6, 4)}, {"s": scale(3, 4), "z": signed8(3, 4)}, opset=21)
    for kind in (T.INT4, T.UINT4):
        packed = h.make_tensor("w", kind, [3, 7], whole8(21, high=7).tolist())
        y = [node("Constant", [], ["w"], value=packed), node("DequantizeLinear", ["w", "s"]), node("Identity", ["x"], ["z"])]
        case(f"DequantizeLinear of 4 bits {kind}", y, {"x": x}, {"s": one}, outputs=("y", "z"), opset=21)
    for shift in (0, 3, -3):
        case(f"DynamicQuantizeLinear {shift}", node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"]), {"x": x + np.float32(shift)}, outputs=("y", "s", "z"))
    case("DynamicQuantizeLinear of zeros", node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"]), {"x": 0 * x}, outputs=("y", "s", "z"))


def products():
    a, b = whole8(2, 3, 5), factors8(5, 4)
    case("MatMulInteger", node("MatMulInteger", ["a", "b", "za", "zb"]), {"a": a}, {"b": b, "za": np.uint8(9), "zb": signed8(4)})
    case("MatMulInteger without zero points", node("MatMulInteger", ["a", "b"]), {"a": a, "b": whole8(5, 4)})
    w = factors8(4, 2, 3, 3)
    a = dict(pads=[1, 0, 2, 1], strides=[1, 2], group=2)
    case("ConvInteger", node("ConvInteger", ["x", "w", "z"], **a), {"x": whole8(2, 4, 6, 7)}, {"w": whole8(4, 2, 3, 3), "z": np.uint8(99)})
    ends = {"sx": np.float32(0.03), "zx": np.uint8(120), "sy": np.float32(0.7), "zy": np.uint8(130)}
    linear = {**ends, "w": w, "sw": scale(4), "zw": np.zeros(4, np.int8), "b": rng.integers(-999, 999, 4).astype(np.int32)}
    case("QLinearConv", node("QLinearConv", ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"], **a), {"x": whole8(2, 4, 6, 7)}, linear)
    linear = {**ends, "b": b, "sb": np.float32(0.02), "zb": np.int8(3)}
    case("QLinearMatMul", node("QLinearMatMul", ["a", "sx", "zx", "b", "sb", "zb", "sy", "zy"]), {"a": whole8(2, 5)}, linear)
    gemm = {**linear, "c": rng.integers(-999, 999, 4).astype(np.int32)}
    case("QGemm", contrib("QGemm", ["a", "sx", "zx", "b", "sb", "zb", "c", "sy", "zy"], alpha=1.0), {"a": whole8(2, 5)}, gemm, kind=T.UINT8)
    real_ = {"b": b, "sx": np.float32(0.1), "sb": scale(4), "zx": np.uint8(8), "zb": signed8(4), "c": real(4)}
    case("MatMulIntegerToFloat", contrib("MatMulIntegerToFloat", ["a", "b", "sx", "sb", "zx", "zb", "c"]), {"a": whole8(2, 5)}, real_)
    case("DynamicQuantizeMatMul", contrib("DynamicQuantizeMatMul", ["x", "b", "sb", "zb", "c"]), {"x": real(2, 5)}, real_)
    for k, zeros in ((32, True), (40, False)):
        blocks = -(-k // 16)
        packed = {"w": whole8(6, blocks, 8), "s": scale(6 * blocks), "z": whole8(6 * -(-blocks // 2))}
        case(f"MatMulNBits {k}", contrib("MatMulNBits", ["x", "w", "s", *["z"][: +zeros]], N=6, K=k, bits=4, block_size=16), {"x": real(3, k)}, packed if zeros else {k: packed[k] for k in "ws"})
    ends = {"sa": np.float32(0.02), "za": np.uint8(100), "sb": np.float32(0.03), "zb": np.uint8(90), "sy": np.float32(0.025), "zy": np.uint8(50)}
    for op in ("QLinearAdd", "QLinearMul"):
        case(op, contrib(op, ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"]), {"a": whole8(3, 4), "b": whole8(4)}, ends, kind=T.UINT8)
    case("QLinearConcat", contrib("QLinearConcat", ["sy", "zy", "a", "sa", "za", "b", "sb", "zb"], axis=1), {"a": whole8(3, 4), "b": whole8(3, 2)}, ends, kind=T.UINT8)
    one = {k: ends[k] for k in ("sa", "za", "sy", "zy")}
    for op, a in (("QLinearSigmoid", {}), ("QLinearLeakyRelu", {"alpha": 0.3}), ("QLinearGlobalAveragePool", {}), ("QLinearAveragePool", {"kernel_shape": [2, 2]})):
        case(op, contrib(op, ["a", "sa", "za", "sy", "zy"], **a), {"a": whole8(2, 3, 4, 5)}, one, kind=T.UINT8)


class Samples(q.CalibrationDataReader):
    def __init__(self, make):
        self.left = [{"x": make()} for _ in range(8)]

    def get_next(self):
        return self.left.pop() if self.left else None


def files():
    """What quantize_dynamic and quantize_static write."""
    dense = [
        node("MatMul", ["x", "w1"], ["a"]), node("Add", ["a", "b1"], ["b"]), node("Relu", ["b"], ["c"]),
        node("Gemm", ["c", "w2", "b2"]),
    ]
    weights = {"w1": real(6, 16), "b1": real(16), "w2": real(16, 3), "b2": real(3)}
    images = [
        node("Conv", ["x", "k1", "b1"], ["a"], pads=[1, 1, 1, 1]), node("Relu", ["a"], ["b"]), node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["c", "k2"], ["d"]), node("Add", ["d", "d"], ["e"]), node("GlobalAveragePool", ["e"], ["f"]), node("Flatten", ["f"], ["g"]), node("MatMul", ["g", "w"]),
    ]
    filters = {"k1": real(8, 3, 3, 3), "b1": real(8), "k2": real(6, 8, 2, 2), "w": real(6, 4)}
    for name, nodes, constants, shape in (("dense", dense, weights, (4, 6)), ("convolutional", images, filters, (2, 3, 8, 8))):
        ends = [h.make_tensor_value_info(k, T.FLOAT, s) for k, s in (("x", shape), ("y", (shape[0], 3 if name == "dense" else 4)))]
        for i, one in enumerate(nodes):
            one.name = f"n{i}"
        graph = h.make_graph(nodes, name, ends[:1], ends[1:], [numpy_helper.from_array(v, k) for k, v in constants.items()])
        with tempfile.TemporaryDirectory() as folder:
            at, to = (str(Path(folder, f)) for f in ("in.onnx", "out.onnx"))
            onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), at)
            x = real(*shape)
            # onnxruntime 1.21 has no ConvInteger of signed filters.
            q.quantize_dynamic(at, to, weight_type=q.QuantType.QUInt8)
            run(f"{name}, quantised dynamically", onnx.load(to), {"x": x})
            for how in (q.QuantFormat.QDQ, q.QuantFormat.QOperator):
                for each in (False, True):
                    q.quantize_static(at, to, Samples(lambda: real(*shape)), quant_format=how, per_channel=each, activation_type=q.QuantType.QUInt8, reduce_range=True)
                    run(f"{name}, quantised statically, {how}{', by channel' if each else ''}", onnx.load(to), {"x": x})


def quantised():
    for group in (grids, products, files):
        group()
