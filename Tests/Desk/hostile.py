"""Part `hostile`: hostile complaints opened at the desk in Chromium. Nothing may run, load, pop up or be drawn in.

The detectors are shown to see: every payload is also opened as it is, on a page of this test's own.
"""

import collections, http.server, json, os, re, socketserver, threading, time, urllib.error, urllib.parse, urllib.request

from browser import Browser, BrowserError
from desk import PASSWORD, ROOT, Desk, Person, check, digest, free_port, recorded, shell, steps
from hostile_mail import TEXTS, all_hostile, fill

# What the desk's own templates put where mail's words stand.
STRANGERS = """(() => {
  const strange = [];
  const allow = (where, tags) => document.querySelectorAll(where).forEach(root => root.querySelectorAll("*").forEach(it => {
    if (!tags.includes(it.tagName)) strange.push(where + " holds " + it.outerHTML.slice(0, 120));
  }));
  allow("h1", []); allow(".text", ["MARK"]); allow("td", ["SPAN", "A", "INPUT"]); allow("dd", ["SPAN", "DETAILS", "SUMMARY"]);
  allow("dt", []); allow(".notice", ["A"]); allow("mark", []); allow("title", []); allow(".files a", []);
  allow(".history li", ["B", "SPAN", "BR"]); allow(".plainlist > li", ["B", "A", "SPAN", "DETAILS", "SUMMARY", "P", "OL", "LI"]);
  for (const it of document.querySelectorAll("*")) {
    for (const name of it.getAttributeNames())
      if (name.startsWith("on") || name === "style" || name === "srcdoc" || name === "autofocus" && it.id !== "name")
        strange.push(it.tagName + " has " + name);
    for (const name of ["href", "src", "action", "formaction"]) {
      const value = it.getAttribute(name);
      if (value && !/^(\\/(cases|static|sign-out|sign-in|views|volumes|quality)?([\\/?]|$)|#main)/.test(value)) strange.push(name + "=" + value.slice(0, 80));
    }
    if (/^(SCRIPT|LINK|STYLE|BASE|META|IFRAME|OBJECT|EMBED|SVG|MATH|TEMPLATE)$/i.test(it.tagName)
        && !it.matches("head > script[src='/static/desk.js'], head > link[href='/static/desk.css'], head > link[href='/static/icon.svg'], head > meta, iframe[sandbox='']"))
      strange.push("a " + it.tagName);
  }
  return strange.slice(0, 5);
})()"""
FRAME_TAGS = set("html head meta title body p br div span b strong i em u s small sub sup h1 h2 h3 h4 h5 h6 ul ol li dl dt dd "
                 "blockquote pre code table thead tbody tfoot tr td th caption hr center address colgroup col".split())


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """A browser that leaves in the middle of an answer is none of our business."""


class Canary:
    """Whatever comes here was asked for by mail."""

    def __init__(self):
        self.hits, self.connections = collections.Counter(), 0
        canary = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def setup(self):
                canary.connections += 1
                super().setup()

            def log_message(self, *_):
                pass

            def do_GET(self):
                found = re.match(r"/(\d+)", self.path)
                canary.hits[int(found.group(1)) if found else -1] += 1
                kind, body = "image/gif", b"GIF89a\1\0\1\0\0\0\0;"
                if ".js" in self.path:
                    kind, body = "text/javascript", b"__ran(String(%d))" % (int(found.group(1)) if found else -1)
                elif ".css" in self.path:
                    kind, body = "text/css", b"body{background:url(/%d)}" % (int(found.group(1)) if found else -1)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_HEAD = do_OPTIONS = do_GET

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Raw:
    """Each payload as it is, on a page without any policy: the control."""

    def __init__(self, messages):
        pages = {message.number: message.control for message in messages}

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                found = re.fullmatch(r"/raw/(\d+)", self.path)
                page = pages.get(int(found.group(1))) if found else None
                body, kind = page or (b"", "text/plain")
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", kind.replace("\n", " ").replace("\r", " "))
                self.end_headers()
                self.wfile.write(body)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def chromium_for(canary):
    # A host of the canary's leads to it; `.dns.test` leads nowhere, a look-up of it shows in the network log.
    return Browser(f"--host-resolver-rules=MAP *.canary.test 127.0.0.1:{canary.port}")


def looked_up(log):
    """Host names that Chromium asked a resolver for."""
    names = set(re.findall(r'"host":"(?:https?://)?([^"/:]+)', log))
    return {name for name in names if name.endswith(".test")}


def hostile(_, options, folder):
    canary = Canary()
    messages = list(all_hostile(canary.port))
    if options.quick:
        messages = thinned(messages, 60)
    elif options.hostile:
        messages = thinned(messages, options.hostile)
    check(len({m.raw for m in messages}) == len(messages) and len(messages) >= (60 if options.quick else options.hostile or 600),
          f"{len(messages)} distinct hostile messages in {len({m.group for m in messages})} classes")
    mail, data, small = f"{folder}/hostile-mail", f"{folder}/hostile", f"{folder}/hostile-samples"
    os.makedirs(mail)
    os.makedirs(small)
    for message in messages:
        with open(f"{mail}/{message.number:04}.eml", "wb") as f:
            f.write(message.raw)
    with open(f"{ROOT}/samples/mailbox/27-from-the-car-park.eml", "rb") as f, open(f"{small}/one.eml", "wb") as out:
        out.write(f.read())
    with steps("hostile: taking the mail in"):
        print("    " + shell(options.binary, data, "ingest", mail, "--mailbox", "hostile", allowed=(0, 1)).strip()[-400:])
    by_digest = {digest(message.raw): message for message in messages}
    cases = {case: by_digest[sha] for case, sha in recorded(data).items() if sha in by_digest}
    missing = [m for m in messages if m.number not in {c.number for c in cases.values()}]
    for message in missing[:12]:
        print(f"    no case: {message.number} {message.group}: {message.payload[:70]!r}")
    check(len(cases) >= 0.9 * len(messages), f"{len(cases)} of {len(messages)} are cases")

    tally = collections.defaultdict(collections.Counter)
    faults = []
    with steps("hostile: at the desk"), Desk(options.binary, data, samples=small) as desk:
        browser = chromium_for(canary)
        try:
            opened(browser, desk, cases, tally, faults)
            lists(browser, desk, tally, faults, options)
        finally:
            log = browser.close()
    at_desk = (sum(canary.hits.values()), canary.connections)
    names = looked_up(log)

    with steps("hostile: the control"):
        ran, loaded, dialogs, names_control = control(canary, messages)
    print(f"    {'class':26} {'messages':>8} {'pages':>6} {'ran':>4} {'out':>4} {'dialogs':>7} {'drawn in':>8} {'refused':>8}   as it is: ran/loaded")
    for group in dict.fromkeys([m.group for m in messages] + list(tally)):
        row = tally[group]
        numbers = {m.number for m in messages if m.group == group}
        seen = len(numbers & (ran | loaded))
        print(f"    {group:26} {row['messages']:8} {row['pages']:6} {row['ran']:4} {row['out']:4} {row['dialogs']:7} "
              f"{row['strange']:8} {row['refused']:8}   {seen} of {len(numbers)}" if numbers else
              f"    {group:26} {'':8} {row['pages']:6} {row['ran']:4} {row['out']:4} {row['dialogs']:7} {row['strange']:8} {row['refused']:8}")
    total = collections.Counter()
    for row in tally.values():
        total.update(row)
    for fault in faults[:40]:
        print(f"    FAULT {fault}")
    detected = len(ran | loaded)
    print(f"    the control: {len(ran)} payloads ran, {len(loaded)} loaded, {dialogs} dialogs, "
          f"{len(names_control)} names looked up; {detected} of {len(messages)} do something where nothing stops them")
    check(detected >= 0.4 * len(messages), f"the detectors see {detected} of {len(messages)} where nothing stops them: enough to trust them at the desk")
    check(total["pages"] >= 2 * len(cases), f"{total['pages']} pages opened")
    check(total["ran"] == 0, f"scripts run: {total['ran']}")
    check(total["out"] == 0 and at_desk == (0, 0) and not names,
          f"requests out: {total['out']}, at the canary {at_desk[0]} in {at_desk[1]} connections, names looked up {sorted(names)[:5]}")
    check(total["dialogs"] == 0, f"dialogs: {total['dialogs']}")
    check(total["strange"] == 0, f"elements or attributes that mail brought in: {total['strange']}")
    check(not faults, f"{len(faults)} faults")


def thinned(messages, wanted):
    """Some of every class."""
    groups = collections.defaultdict(list)
    for message in messages:
        if not (wanted < 100 and message.group == "big" and len(message.raw) > 700_000):
            groups[message.group].append(message)
    each = max(2, wanted // len(groups))
    kept = [m for group in groups.values() for m in group[::max(1, len(group) // each)][:each]]
    rest = [m for group in groups.values() for m in group if m not in kept]
    more = max(0, wanted - len(kept))
    return sorted(kept + rest[::max(1, len(rest) // max(1, more))][:more], key=lambda m: m.number)


class Watch:
    """Attributes what a page was caught at to a class, and forgets it."""

    def __init__(self, page, desk, tally, faults):
        self.page, self.desk, self.tally, self.faults = page, desk, tally, faults

    def settle(self, group, what, strange=()):
        seen, row = self.page.seen, self.tally[group]
        out = [url for _, url in seen.requests if not url.startswith(self.desk.origin + "/")]
        row["pages"] += 1
        row["ran"] += len(seen.ran)
        row["dialogs"] += len(seen.dialogs)
        row["out"] += len(out)
        row["refused"] += len(seen.refused)
        row["strange"] += len(strange)
        for name, found in (("ran", seen.ran), ("asked for", out), ("dialog", seen.dialogs), ("drawn in", strange),
                            ("script error", [e for e in seen.errors if e.startswith("exception")])):
            if found:
                self.faults.append(f"{what}: {name} {found[:3]}")
        for list_ in (seen.requests, seen.ran, seen.dialogs, seen.refused, seen.errors):
            list_.clear()


def opened(browser, desk, cases, tally, faults):
    """Every case's page with its frame, the frame alone, and the downloads."""
    person = Person(browser, desk, "anna", downloads=True)
    page = person.page
    page.go(desk.origin + "/cases")
    watch = Watch(page, desk, tally, faults)
    watch.settle("the list", "the list")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.call("Network.getCookies", {"urls": [desk.origin]})["cookies"])
    frames = downloads = 0
    slowest = (0, None)
    for number, (case, message) in enumerate(sorted(cases.items(), key=lambda pair: pair[1].number)):
        name = f"{message.number} {message.group} {message.payload[:60]!r}"
        tally[message.group]["messages"] += 1
        start = time.monotonic()
        try:
            page.go(f"{desk.origin}/cases/{case}")
            if page.status != 200:
                faults.append(f"{name}: the case page is {page.status}")
                continue
            strange = page.eval(STRANGERS)
            framed = page.eval("""new Promise(done => {
              const box = document.querySelector("details.original"), frame = box?.querySelector("iframe");
              if (!frame) return done(false);
              frame.addEventListener("load", () => done(true), {once: true});
              setTimeout(() => done("late"), 8000);
              box.open = true; frame.scrollIntoView();
            })""")
            if framed == "late":
                faults.append(f"{name}: its frame did not load in 8 s")
            # A script that was going to run has a moment to.
            time.sleep(0.03)
            watch.settle(message.group, name, strange)
            if framed:
                frames += 1
                page.go(f"{desk.origin}/cases/{case}/html")
                time.sleep(0.02)
                watch.settle(message.group, name + " (frame)", frame_strangers(page))
        except BrowserError as error:
            faults.append(f"{name}: {error}")
        took = time.monotonic() - start
        if took > slowest[0]:
            slowest = (took, name)
        downloads += files(desk, cookie, case, name, faults)
        if number % 100 == 99:
            print(f"    {number + 1} cases opened", flush=True)
    # A download by hand: nothing of it is shown.
    held = next((case for case, m in cases.items() if m.group == "file"), None)
    if held:
        page.go(f"{desk.origin}/cases/{held}")
        before = page.url
        page.click(".files li:last-child a")
        browser.wait(lambda: page.seen.downloads, 10)
        check(page.seen.downloads and page.url == before, f"a file is downloaded, not shown: {page.seen.downloads[:1]}")
    print(f"    {frames} frames opened inside their page and alone; {downloads} downloads looked at; "
          f"slowest page {slowest[0]:.1f} s: {slowest[1]}")
    check(frames > 0 and downloads > 0, "frames and downloads were looked at")


def frame_strangers(page):
    """Elements beyond the known ones, and any attribute but the document's own two."""
    found = page.eval("""[...document.querySelectorAll("*")].flatMap(it => [it.tagName.toLowerCase(),
      ...it.getAttributeNames().map(name => it.tagName + "@" + name + "=" + it.getAttribute(name))])
      .filter((x, index, all) => all.indexOf(x) === index).slice(0, 200)""")
    return [x for x in found if x not in FRAME_TAGS and x not in ("HTML@lang=", "META@charset=utf-8")][:3]


def files(desk, cookie, case, name, faults):
    """The raw message and each file: attachments of no type, with a name that is one line."""
    done = 0
    for number in [None, *range(3)]:
        path = f"/cases/{case}/raw" if number is None else f"/cases/{case}/files/{number}"
        try:
            with urllib.request.urlopen(urllib.request.Request(desk.origin + path, headers={"Cookie": cookie}), timeout=30) as answer:
                fields = answer.headers
                right = (fields.get_content_type() == "application/octet-stream" and fields["X-Content-Type-Options"] == "nosniff"
                         and fields["Content-Disposition"].startswith("attachment; ") and "sandbox" in fields["Content-Security-Policy"]
                         and fields.get_all("Set-Cookie") is None
                         and re.fullmatch(r"attachment; filename=\"[^\"\\\\/\r\n]*\"; filename\*=UTF-8''[A-Za-z0-9%._-]*", fields["Content-Disposition"]))
                if not right:
                    faults.append(f"{name}: {path} comes as {fields.items()}")
                done += 1
        except urllib.error.HTTPError as error:
            if error.code != 404 or number is None:
                faults.append(f"{name}: {path} is {error.code}")
            if number is not None:
                break
    return done


def lists(browser, desk, tally, faults, options):
    """The lists with all of it in them, and addresses that are hostile themselves."""
    page = Person(browser, desk, "anna").page
    watch = Watch(page, desk, tally, faults)
    for view in ("work", "possible", "open", "quarantined", "soon", "overdue", "mine"):
        address = f"{desk.origin}/cases?view={view}"
        for _ in range(3 if options.quick else 40):
            page.go(address)
            watch.settle("the lists", address, page.eval(STRANGERS))
            address = page.eval("document.querySelector('.more a')?.href ?? null")
            if not address:
                break
    searches = ["renewal", "Meridian", "letter 7", "apology", "hostile12"] + ["script", "onerror", "<script>", '"', "*", "a OR b", "NEAR("]
    for text in searches:
        page.go(f"{desk.origin}/cases?view=work&q={urllib.parse.quote(text)}")
        watch.settle("searches", text, page.eval(STRANGERS))
    texts = TEXTS[:6] if options.quick else TEXTS
    for text in texts:
        text = urllib.parse.quote(fill(text, 0, 9).encode("utf-8", "surrogatepass"))
        for address in ("/cases?view=work&q=", "/cases?view=", "/cases?category=", "/cases?done=", "/cases?after=", "/cases?assignee=",
                        "/cases?view=work&mailbox=", "/cases/rows?q=", "/sign-in?next=", "/sign-in?next=/", "/cases/", "/"):
            strange = []
            try:
                page.go(desk.origin + address + text)
                strange = page.eval(STRANGERS) if not address.startswith("/cases/rows") else []
            except BrowserError as error:
                # No such page, and not a word in the answer: nothing was shown.
                if "ERR_HTTP_RESPONSE_CODE_FAILURE" not in str(error):
                    faults.append(f"{address + text}: {error}")
            watch.settle("addresses", address + text, strange)
    case = next(iter(recorded(desk.data)))
    for text in texts:
        address = f"/cases/{case}?list=" + urllib.parse.quote(fill(text, 0, 9).encode("utf-8", "surrogatepass"))
        page.go(desk.origin + address)
        watch.settle("addresses", address, page.eval(STRANGERS))
    # What a specialist types is a text like another.
    for text in texts:
        typed = fill(text, 0, 9)
        page.go(f"{desk.origin}/cases/{case}")
        page.key("n")
        page.call("Input.insertText", {"text": typed})
        with page.turn():
            page.key("Enter")
        watch.settle("typed notes", typed, page.eval(STRANGERS))


def control(canary, messages):
    """The same payloads where nothing stops them."""
    raw = Raw(messages)
    ran, loaded, dialogs = set(), set(), 0
    before = dict(canary.hits)
    browser = chromium_for(canary)
    try:
        for message in messages:
            page = browser.page(browser.profile())
            seen = page.seen
            try:
                page.go(f"{raw.origin}/raw/{message.number}", timeout=6)
            except BrowserError:
                pass
            try:
                page.call("Runtime.evaluate", {"userGesture": True, "expression":
                    "document.querySelectorAll('a,area,button,input[type=submit],summary,maction').forEach(x => "
                    "x.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, view: window})))"}, timeout=4)
            except BrowserError:
                pass
            browser.wait(lambda: seen.ran or seen.dialogs, 0.15)
            dialogs += len(seen.dialogs)
            if seen.ran or seen.dialogs:
                ran.add(message.number)
            own = [url for _, url in seen.requests if not url.startswith(raw.origin)]
            if own:
                loaded.add(message.number)
            # With all that it opened.
            page.leave()
    finally:
        log = browser.close()
    loaded |= {number for number in canary.hits if canary.hits[number] > before.get(number, 0)}
    names = looked_up(log)
    loaded |= {int(name[1:].split(".")[0]) for name in names if re.fullmatch(r"n\d+\.dns\.test", name)}
    known = {m.number for m in messages}
    return ran & known, loaded & known, dialogs, names
