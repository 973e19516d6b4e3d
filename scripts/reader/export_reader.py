"""Writes the file that EncoderModel reads (layout: Sources/Reader/EncoderModel.swift).

export(state_dict, head_w, head_b, names, metadata, vocab_path, out_path) takes a BERT state dict by
transformers' names, with or without a "bert." prefix; tensors of torch or arrays of numpy.
"""
import json
import struct
import zlib

import numpy as np

MAGIC, VERSION, LIMIT = b"IntakeRd", 1, 30 << 20
MAGNITUDE = 4096.0


def _array(x):
    if hasattr(x, "detach"):
        x = x.detach().cpu().float().numpy()
    x = np.ascontiguousarray(x, dtype=np.float32)
    if not np.all(np.abs(x) <= MAGNITUDE):
        raise ValueError("a number is not finite or beyond 4,096")
    return x


def quantise(matrix):
    """Int8 rows and their scales, max|row| / 127; a row of zeros has scale 0."""
    matrix = _array(matrix)
    scale = (np.abs(matrix).max(axis=1) / np.float32(127)).astype(np.float32)
    safe = np.where(scale > 0, scale, np.float32(1))[:, None]
    return np.clip(np.rint(matrix / safe), -127, 127).astype(np.int8), scale


class _Writer:
    def __init__(self):
        self.parts = []

    def section(self, data):
        self.parts.append(data + bytes(-len(data) % 64))

    def floats(self, values):
        self.section(_array(values).astype("<f4").tobytes())

    def matrix(self, weights, bias=None):
        q, scale = quantise(weights)
        self.section(q.tobytes())
        self.floats(scale)
        if bias is not None:
            self.floats(bias)

    def norm(self, get, name):
        self.floats(get(name + ".weight"))
        self.floats(get(name + ".bias"))


def export(state_dict, head_w, head_b, names, metadata, vocab_path, out_path, heads=12):
    """Quantises and writes a model; returns its length in bytes. `metadata` is a str, or what json can write."""
    prefix = "bert." if any(k.startswith("bert.") for k in state_dict) else ""

    def get(name):
        return _array(state_dict[prefix + name])

    words = get("embeddings.word_embeddings.weight")
    positions = get("embeddings.position_embeddings.weight")
    types = get("embeddings.token_type_embeddings.weight")
    layers = 0
    while f"{prefix}encoder.layer.{layers}.output.dense.weight" in state_dict:
        layers += 1
    hidden = words.shape[1]
    intermediate = get("encoder.layer.0.intermediate.dense.weight").shape[0]
    head_w, head_b = _array(head_w), _array(head_b)
    if head_w.shape != (len(names), hidden) or head_b.shape != (len(names),):
        raise ValueError("head and names differ in number")
    if any("\n" in name for name in names):
        raise ValueError("a name has a newline")

    with open(vocab_path, "rb") as file:
        vocabulary = file.read().rstrip(b"\n")
    if vocabulary.count(b"\n") + 1 != words.shape[0]:
        raise ValueError("vocabulary and embeddings differ in number")
    if not isinstance(metadata, str):
        metadata = json.dumps(metadata, ensure_ascii=False, sort_keys=True)
    texts = [metadata.encode(), "\n".join(names).encode(), vocabulary]

    w = _Writer()
    for text in texts:
        w.section(text)
    w.matrix(words)
    w.matrix(positions)
    w.matrix(types)
    w.norm(get, "embeddings.LayerNorm")
    for i in range(layers):
        at = f"encoder.layer.{i}."
        own = at + "attention.self."
        parts = ("query", "key", "value")
        w.matrix(np.concatenate([get(f"{own}{p}.weight") for p in parts]),
                 np.concatenate([get(f"{own}{p}.bias") for p in parts]))
        w.matrix(get(at + "attention.output.dense.weight"), get(at + "attention.output.dense.bias"))
        w.norm(get, at + "attention.output.LayerNorm")
        w.matrix(get(at + "intermediate.dense.weight"), get(at + "intermediate.dense.bias"))
        w.matrix(get(at + "output.dense.weight"), get(at + "output.dense.bias"))
        w.norm(get, at + "output.LayerNorm")
    w.floats(head_w)
    w.floats(head_b)

    sizes = [hidden, layers, heads, intermediate, words.shape[0], positions.shape[0], types.shape[0], len(names)]
    body = b"".join(w.parts)
    fixed = struct.pack("<11I", *sizes, *map(len, texts))
    rest = bytes(128 - 24 - len(fixed))
    length = 128 + len(body)
    counted = struct.pack("<Q", length) + fixed + rest + body
    data = MAGIC + struct.pack("<II", VERSION, zlib.crc32(counted)) + counted
    if len(data) > LIMIT:
        raise ValueError(f"{len(data)} bytes, more than {LIMIT}")
    with open(out_path, "wb") as file:
        file.write(data)
    return len(data)
