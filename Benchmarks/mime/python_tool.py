"""Python's email package beside intake: what it finds in each message file, or how fast it is.

    python_tool.py LIST                                         one JSON object a line
    python_tool.py --bench default|compat32 --mode text|all [--runs N] LIST   one JSON object of figures

LIST names one file a line. Facts are read with policy.default; where one of its accessors raises, compat32 answers
and `fallback` names the accessor. The text is chosen as gmime_tool.c chooses it, so that the two compare.
"""
import argparse, datetime, email, email.header, email.policy, email.utils, hashlib, json, sys, time


def is_attached(part):
    if part.get_content_disposition() == "attachment":
        return True
    if part.get_content_maintype() != "text":
        return True
    return name_of(part) is not None


def name_of(part):
    try:
        return part.get_filename()
    except Exception:
        return None


def decoded(part):
    """The part's bytes with the transfer encoding undone."""
    try:
        body = part.get_payload(decode=True)
    except Exception:
        body = None
    if body is None:
        payload = part.get_payload()
        body = payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""
    return body


def text_of(part):
    body = decoded(part)
    try:
        charset = part.get_content_charset() or "utf-8"
    except Exception:
        charset = "utf-8"
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def texts(part, out):
    """What a mail client would show: alternatives settled, the root of related parts, texts joined otherwise."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        children = part.get_payload()
        if kind == "multipart/alternative":
            for child in children:
                if child.get_content_type() == "text/plain" and not is_attached(child):
                    text = text_of(child)
                    if text.strip():
                        out.append((False, text))
                        return
            for wanted in ("multipart", "text"):
                for child in reversed(children):
                    if child.get_content_maintype() == wanted:
                        texts(child, out)
                        return
            return
        if kind in ("multipart/related", "multipart/signed"):
            children = children[:1]
        if kind == "multipart/encrypted":
            children = []
        for child in children:
            texts(child, out)
        return
    if part.is_multipart() or is_attached(part):
        return
    out.append((kind == "text/html", text_of(part)))


def attachments(part):
    """The parts beside the text; a message in a message counts as one and is not opened."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for child in part.get_payload():
            yield from attachments(child)
    elif is_attached(part):
        yield part


def header_text(value):
    """A compat32 value as text, encoded words decoded."""
    out = []
    for piece, charset in email.header.decode_header(value):
        if isinstance(piece, bytes):
            try:
                piece = piece.decode(charset or "utf-8", "replace")
            except LookupError:
                piece = piece.decode("utf-8", "replace")
        out.append(piece)
    return "".join(out)


def facts(data, path):
    modern = email.message_from_bytes(data, policy=email.policy.default)
    plain = email.message_from_bytes(data)
    out = {"file": path, "fallback": []}

    def ask(key, first, second):
        try:
            out[key] = first()
        except Exception:
            out["fallback"].append(key)
            try:
                out[key] = second()
            except Exception:
                out[key] = None

    def modern_addresses(name):
        return [{"name": a.display_name, "address": a.addr_spec}
                for value in modern.get_all(name, []) for a in value.addresses]

    def plain_addresses(name):
        values = [str(value) for value in plain.get_all(name, [])]
        return [{"name": header_text(n), "address": a} for n, a in email.utils.getaddresses(values) if n or a]

    def plain_date():
        return int(email.utils.mktime_tz(email.utils.parsedate_tz(plain["date"])))

    def modern_date():
        if modern["date"] is None:
            return None
        value = modern["date"].datetime
        return None if value is None else int((value if value.tzinfo else value.replace(
            tzinfo=datetime.timezone.utc)).timestamp())

    def found_texts(message):
        pieces = []
        texts(message, pieces)
        return [{"html": html, "text": text} for html, text in pieces]

    def found_attachments(message):
        found = []
        for part in attachments(message):
            entry = {"file_name": name_of(part), "content_type": part.get_content_type()}
            if not part.is_multipart() and part.get_content_maintype() != "message":
                body = decoded(part)
                entry |= {"decoded_size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            found.append(entry)
        return found

    ask("subject", lambda: None if modern["subject"] is None else str(modern["subject"]),
        lambda: None if plain["subject"] is None else header_text(plain["subject"]))
    for name in ("from", "to", "cc"):
        ask(name, lambda: modern_addresses(name), lambda: plain_addresses(name))
    ask("date", modern_date, plain_date)
    ask("message_id", lambda: None if modern["message-id"] is None else str(modern["message-id"]).strip().strip("<>"),
        lambda: plain["message-id"])
    ask("texts", lambda: found_texts(modern), lambda: found_texts(plain))
    ask("attachments", lambda: found_attachments(modern), lambda: found_attachments(plain))
    return out


def work(data, policy, every):
    """What the benchmark counts: parse, the header fields people see, and the decoded text (and attachments)."""
    message = email.message_from_bytes(data, policy=policy)
    size = 0
    for name in ("subject", "from", "to", "cc", "date"):
        try:
            value = message[name]
            if value is None:
                continue
            if policy is email.policy.compat32:
                if name == "subject":
                    size += len(header_text(value))
                elif name == "date":
                    email.utils.parsedate_tz(value)
                else:
                    size += len(email.utils.getaddresses([str(value)]))
            elif name == "date":
                size += value.datetime is not None
            else:
                size += len(str(value)) if name == "subject" else len(value.addresses)
        except Exception:
            pass
    pieces = []
    try:
        texts(message, pieces)
        if every:
            for part in attachments(message):
                if not part.is_multipart():
                    size += len(decoded(part))
    except Exception:
        pass
    return size + sum(len(text) for _, text in pieces)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", choices=("default", "compat32"))
    parser.add_argument("--mode", choices=("text", "all"), default="text")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("list")
    options = parser.parse_args()
    with open(options.list, encoding="utf-8", errors="surrogateescape") as f:
        paths = f.read().splitlines()
    if not options.bench:
        for path in paths:
            with open(path, "rb") as f:
                line = json.dumps(facts(f.read(), path), ensure_ascii=True)
            sys.stdout.write(line + "\n")
        return
    known = {}
    for path in paths:
        if path not in known:
            with open(path, "rb") as f:
                known[path] = f.read()
    messages = [known[path] for path in paths]
    policy = getattr(email.policy, options.bench)
    seconds, size = [], 0
    for _ in range(options.runs):
        start = time.thread_time()
        size = sum(work(data, policy, options.mode == "all") for data in messages)
        seconds.append(time.thread_time() - start)
    print(json.dumps({
        "parser": f"Python {sys.version.split()[0]} email, {options.bench}", "mode": options.mode,
        "messages": len(messages), "bytes": sum(map(len, messages)), "seconds": seconds,
        "found": size}))


if __name__ == "__main__":
    main()
