"""Finds the coefficients of Sources/Reader/FloatFunctions.swift and measures their error in Float32."""
import math
import numpy as np

f32 = np.float32


def fit_erf(top, np_, nq):
    """erf(x / sqrt 2) ~ x P(x^2) / Q(x^2) on [0, top], Q(0) = 1, nearly least maximal absolute error."""
    k = np.arange(2000)
    x = top * (1 - np.cos((k + 0.5) * math.pi / 4000)) + 1e-9
    x = np.minimum(x, top)
    target = np.array([math.erf(v / math.sqrt(2)) for v in x])
    t = x * x
    s = top * top
    u = t / s
    weight = np.ones_like(x)
    q = np.ones_like(x)
    for step in range(400):
        a = np.hstack([x[:, None] * u[:, None] ** np.arange(np_ + 1),
                       -target[:, None] * u[:, None] ** np.arange(1, nq + 1)])
        w = np.sqrt(weight) / q
        c = np.linalg.lstsq(a * w[:, None], target * w, rcond=None)[0]
        p_c, q_c = c[: np_ + 1], np.concatenate([[1], c[np_ + 1:]])
        q = np.polyval(q_c[::-1], u)
        error = np.abs(x * np.polyval(p_c[::-1], u) / q - target)
        if step > 10:
            weight = weight * (error + 1e-12)
            weight = weight / weight.max() + 1e-9
    return p_c / s ** np.arange(np_ + 1), q_c / s ** np.arange(nq + 1), error.max()


def horner(c, t):
    r = np.full_like(t, f32(c[-1]))
    for v in c[-2::-1]:
        r = (r * t + f32(v)).astype(f32)
    return r


def hexes(name, c):
    print(name, [float(f32(v)) for v in c])


top = 5.5
for np_, nq in [(4, 4), (5, 4), (5, 5), (6, 5)]:
    p, q, e = fit_erf(top, np_, nq)
    x = np.linspace(-6, 6, 2000001).astype(f32)
    y = np.minimum(np.maximum(x, f32(-top)), f32(top))
    t = y * y
    erf = y * horner(p, t) / horner(q, t)
    gelu = (f32(0.5) * x) * (f32(1) + erf)
    import torch
    exact = torch.nn.functional.gelu(torch.from_numpy(x.astype(np.float64))).numpy()
    print(np_, nq, "fit", e, "erf32", np.abs(erf - torch.erf(torch.from_numpy(x.astype(np.float64) / math.sqrt(2))).numpy()).max(),
          "gelu32", np.abs(gelu - exact).max(), "q>0", horner(q, t).min())
    hexes("P", p)
    hexes("Q", q)

# exp(r) on [-ln2/2, ln2/2]: 1 + r + r^2 (c2 + c3 r + ...)
r = np.cos((np.arange(4000) + 0.5) * math.pi / 4000) * math.log(2) / 2 * 1.001
for degree in (5, 6):
    g = np.where(np.abs(r) < 1e-4, 0.5 + r / 6, (np.exp(r) - 1 - r) / (r * r))
    weight = np.ones_like(r)
    for step in range(200):
        a = (r[:, None] ** np.arange(degree - 1)) * (r * r / np.exp(r))[:, None]
        w = np.sqrt(weight)
        c = np.linalg.lstsq(a * w[:, None], g * r * r / np.exp(r) * w, rcond=None)[0]
        error = np.abs(a @ c - g * r * r / np.exp(r))
        weight = weight * (error + 1e-14)
        weight /= weight.max()
    print("exp degree", degree, "relative", error.max())
    x = np.linspace(-80, 0, 2000001).astype(f32)
    magic = f32(12582912)
    n = (x * f32(1.44269504) + magic) - magic
    hi, lo = f32(0.693359375), f32(-2.12194440e-4)
    rr = (x - n * hi) - n * lo
    poly = horner(c, rr)
    y = (f32(1) + (rr + rr * rr * poly)) * np.exp2(n).astype(f32)
    exact = np.exp(x.astype(np.float64))
    print("  float32 relative", np.abs(y / exact - 1).max())
    hexes("C", c)
