"""Writes Sources/Reader/Decompositions.swift from Python's unicodedata (canonical decompositions do not change
from one version of Unicode to the next; new ones may be added)."""
import unicodedata as u

bases, parts = {}, {}
for c in range(0x110000):
    if 0xAC00 <= c < 0xD7A4 or 0xD800 <= c < 0xE000:
        continue
    d = u.decomposition(chr(c))
    if not d or d.startswith("<") or u.category(chr(c)) == "Mn":
        continue
    full = [x for x in u.normalize("NFD", chr(c)) if u.category(x) != "Mn"]
    if len(full) == 1:
        bases[c] = full[0]
    else:
        assert full
        parts[c] = full

runs, last = [], None
for c in sorted(bases):
    if last is not None and c - last <= 8 and runs[-1][0] < 0xF900 <= c or last is None or c - last > 8:
        runs.append((c, []))
    else:
        runs[-1][1].extend("_" * (c - last - 1))
    runs[-1][1].append(bases[c])
    last = c


def shown(x):
    name = u.name(x, "")
    if x in "\\\"":
        return "\\" + x
    if 0x20 < ord(x) < 0x7F or name.startswith(("LATIN", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "CJK")):
        return x
    return "\\u{%X}" % ord(x)


def width(x):
    return 2 if u.east_asian_width(x) in "WF" else 1


out = []
for first, chars in runs:
    lines, line, used = [], "", 0
    room = 110 - 6
    for x in chars:
        s = shown(x)
        w = len(s) if len(s) > 1 else width(s)
        if used + w > room - 2:
            lines.append(line + "\\")
            line, used = "", 0
        line += s
        used += w
    lines.append(line)
    if len(lines) == 1 and used < 90:
        out.append(f'    (0x{first:04X}, "{lines[0]}"),')
    else:
        out.append(f'    (\n      0x{first:04X},\n      """\n' + "\n".join("      " + l for l in lines)
                   + '\n      """\n    ),')
pairs = []
for c, full in sorted(parts.items()):
    pairs.append(f'    (0x{c:04X}, "' + "".join("\\u{%X}" % ord(x) for x in full) + '"),')

print(f'''// What a composed character is made of, once the marks (category Mn) have been dropped.
//
// The standard library has no public decomposition. Written by tools/make_decompositions.py, Unicode
// {u.unidata_version}; Hangul syllables are computed (Unicode Standard, section 3.12).

/// Canonical decompositions without their marks.
enum Decompositions {{
  /// The base of `scalar`, or `scalar` itself if it is not a composed one. Those of several parts that are no
  /// marks are in `parts(of:)`.
  static func base(of scalar: UInt32) -> UInt32 {{
    let page = Int(pages.index[min(Int(scalar >> 8), pages.index.count - 1)])
    let base = pages.bases[page << 8 | Int(scalar & 255)]
    return base == 0 ? scalar : base
  }}

  /// The parts of a Hangul syllable or of one of the few vowel signs and notes of two or three parts; nil for
  /// every other scalar.
  static func parts(of scalar: UInt32) -> [UInt32]? {{
    if (0xAC00..<0xD7A4).contains(scalar) {{
      let place = scalar - 0xAC00
      let last = place % 28
      let two = [0x1100 + place / 588, 0x1161 + place % 588 / 28]
      return last == 0 ? two : two + [0x11A7 + last]
    }}
    guard scalar >= 0x09CB else {{ return nil }}
    return several[scalar]
  }}

  /// Pages of 256 bases, the first of them empty; 0 where a scalar is its own base.
  private static let pages: (index: [UInt8], bases: [UInt32]) = {{
    var index = [UInt8](repeating: 0, count: 0x1100 + 1)
    var bases = [UInt32](repeating: 0, count: 256)
    for (first, run) in runs {{
      for (offset, base) in run.unicodeScalars.enumerated() where base != "_" {{
        let scalar = first + offset
        if index[scalar >> 8] == 0 {{
          index[scalar >> 8] = UInt8(bases.count >> 8)
          bases += [UInt32](repeating: 0, count: 256)
        }}
        bases[Int(index[scalar >> 8]) << 8 | scalar & 255] = base.value
      }}
    }}
    return (index, bases)
  }}()

  private static let several: [UInt32: [UInt32]] = Dictionary(
    uniqueKeysWithValues: sequences.map {{ ($0, $1.unicodeScalars.map(\\.value)) }})

  /// From the first scalar on, the base of each; "_" for one that has none.
  private static let runs: [(Int, String)] = [''')
print("\n".join(out))
print('''  ]

  private static let sequences: [(UInt32, String)] = [''')
print("\n".join(pairs))
print('''  ]
}''')
