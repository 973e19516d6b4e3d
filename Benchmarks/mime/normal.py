"""What is compared: the facts of one message from any of the parsers, in one normal form."""

import datetime, html.parser, re, unicodedata

BLOCKS = {"p", "div", "br", "tr", "td", "th", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr",
          "blockquote", "dt", "dd", "center", "form", "option", "title"}
UNSEEN = {"script", "style", "title"}


class Words(html.parser.HTMLParser):
    """HTML as text, the simplest way: tags away, entities decoded, script and style dropped."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.unseen = [], None

    def handle_starttag(self, tag, attrs):
        if tag in UNSEEN:
            self.unseen = tag
        if tag in BLOCKS:
            self.out.append(" ")

    def handle_endtag(self, tag):
        if tag == self.unseen:
            self.unseen = None
        if tag in BLOCKS:
            self.out.append(" ")

    def handle_data(self, data):
        if not self.unseen:
            self.out.append(data)


def html_words(source):
    reader = Words()
    try:
        reader.feed(source)
        reader.close()
    except Exception:
        return re.sub(r"<[^>]*>", " ", source)
    return "".join(reader.out)


def collapse(text):
    text = "".join(" " if unicodedata.category(c) in ("Zs", "Cc", "Zl", "Zp") else c for c in text or "")
    return " ".join(text.split())


def words(text):
    return set(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def addresses(entries):
    return [collapse(entry.get("address")).lower() for entry in entries or []]


def names(message):
    return [collapse(entry.get("name")) for key in ("from", "to", "cc") for entry in message.get(key) or []]


def date(value):
    if value is None or isinstance(value, int):
        return value
    stamp = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return int(stamp.timestamp())


def attachments(message):
    """The parts whose bytes a person would save; texts without a name and enclosed messages are not among them."""
    return [a for a in message.get("attachments") or []
            if not a["content_type"].startswith(("message/", "multipart/"))
            and (a.get("file_name") or not a["content_type"].startswith("text/"))]


class Facts:
    def __init__(self, message):
        self.subject = collapse(message.get("subject"))
        self.addresses = {key: addresses(message.get(key)) for key in ("from", "to", "cc")}
        self.names = names(message)
        self.date = date(message.get("date"))
        if "texts" in message:
            pieces = message["texts"] or []
            self.html = any(piece["html"] for piece in pieces)
            self.text = "\n".join(html_words(p["text"]) if p["html"] else p["text"] for p in pieces)
        else:
            self.html = False
            self.text = message.get("text") or ""
        # Quote marks at a line's start are written with and without a space: format=flowed (RFC 3676 §4.5) settles it
        # for the reader, so they are no part of the words.
        self.flat = collapse(re.sub(r"(?m)^[> ]*>", "", self.text))
        self.words = words(self.flat)
        kept = attachments(message)
        self.attachment_names = sorted(collapse(a.get("file_name")) for a in kept)
        self.digests = sorted(a.get("sha256") or "" for a in kept)


def overlap(one, other):
    """Jaccard index of two texts' words."""
    return 1.0 if not one and not other else len(one & other) / len(one | other)


#: Field -> whether two parsers agree on it; None: the field cannot be compared for this message.
FIELDS = {
    "subject": lambda a, b: a.subject == b.subject,
    "from": lambda a, b: a.addresses["from"] == b.addresses["from"],
    "to": lambda a, b: a.addresses["to"] == b.addresses["to"],
    "cc": lambda a, b: a.addresses["cc"] == b.addresses["cc"],
    "display names": lambda a, b: a.names == b.names,
    "date": lambda a, b: a.date == b.date,
    "text, exact": lambda a, b: None if a.html or b.html else a.flat == b.flat,
    "text, words": lambda a, b: overlap(a.words, b.words) >= 0.95,
    "attachment names": lambda a, b: a.attachment_names == b.attachment_names,
    "attachment digests": lambda a, b: a.digests == b.digests,
}

#: Field -> what to show of it.
SHOWN = {
    "subject": lambda f: f.subject,
    "from": lambda f: f.addresses["from"],
    "to": lambda f: f.addresses["to"],
    "cc": lambda f: f.addresses["cc"],
    "display names": lambda f: f.names,
    "date": lambda f: f.date,
    "text, exact": lambda f: f.flat,
    "text, words": lambda f: f.flat,
    "attachment names": lambda f: f.attachment_names,
    "attachment digests": lambda f: [d[:12] for d in f.digests],
}


def first_difference(one, other):
    """Two values shortened so that the place where they part can be seen."""
    one, other = str(one), str(other)
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    start = max(0, at - 40)
    return tuple(("…" if start else "") + text[start:start + 200] + (f" [{len(text)}]" if len(text) > 200 else "")
                 for text in (one, other))
