"""Small GPT-2 and BERT with random weights under the names of Hugging Face's files, and what PyTorch's functions make of some tokens. JSON on stdout."""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
WIDTH, HEADS, HIDDEN, BLOCKS, VOCABULARY, PLACES = 12, 3, 20, 2, 17, 9
tokens = torch.tensor([[3, 1, 4, 1, 5, 9, 2]])


def drawn(*shape):
    return 0.5 * torch.randn(*shape)


def attention(q, k, v, causal):
    n, t, _ = q.shape
    q, k, v = (x.view(n, t, HEADS, WIDTH // HEADS).transpose(1, 2) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).reshape(n, t, WIDTH)


def norm(x, w, name, epsilon):
    return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], epsilon)


def gpt2():
    w = {"wte.weight": drawn(VOCABULARY, WIDTH), "wpe.weight": drawn(PLACES, WIDTH)}
    for k in range(BLOCKS):
        for name, rows, columns in (
            ("attn.c_attn", WIDTH, 3 * WIDTH),
            ("attn.c_proj", WIDTH, WIDTH),
            ("mlp.c_fc", WIDTH, HIDDEN),
            ("mlp.c_proj", HIDDEN, WIDTH),
        ):
            w[f"h.{k}.{name}.weight"], w[f"h.{k}.{name}.bias"] = drawn(rows, columns), drawn(columns)
        for name in ("ln_1", "ln_2"):
            w[f"h.{k}.{name}.weight"], w[f"h.{k}.{name}.bias"] = 1 + drawn(WIDTH), drawn(WIDTH)
        w[f"h.{k}.attn.bias"] = torch.ones(1, 1, PLACES, PLACES)
    w["ln_f.weight"], w["ln_f.bias"] = 1 + drawn(WIDTH), drawn(WIDTH)
    x = w["wte.weight"][tokens] + w["wpe.weight"][: tokens.shape[1]]
    for k in range(BLOCKS):
        product = lambda x, name: x @ w[f"h.{k}.{name}.weight"] + w[f"h.{k}.{name}.bias"]
        parts = product(norm(x, w, f"h.{k}.ln_1", 1e-5), "attn.c_attn").split(WIDTH, dim=2)
        x = x + product(attention(*parts, True), "attn.c_proj")
        inner = F.gelu(product(norm(x, w, f"h.{k}.ln_2", 1e-5), "mlp.c_fc"), approximate="tanh")
        x = x + product(inner, "mlp.c_proj")
    config = {
        "model_type": "gpt2",
        "n_embd": WIDTH,
        "n_head": HEADS,
        "n_inner": HIDDEN,
        "n_layer": BLOCKS,
        "n_positions": PLACES,
        "vocab_size": VOCABULARY,
        "activation_function": "gelu_new",
    }
    return config, w, norm(x, w, "ln_f", 1e-5) @ w["wte.weight"].T


def bert():
    w = {
        "bert.embeddings.word_embeddings.weight": drawn(VOCABULARY, WIDTH),
        "bert.embeddings.position_embeddings.weight": drawn(PLACES, WIDTH),
        "bert.embeddings.token_type_embeddings.weight": drawn(2, WIDTH),
        "bert.embeddings.LayerNorm.gamma": 1 + drawn(WIDTH),
        "bert.embeddings.LayerNorm.beta": drawn(WIDTH),
        "bert.pooler.dense.weight": drawn(WIDTH, WIDTH),
        "bert.pooler.dense.bias": drawn(WIDTH),
    }
    for k in range(BLOCKS):
        for name, rows, columns in (
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", HIDDEN, WIDTH),
            ("output.dense", WIDTH, HIDDEN),
        ):
            at = f"bert.encoder.layer.{k}.{name}"
            w[f"{at}.weight"], w[f"{at}.bias"] = drawn(rows, columns), drawn(rows)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            at = f"bert.encoder.layer.{k}.{name}"
            w[f"{at}.weight"], w[f"{at}.bias"] = 1 + drawn(WIDTH), drawn(WIDTH)
    table = lambda name: w[f"bert.embeddings.{name}_embeddings.weight"]
    x = table("word")[tokens] + table("position")[: tokens.shape[1]] + table("token_type")[0]
    at = "bert.embeddings.LayerNorm"
    x = F.layer_norm(x, (WIDTH,), w[f"{at}.gamma"], w[f"{at}.beta"], 1e-12)
    for k in range(BLOCKS):
        product = lambda x, name: F.linear(
            x, w[f"bert.encoder.layer.{k}.{name}.weight"], w[f"bert.encoder.layer.{k}.{name}.bias"]
        )
        parts = (product(x, f"attention.self.{name}") for name in ("query", "key", "value"))
        at = f"bert.encoder.layer.{k}"
        attended = product(attention(*parts, False), "attention.output.dense")
        x = norm(x + attended, w, f"{at}.attention.output.LayerNorm", 1e-12)
        inner = product(F.gelu(product(x, "intermediate.dense")), "output.dense")
        x = norm(x + inner, w, f"{at}.output.LayerNorm", 1e-12)
    config = {
        "model_type": "bert",
        "hidden_size": WIDTH,
        "num_attention_heads": HEADS,
        "intermediate_size": HIDDEN,
        "num_hidden_layers": BLOCKS,
        "max_position_embeddings": PLACES,
        "vocab_size": VOCABULARY,
        "hidden_act": "gelu",
    }
    return config, w, x


def plain(config, w, y):
    tensors = {name: {"shape": list(t.shape), "values": t.flatten().tolist()} for name, t in w.items()}
    return {"config": config, "tensors": tensors, "values": y.flatten().tolist()}


print(json.dumps({"tokens": tokens[0].tolist(), "models": {"gpt2": plain(*gpt2()), "bert": plain(*bert())}}))
