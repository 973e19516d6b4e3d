"""What the measuring scripts share: installing and building the parsers, the corpus, running a parser over files."""

import json, os, re, subprocess, sys, venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(ROOT, "Benchmarks", "mime")
BUILD = os.path.join(ROOT, ".build-compare")

#: What no mail is; anything else is judged by its first lines.
NOT_MAIL = (".json", ".list", ".tnef", ".rtf", ".png", ".jpg", ".wav", ".pdf", ".doc", ".html", ".htm", ".mbox.txt",
            ".dat", ".ntx", ".gitattributes", ".gitignore", ".md", ".tsv")
FIELD = re.compile(rb"^[!-9;-~]{2,60}[ \t]*:")
KNOWN = re.compile(rb"^(from|to|subject|date|received|return-path|message-id|mime-version|content-type|delivered-to|"
                   rb"x-[a-z-]+|sender|reply-to|dkim-signature)[ \t]*:", re.I | re.M)


def need(*packages):
    """Installs Debian packages that are missing, as the shell scripts do."""
    subprocess.run(["bash", "-c", '. scripts/lib.sh; need "$@"', "need", *packages], cwd=ROOT, check=True)


def gmime_tool():
    need("gcc", "libc6-dev", "pkg-config", "libgmime-3.0-dev")
    os.makedirs(BUILD, exist_ok=True)
    source, binary = f"{HERE}/gmime_tool.c", f"{BUILD}/gmime_tool"
    if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(source):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gmime-3.0"], check=True, capture_output=True,
                               text=True).stdout.split()
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", binary, source, *flags], check=True)
    return binary


def swift_tool(product):
    build = ["swift", "build", "-c", "release", "--product", product, "--scratch-path", f"{ROOT}/.build-release"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
    path = subprocess.run([*build, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return f"{path.strip()}/{product}"


def python_with(*packages):
    """A Python that has these packages from PyPI."""
    folder = f"{BUILD}/venv"
    python = f"{folder}/bin/python"
    if not os.path.exists(f"{folder}/bin/pip"):
        need("python3-venv")
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
    return python


def looks_like_mail(data):
    """A header field at the start, and one that mail has; an mbox line and blank lines may stand before."""
    start = data[:8192].lstrip(b"\xef\xbb\xbf\r\n")
    if start.startswith(b"From "):
        start = start.partition(b"\n")[2]
    block = re.split(rb"\r?\n\r?\n|\r\r", start, maxsplit=1)[0]
    return bool(FIELD.match(start) and KNOWN.search(block))


def mail_files(corpus):
    """The paths of every file that is a message, in an order that does not change."""
    found = []
    for folder, _, names in os.walk(corpus):
        for name in names:
            path = os.path.join(folder, name)
            if name.lower().endswith(NOT_MAIL) or "\n" in path:
                continue
            with open(path, "rb") as f:
                data = f.read(8192)
            if name.lower().endswith((".eml", ".msg")) or looks_like_mail(data):
                found.append(path)
    return sorted(found)


def write_list(name, paths):
    os.makedirs(BUILD, exist_ok=True)
    path = f"{BUILD}/{name}"
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write("".join(p + "\n" for p in paths))
    return path


def json_lines(argv):
    out = []
    for line in subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split(b"\n"):
        try:
            out.append(json.loads(line))
        except ValueError:
            pass
    return out


def facts(argv_of, paths):
    """Path -> facts, for each file a line of JSON, and the files that ended the program before it spoke of them.

    `argv_of` makes the command line for some paths.
    """
    found, crashed = {}, []
    for start in range(0, len(paths), 500):
        batch = paths[start:start + 500]
        lines = json_lines(argv_of(batch))
        found.update((line["file"], line) for line in lines)
        for path in batch:
            if path in found:
                continue
            # One file of a batch may have taken the lines of others with it: each that is missing is tried alone.
            alone = json_lines(argv_of([path]))
            if alone:
                found[path] = alone[0]
            else:
                crashed.append(path)
    return found, crashed
