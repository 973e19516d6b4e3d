"""fast-mail-parser (Rust's mailparse behind a Python wheel) beside intake: how fast it is.

    rust_tool.py text|all RUNS LIST        one JSON object of figures

LIST names one file a line. `text` is its lazy mode, which decodes text bodies only; `all` its default, which decodes
attachments too. Every text body is decoded, plain and HTML, because the wheel offers nothing less.
"""
import importlib.metadata, json, sys, time

import fast_mail_parser


def work(data, every):
    try:
        mail = fast_mail_parser.parse_email(data) if every else fast_mail_parser.parse_email(data, mode="lazy")
        size = len(mail.subject) + len(mail.date or "")
        size += sum(len(text) for text in mail.text_plain) + sum(len(text) for text in mail.text_html)
        if every:
            size += sum(len(attachment.content) for attachment in mail.attachments)
        return size, 0
    except fast_mail_parser.ParseError:
        return 0, 1


def main():
    mode, runs, names = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with open(names, encoding="utf-8", errors="surrogateescape") as f:
        paths = f.read().splitlines()
    known = {}
    for path in paths:
        if path not in known:
            with open(path, "rb") as f:
                known[path] = f.read()
    messages = [known[path] for path in paths]
    seconds, results = [], []
    for _ in range(runs):
        start = time.thread_time()
        results = [work(data, mode == "all") for data in messages]
        seconds.append(time.thread_time() - start)
    print(json.dumps({
        "parser": f"fast-mail-parser {importlib.metadata.version('fast-mail-parser')} (Rust)", "mode": mode,
        "messages": len(messages), "bytes": sum(map(len, messages)), "seconds": seconds,
        "found": sum(size for size, _ in results), "refused": sum(bad for _, bad in results)}))


if __name__ == "__main__":
    main()
