"""The rates of scikit-learn and fastText on the same rows as triage-bench's speed: one line each.

    others.py ROWS.tsv FOLDER      FOLDER takes fastText's model and input
"""
import os, resource, subprocess, sys, time

from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

rows = [line.rstrip("\n").split("\t", 2) for line in open(sys.argv[1], encoding="utf-8")]
texts, labels = [row[2] for row in rows], [row[1] for row in rows]
known = sorted(set(labels))[0]

# The study's design b without idf: the same n-grams as ours, in 2^16 buckets each.
model = make_pipeline(
    make_union(
        HashingVectorizer(n_features=1 << 16, ngram_range=(1, 2), alternate_sign=False),
        HashingVectorizer(n_features=1 << 16, analyzer="char_wb", ngram_range=(3, 5), alternate_sign=False)),
    LogisticRegression(C=10, max_iter=200))
model.fit(texts[:500], [label == known for label in labels[:500]])
start = time.process_time()
model.predict_proba(texts)
together = len(texts) / (time.process_time() - start)
start = time.process_time()
for text in texts[:500]:
    model.predict_proba([text])
alone = 500 / (time.process_time() - start)
print(f"scikit-learn, hashed n-grams and logistic regression: {together:.0f} documents/s all at once, {alone:.0f} one by one")


def processor(command, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


folder = sys.argv[2]
with open(f"{folder}/fasttext.train", "w", encoding="utf-8") as file:
    for label, text in zip(labels[:500], texts[:500]):
        file.write(f"__label__{int(label == known)} {text}\n")
with open(f"{folder}/fasttext.test", "w", encoding="utf-8") as file:
    file.write("".join(text + "\n" for text in texts))
with open(f"{folder}/fasttext.one", "w", encoding="utf-8") as file:
    file.write(texts[0] + "\n")
subprocess.run(["fasttext", "supervised", "-input", f"{folder}/fasttext.train", "-output", f"{folder}/fasttext", "-dim", "50",
                "-wordNgrams", "2", "-minn", "3", "-maxn", "5", "-bucket", "100000", "-epoch", "25", "-thread", "1"],
               check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
predict = ["fasttext", "predict-prob", f"{folder}/fasttext.bin"]
load = processor([*predict, f"{folder}/fasttext.one"])
whole = processor([*predict, f"{folder}/fasttext.test"])
print(f"fastText 0.9.2, words in pairs and letters: {len(texts) / (whole - load):.0f} documents/s, "
      f"{load * 1000:.0f} ms to load {os.path.getsize(folder + '/fasttext.bin') / 1e6:.0f} MB")
