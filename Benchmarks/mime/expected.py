"""The expected results that lie in a corpus of other projects' test mail, each beside what intake finds.

`everything` yields (name of the expectation, rows); a row is (where, agrees, ours, theirs). What a corpus lacks
yields nothing.
"""

import base64, datetime, email.utils, glob, hashlib, json, os, re, shutil

import tools
from normal import Facts, collapse, html_words, overlap, words


def everything(corpus, intake, raw, found):
    yield from stalwart(corpus, raw, found)
    yield from mbox_summaries(corpus, intake)
    yield from tnef(corpus, intake)
    yield from mailboxes(corpus, intake)
    yield from talon_replies(corpus, intake, raw)
    yield from talon_signatures(corpus, intake)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def made(name, messages):
    """Writes messages made for an expectation to files of their own: name -> path."""
    folder = f"{tools.BUILD}/expected/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    paths = {}
    for number, (key, data) in enumerate(messages.items()):
        paths[key] = f"{folder}/{number:04}.eml"
        with open(paths[key], "wb") as f:
            f.write(data)
    return paths


def describe(intake, paths):
    """What intake says of made messages: name -> raw facts."""
    lines, _ = tools.facts(intake, list(paths.values()))
    return {key: lines[path] for key, path in paths.items() if path in lines}


# Stalwart's mail-parser: NAME.eml beside NAME.json.

def stalwart(corpus, raw, found):
    rows = {}

    def note(field, where, ours, theirs, same=None):
        rows.setdefault(field, []).append((where, ours == theirs if same is None else same, ours, theirs))

    for path, ours in found.items():
        golden = path[:-4] + ".json"
        if not path.endswith(".eml") or not os.path.exists(golden):
            continue
        with open(golden, encoding="utf-8") as f:
            message = json.load(f)
        if "text_body" not in message:
            continue
        where = os.path.relpath(path, corpus)
        fields = {}
        for field in message["parts"][0]["headers"]:
            # Of a repeated field the last counts there.
            fields[field["name"] if isinstance(field["name"], str) else ""] = field["value"]
        note("subject", where, ours.subject, collapse((fields.get("subject") or {}).get("Text")
             if isinstance(fields.get("subject"), dict) else ""))
        for key in ("from", "to"):
            wanted = people(fields.get(key))
            mine = list(zip([collapse(e.get("name")) for e in raw[path][key]], ours.addresses[key]))
            note(f"{key}, addresses", where, [a for _, a in mine], [a for _, a in wanted])
            note(f"{key}, names", where, [n for n, _ in mine], [n for n, _ in wanted])
        note("date", where, ours.date, instant(fields.get("date")))
        wanted = fields.get("message_id")
        if isinstance(wanted, dict) and "Text" in wanted:
            note("message-id", where, raw[path].get("message_id"), wanted["Text"])
        text = collapse("\n".join(body_text(message["parts"][i]) for i in message["text_body"]))
        note("text, words", where, ours.flat, text, overlap(ours.words, words(text)) >= 0.95)
        wanted = sorted(n for n in (file_name(message["parts"][i]) for i in message["attachments"]) if n)
        mine = sorted(n for n in (collapse(entry.get("file_name")) for entry in raw[path]["attachments"]) if n)
        note("attachment names", where, mine, wanted)
        wanted = sorted(digest(message["parts"][i]) for i in message["attachments"]
                        if kind(message["parts"][i]) in ("Binary", "InlineBinary"))
        mine = [entry.get("sha256") or "" for entry in raw[path]["attachments"]]
        note("attachment digests", where, sorted(d[:12] for d in mine), [d[:12] for d in wanted],
             all(d in mine for d in wanted))
    for field, entries in rows.items():
        yield f"Stalwart mail-parser: {field}", entries


def people(value):
    if not isinstance(value, dict) or "Address" not in value:
        return []
    address = value["Address"]
    entries = address.get("List")
    if entries is None:
        entries = [entry for group in address.get("Group", []) for entry in group["addresses"]]
    return [(collapse(e["name"]), collapse(e["address"]).lower()) for e in entries if e["name"] or e["address"]]


def instant(value):
    if not isinstance(value, dict) or "DateTime" not in value:
        return None
    d = value["DateTime"]
    try:
        day = datetime.datetime(d["year"], d["month"], d["day"], d["hour"], d["minute"], d["second"] % 60,
                                tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    offset = d["tz_hour"] * 3600 + d["tz_minute"] * 60
    return int(day.timestamp()) + (offset if d["tz_before_gmt"] else -offset)


def kind(part):
    return part["body"] if isinstance(part["body"], str) else next(iter(part["body"]))


def body_text(part):
    if kind(part) == "Html":
        return html_words(part["body"]["Html"])
    return part["body"]["Text"] if kind(part) == "Text" else ""


def digest(part):
    return hashlib.sha256(bytes(part["body"][kind(part)])).hexdigest()


def file_name(part):
    names = {}
    for field in part["headers"]:
        if field["name"] in ("content_disposition", "content_type") and isinstance(field["value"], dict):
            for entry in (field["value"].get("ContentType") or {}).get("attributes") or []:
                names.setdefault(entry["name"], entry["value"])
    return collapse(names.get("filename") or names.get("name"))


# MimeKit: mbox files beside a summary of each message.

def mbox_summaries(corpus, intake):
    for summary in sorted(glob.glob(f"{corpus}/**/*-summary.txt", recursive=True)):
        box = summary.replace("-summary.txt", ".mbox.txt")
        if not os.path.exists(box):
            continue
        pieces = re.split(rb"(?m)^From [^\n]*\n", read(box))[1:]
        wanted = re.split(r"(?m)^From [^\n]*\n", read(summary).decode("utf-8"))[1:]
        paths = made("mbox", {number: piece for number, piece in enumerate(pieces)})
        lines = describe(intake, paths)
        rows = []
        for number, block in enumerate(wanted):
            where = f"{os.path.basename(box)} #{number + 1}"
            if number not in lines:
                rows.append((where, False, "missing", block))
                continue
            ours, theirs = lines[number], {}
            shape = []
            for line in block.splitlines():
                name, _, value = line.strip().partition(": ")
                if name.startswith("Content-Type"):
                    shape.append((len(line) - len(line.lstrip()), value.lower()))
                elif name:
                    theirs[name.lower()] = value
            facts = Facts(ours)
            stamp = theirs.get("date")
            rows.append((where + " subject", facts.subject == collapse(theirs.get("subject")), facts.subject,
                         theirs.get("subject")))
            rows.append((where + " date", facts.date == (stamp and int(
                email.utils.parsedate_to_datetime(stamp).timestamp())), facts.date, stamp))
            for key in ("from", "to"):
                mine = facts.addresses[key]
                listed = [a.lower() for _, a in email.utils.getaddresses([theirs.get(key, "")]) if a]
                rows.append((where + " " + key, mine == listed, mine, listed))
            rows.append((where + " parts", tree(ours) == outer(shape), tree(ours), outer(shape)))
        yield f"MimeKit: {os.path.basename(box)} summary", rows


def tree(message):
    """The media types by depth, parts inside attached messages left out."""
    depth, out = {}, []
    for part in message.get("parts") or []:
        parent = part.get("parent")
        if parent is not None and parent not in depth:
            continue
        depth[part["index"]] = 0 if parent is None else depth[parent] + 1
        out.append((depth[part["index"]], part["content_type"]))
    return outer([(3 * d, t) for d, t in out])


def outer(shape):
    kept, hidden = [], None
    for depth, name in shape:
        if hidden is not None and depth > hidden:
            continue
        hidden = depth if name.startswith("message/") else None
        kept.append((depth // 3, name))
    return kept


# MimeKit: NAME.tnef, the names in NAME.list and the files in the folder NAME.

def tnef(corpus, intake):
    files = sorted(glob.glob(f"{corpus}/**/*.tnef", recursive=True))
    if not files:
        return
    head = b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: %s; name=winmail.dat\n" \
           b"Content-Transfer-Encoding: base64\n\n"
    lines = describe(intake, made("tnef", {f: head % b"application/ms-tnef" + base64.encodebytes(read(f))
                                           for f in files}))
    named, same, bodies = [], [], []
    for path in files:
        where = os.path.basename(path)
        ours = lines.get(path) or {}
        entries = [f for f in ours.get("files") or [] if f.get("name") != "winmail.dat"]
        listed = path[:-5] + ".list"
        if os.path.exists(listed):
            # Where the list lacks them, the files themselves say which there are.
            files = [os.path.basename(f) for f in glob.glob(path[:-5] + "/*")]
            wanted = sorted(n for n in read(listed).decode("utf-8").splitlines() if n and not n.startswith("body."))
            mine = sorted(f.get("name") or "Untitled Attachment" for f in entries)
            wanted = wanted or sorted(n for n in files if not n.startswith("message."))
            named.append((where, [n.replace("_", " ") for n in mine] == [n.replace("_", " ") for n in wanted],
                          mine, wanted))
        for name in sorted(glob.glob(path[:-5] + "/*")):
            if os.path.basename(name).startswith("message."):
                if name.endswith((".html", ".txt")):
                    text = read(name).decode("utf-8", "replace")
                    text = html_words(text) if name.endswith(".html") else text
                    bodies.append((where, overlap(words(collapse(text)), words(collapse(ours.get("text")))) >= 0.95,
                                   collapse(ours.get("text")), collapse(text)))
                else:
                    bodies.append((where + " (RTF: any text)", bool(words(ours.get("text") or "")),
                                   collapse(ours.get("text")), "text of message.rtf"))
                continue
            digests = [f.get("sha256") for f in entries]
            data = read(name)
            # Text files lie in the corpus with LF; an object's data begins with the 16 bytes of its interface identifier
            # (MS-OXTNEF 2.1.3.4), which is no part of the file.
            forms = [hashlib.sha256(form).hexdigest() for form in (data, re.sub(rb"\r?\n", b"\r\n", data), data[16:])]
            same.append((f"{where}: {os.path.basename(name)}", any(form in digests for form in forms),
                         [(d or "")[:12] for d in digests], forms[0][:12]))
    yield "MimeKit TNEF: attachment names a file", named
    yield "MimeKit TNEF: attachment digests", same
    yield "MimeKit TNEF: body text", bodies


# flanker: addresses that are valid.

def mailboxes(corpus, intake):
    for path in sorted(glob.glob(f"{corpus}/**/mailbox_valid.txt", recursive=True)):
        listed = [line for line in read(path).decode("utf-8").splitlines() if line.strip() and line[0] != "#"]
        # The list has names and comments too; what is left of those is for the parser to find.
        wanted = {line: re.sub(r"^\(.*?\)\s*|\s*\([^)]*\)$", "", line) for line in listed}
        wanted = {line: re.sub(r"^.*<(.*)>$", r"\1", rest) for line, rest in wanted.items()}
        lines = describe(intake, made("mailboxes", {
            line: b"From: " + line.encode() + b"\n\nx\n" for line in wanted}))
        rows = []
        for line, rest in wanted.items():
            mine = [canonical(e["address"]) for e in (lines.get(line) or {}).get("from") or []]
            rows.append((f"{os.path.basename(path)}: {line}", mine == [canonical(rest)], mine, canonical(rest)))
        yield "flanker: valid addresses", rows


def canonical(address):
    """RFC 5322 §3.2.4: an escape that is not needed says nothing; the domain has no case."""
    local, _, domain = address.strip().rpartition("@")
    if len(local) > 1 and local[0] == local[-1] == '"':
        inner = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = '"' + re.sub(r'(["\\])', r"\\\1", inner) + '"'
    return f"{local}@{domain.lower()}"


# talon: replies and what is left of them without the quoted message; bodies with their signature.

#: SHA-256 of the expected reply without white space, where talon's tests keep it in code.
SHORT_REPLY = "185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969"
HTML_REPLY = "183a81d308bde187633429f581291ed1dfdb1445c277fbcb13cc6c2bbb35a3d7"


def squeezed(text):
    return "".join((text or "").split())


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def without_quotes(message):
    data = (message.get("text") or "").encode()
    return b"".join(data[r["start"]:r["end"]] for r in message.get("regions") or []
                    if r["kind"] not in ("quoted", "forwarded")).decode("utf-8", "replace")


def talon_replies(corpus, intake, raw):
    rows = []
    for path, message in raw.items():
        if not re.search(r"/standard_replies/[^/]*\.eml$", path):
            continue
        kept = path[:-4] + "_reply_text"
        mine = squeezed(without_quotes(message))
        if os.path.exists(kept):
            wanted = squeezed(read(kept).decode("utf-8"))
            rows.append((os.path.relpath(path, corpus), mine == wanted, mine, wanted))
        else:
            rows.append((os.path.relpath(path, corpus), sha(mine) == SHORT_REPLY, mine, "(by digest)"))
    if rows:
        yield "talon: text replies without the quoted part", rows
    pages = sorted(glob.glob(f"{corpus}/**/html_replies/*.html", recursive=True))
    if pages:
        head = b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
        lines = describe(intake, made("replies", {path: head + read(path) for path in pages}))
        rows = []
        for path in pages:
            mine = squeezed(without_quotes(lines.get(path) or {}))
            rows.append((os.path.relpath(path, corpus), sha(mine) == HTML_REPLY, mine, "(by digest)"))
        yield "talon: HTML replies without the quoted part", rows


def talon_signatures(corpus, intake):
    bodies = sorted(glob.glob(f"{corpus}/**/signature/emails/stripped/*_body", recursive=True))
    if not bodies:
        return
    head = b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    messages = {}
    for path in bodies:
        sender = path[:-5] + "_sender"
        name = read(sender).strip() if os.path.exists(sender) else b""
        messages[path] = (b"From: " + name + b"\n" if name else b"") + head[head.index(b"MIME"):] + read(path)
    lines = describe(intake, made("signatures", messages))
    rows = []
    for path in bodies:
        kept = path[:-5] + "_signature"
        wanted = squeezed(read(kept).decode("utf-8")) if os.path.exists(kept) else ""
        message = lines.get(path) or {}
        data = (message.get("text") or "").encode()
        mine = squeezed(b"".join(data[r["start"]:r["end"]] for r in message.get("regions") or []
                                 if r["kind"] in ("signature", "disclaimer")).decode("utf-8", "replace"))
        rows.append((os.path.relpath(path, corpus), mine == wanted, mine, wanted))
    yield "talon: signatures", rows
