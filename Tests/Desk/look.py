"""Part `look`: every page photographed light and dark, wide and narrow, and checked by axe; keys, phone, no script."""

import glob, json, os, re, signal, subprocess, tempfile, time, zipfile

from browser import BrowserError
from desk import PASSWORD, ROOT, Desk, Person, check, expect, few_samples, fill_in, settle, shell, sign_out, steps

WIDE, NARROW = (1366, 768), (390, 844)
# axe-core 4.12.1 as this wheel carries it; fetched, checked, never kept in the repository.
WHEEL = ("axe-playwright-python==0.1.8", "fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def axe_source():
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "intake-desk-e2e")
    kept = f"{folder}/axe-{WHEEL[1][:16]}.js"
    if not os.path.exists(kept):
        with tempfile.TemporaryDirectory() as scratch:
            with open(f"{scratch}/wanted.txt", "w") as f:
                f.write(f"{WHEEL[0]} --hash=sha256:{WHEEL[1]}\n")
            subprocess.run(["python3", "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
                            "--require-hashes", "-d", scratch, "-r", f"{scratch}/wanted.txt"], check=True)
            with zipfile.ZipFile(glob.glob(f"{scratch}/*.whl")[0]) as wheel:
                name = next(n for n in wheel.namelist() if n.endswith("axe.min.js"))
                source = wheel.read(name)
        os.makedirs(folder, exist_ok=True)
        with open(kept + ".new", "wb") as f:
            f.write(source)
        os.rename(kept + ".new", kept)
    with open(kept, encoding="utf-8") as f:
        return f.read()


class Looker:
    def __init__(self, page, folder, axe, shots=True):
        self.page, self.folder, self.axe, self.shots = page, folder, axe, shots
        self.checked, self.pictures, self.rules = 0, 0, 0
        self.violations, self.advice, self.wide, self.unsure = {}, {}, {}, {}
        os.makedirs(folder, exist_ok=True)

    def look(self, name, viewports, prepare=None):
        """The page that is open now, in both colour schemes, at each size."""
        for size in viewports:
            for dark in (False, True):
                self.page.shape(size, dark)
                if prepare:
                    prepare()
                time.sleep(0.05)
                label = f"{name}-{'wide' if size[0] > 600 else 'narrow'}-{'dark' if dark else 'light'}"
                if self.shots:
                    self.page.screenshot(f"{self.folder}/{label}.png")
                    self.pictures += 1
                self._axe(name, label)
                if size[0] < 600:
                    self._fits(name)

    def _axe(self, name, label):
        # An isolated world: the page's own policy stays as it is.
        world = self.page.world("axe")
        self.page.eval(self.axe + ";0", world=world)
        result = self.page.eval("""axe.run(document, {runOnly: %s, resultTypes: ["violations", "incomplete"], iframes: false})
          .then(found => ({passes: found.passes.length,
            violations: found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, tags: v.tags,
              nodes: v.nodes.map(n => ({where: n.target.join(" "), why: n.failureSummary, html: n.html.slice(0, 160)}))})),
            unsure: found.incomplete.map(v => [v.id, v.nodes.length, v.nodes[0].target.join(" ")])}))"""
                                % json.dumps(TAGS), world=world, timeout=120)
        if result["passes"] == 0:
            raise SystemExit(f"FAILED: axe passed no rule on {label}: it did not look")
        self.checked += 1
        self.rules = max(self.rules, result["passes"])
        for violation in result["violations"]:
            # Practices beyond WCAG are told, and fail nothing.
            kind = self.advice if violation["tags"] == ["cat.x"] or "best-practice" in violation["tags"] else self.violations
            kind.setdefault((violation["id"], violation["help"], violation["impact"]), {}).setdefault(label, violation["nodes"])
        for rule, count, where in result["unsure"]:
            self.unsure.setdefault(rule, [0, where])[0] += count

    def _fits(self, name):
        width, view, culprits = self.page.eval("""(() => {
          const view = document.documentElement.clientWidth, found = [];
          for (const it of document.querySelectorAll("body *")) {
            const box = it.getBoundingClientRect();
            if (box.width && box.right > Math.min(view, 390) + 1 && found.length < 4
                && getComputedStyle(it).position !== "absolute" && !it.closest(".hidden, .skip"))
              found.push(it.tagName.toLowerCase() + (it.className ? "." + it.className : "") + " to " + Math.round(box.right));
          }
          return [document.documentElement.scrollWidth, view, found];
        })()""")
        if width > 390 or view > 390:
            self.wide[name] = (max(width, view), culprits)


def look(browser, options, folder):
    # A quick run keeps no pictures unless it is told where.
    takes = bool(options.screenshots or not options.quick)
    shots = options.screenshots or tempfile.mkdtemp(prefix="intake-desk-look-")
    viewports = [WIDE] if options.quick else [WIDE, NARROW]
    axe = axe_source()
    data = f"{folder}/look"
    if not options.quick:
        overdue(options, data, folder)
        quarantined(options, data, folder)
    samples = few_samples(f"{folder}/samples") if options.quick else None
    with Desk(options.binary, data, samples) as desk, steps("look"):
        anna = Person(browser, desk, "anna", size=WIDE)
        page = anna.page
        looker = Looker(page, shots, axe, takes)
        page.go(desk.origin + "/cases")
        sign_out(page)
        looker.look("sign-in", viewports)
        page.shape(WIDE)
        fill_in(page, "anna", "wrong")
        looker.look("sign-in-refused", viewports)
        page.shape(WIDE)
        fill_in(page, "anna", PASSWORD)

        states(desk, options)
        views = ["work", "dismissed"] if options.quick else [
            "work", "possible", "open", "quarantined", "soon", "overdue", "mine", "acknowledged", "closed", "dismissed"]
        for view in views:
            anna.open_list(view)
            looker.look(f"list-{view}", viewports)
        if not options.quick:
            page.go(desk.origin + "/cases?view=work&category=service.delay_no_response&age=1")
            looker.look("list-filtered", viewports)
            page.go(desk.origin + "/cases?view=work&q=renewal")
            looker.look("list-search", viewports)
            page.go(desk.origin + "/cases?view=work&q=zzzznothing")
            looker.look("list-empty", viewports)
            anna.open_list()
            looker.look("list-chosen", viewports, prepare=lambda: choose(page))
            page.go(desk.origin + "/cases?view=work&done=2%20decided.%20C-AAAA-BBBB%20was%20changed%20by%20ben")
            looker.look("list-done", viewports)
        for kind, case in kinds(desk, page, options).items():
            anna.open(case, "work")
            looker.look(f"case-{kind}", viewports)
            if kind == "html" and not options.quick:
                looker.look("case-html-open", viewports, prepare=lambda: unfold(page))
                page.go(f"{desk.origin}/cases/{case}/html")
                page.shape(WIDE)
                page.screenshot(f"{shots}/frame-html.png")
        possible = next(row["id"] for row in desk.cases("--state", "possible"))
        anna.open(possible, "work")
        page.shape(WIDE)
        page.key("?")
        page.wait_for("document.querySelector('dialog[open]') !== null")
        looker.look("keys", viewports)
        page.key("Escape")
        expect(page.eval("document.querySelector('dialog[open]') === null"), "Esc closes the keys and stays on the page")
        expect(anna.case == possible, "and does not go back to the list")
        page.shape(WIDE)
        page.key("d")
        looker.look("case-asking-for-a-reason", viewports)
        page.key("Escape")
        if page.eval("document.querySelector('[data-choose=category]') !== null"):
            page.key("r")
            page.wait_for("document.querySelector('dialog[open] [role=option]') !== null", 5)
            page.keys("delay")
            looker.look("choice-of-category", viewports)
            page.key("Escape")
            expect(page.eval("document.querySelector('dialog[open]') === null"), "Esc closes the choice of categories")
            expect(anna.case == possible, "and stays on the case")
        page.go(desk.origin + "/cases/00000000000000000000000000")
        check(page.status == 404, "a case that is not there is 404")
        looker.look("problem-404", viewports)
        if not options.quick:
            waiting = next(row["id"] for row in desk.cases("--state", "open"))
            later(desk, page, looker, viewports, waiting)
        page.shape(WIDE)
        anna.open(possible, "work")
        focus(page, "case")
        anna.open_list()
        focus(page, "list")
        without_script(browser, desk)

        print(f"    {looker.checked} axe runs, up to {looker.rules} rules passed on a page; {looker.pictures} pictures"
              + (f" in {shots}" if takes else ""))
        for rule, (count, where) in sorted(looker.unsure.items()):
            print(f"    axe cannot tell: {rule} x {count}, first at {where}")
        report("good practice, not WCAG", looker.advice)
        report("VIOLATION", looker.violations)
        for name, (width, culprits) in looker.wide.items():
            print(f"    WIDER THAN A PHONE: {name} is {width} px at 390: {culprits}")
        least = 10 if options.quick else 100
        check(looker.checked >= least, f"axe looked at {looker.checked} pages")
        expect(not looker.violations, f"axe (WCAG 2.0 to 2.2, A and AA): {len(looker.violations)} rules violated")
        expect(not looker.wide, f"nothing scrolls sideways at 390 px: {len(looker.wide)} pages do")
        settle()


def report(title, found):
    for (rule, text, impact), places in found.items():
        nodes = {}
        for label, list_ in places.items():
            for node in list_:
                nodes.setdefault(node["where"], (node, []))[1].append(label)
        print(f"    {title}: {rule} ({impact}): {text}; on {len(places)} of the pictures")
        for where, (node, labels) in list(nodes.items())[:8]:
            why = re.sub(r"\s+", " ", node["why"])[:260]
            print(f"      {where}  [{labels[0]}{' and %d more' % (len(labels) - 1) if len(labels) > 1 else ''}]")
            print(f"        {why}")


def choose(page):
    page.eval("document.querySelectorAll('input[name=case]').forEach((box, index) => { box.checked = index < 3 })")


def unfold(page):
    """The message as it was laid out; its frame loads once it is in sight."""
    page.eval("""new Promise(done => {
      const box = document.querySelector("details.original"), frame = box.querySelector("iframe");
      frame.addEventListener("load", () => done(true), {once: true});
      setTimeout(() => done(false), box.open ? 200 : 5000);
      box.open = true; frame.scrollIntoView();
    })""")


def overdue(options, data, folder):
    """Three complaints that came three weeks ago and nobody has answered."""
    os.makedirs(f"{folder}/old")
    for name in ("06-certificate-wrong-specialty.eml", "29-solicitor-assistance-withdrawn.eml", "27-from-the-car-park.eml"):
        with open(f"{ROOT}/samples/mailbox/{name}", "rb") as f:
            message = f.read()
        # Another Message-ID makes it another message, which the demo's own copy will be told to resemble.
        message = re.sub(rb"(?im)^Message-ID:\s*<", b"Message-ID: <old.", message, count=1)
        with open(f"{folder}/old/{name}", "wb") as f:
            f.write(message)
    old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 21 * 86400))
    shell(options.binary, data, "ingest", f"{folder}/old", "--mailbox", "old", "--received", old, allowed=(0, 1))


def quarantined(options, data, folder):
    """A message over which the program is killed three times, as a message that crashes it would be."""
    os.makedirs(f"{folder}/deadly")
    words = b"I wish to make a formal complaint: nobody has answered my letters about the renewal since August. "
    with open(f"{folder}/deadly/deadly.eml", "wb") as f:
        f.write(b"From: Mabel Oduya <m.oduya@example.org>\nTo: complaints@meridian-mutual.example\n"
                b"Subject: The long story of my renewal\nMessage-ID: <deadly@example.org>\n"
                b"Date: Sat, 28 Nov 2026 09:00:00 +0000\n\n" + (words * 4 + b"\n\n") * 200)

    def ledger():
        return b"".join(open(p, "rb").read() for p in sorted(glob.glob(f"{data}/ledger/deadly/*.jsonl")))

    for mark, count, args in [(b'"arrival"', 1, ("ingest", f"{folder}/deadly", "--mailbox", "deadly")),
                              (b'"attempt"', 1, ("retry",)), (b'"attempt"', 2, ("retry",))]:
        process = subprocess.Popen([options.binary, "--data", data, *args], cwd=ROOT, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while process.poll() is None:
            if ledger().count(mark) >= count:
                process.send_signal(signal.SIGKILL)
                process.wait()
            time.sleep(0.001)
    shell(options.binary, data, "retry", allowed=(0, 1))
    rows = shell(options.binary, data, "cases", "--json", "--state", "quarantined")
    print(f"    {len(rows.splitlines())} case in quarantine after three kills")


def states(desk, options):
    """Something to see in each view: closed, acknowledged, dismissed, mine."""
    opened = [row["id"] for row in desk.cases("--state", "open") if row["mailbox"] == "demo"]
    if options.quick:
        desk.run("dismiss", opened[0], "--by", "ben", "--reason", "Asks a question only")
        return
    for case, args in zip(opened, [
            ("acknowledge", "--by", "ben"), ("acknowledge", "--by", "anna"),
            ("close", "--by", "ben", "--reason", "Upheld; fee refunded"),
            ("dismiss", "--by", "ben", "--reason", "Asks a question only")]):
        desk.run(args[0], case, *args[1:])
    for case in opened[4:7]:
        desk.run("assign", case, "--to", "anna", "--by", "lea")


def kinds(desk, page, options):
    """One case of each kind that a page may have to show."""
    found = {}
    rows = [row for state in ("possible", "open", "quarantined", "acknowledged", "closed", "dismissed")
            for row in desk.cases("--state", state)]
    for row in rows:
        found.setdefault(row["state"], row["id"])
        if "safety" in row["flags"]:
            found.setdefault("safety", row["id"])
    probes = {"html": "details.original", "files": "ul.files li:nth-child(2)", "forwarded": "details.forwarded",
              "quoted": "details.quoted", "footer": "details.disclaimer", "signature": "details.signature",
              "reply-to": "dd.notice", "duplicate": "a[href^='/cases/']:not([data-key])"}
    for row in rows[:6] if options.quick else rows:
        page.go(f"{desk.origin}/cases/{row['id']}")
        for kind, selector in probes.items():
            if kind not in found and page.eval(f"document.querySelector({json.dumps(selector)}) !== null"):
                found[kind] = row["id"]
    for kind in ("possible", "open", "html") if options.quick else ("possible", "open", "safety", "html", "files", "quarantined"):
        if kind not in found:
            raise SystemExit(f"FAILED: there is no case to photograph of the kind {kind}: {sorted(found)}")
    if options.quick:
        found = {kind: found[kind] for kind in ("possible", "html")}
    return found


def later(desk, page, looker, viewports, case):
    """Pages that a desk may have: photographed where there are any."""
    for name, path in [("volumes", "/volumes"), ("volumes-split", "/volumes?by=group&period=day"), ("return", "/reports/fca"), ("quality", "/quality"), ("acknowledge", f"/cases/{case}/acknowledge")]:
        try:
            page.go(desk.origin + path)
        except BrowserError:
            # An answer without a word in it: Chromium shows a page of its own.
            page.status = "an empty answer"
        if page.status == 200:
            looker.look(name, viewports)
        else:
            print(f"    no page {path.replace(case, ':id')} ({page.status})")
    try:
        page.go(desk.origin + "/nothing-here")
        words = page.text("h1")
    except BrowserError as error:
        words = None
        print(f"    {error}")
    expect(words, f"an address that is no page of the desk's says so: {words}")


def focus(page, name):
    """Tab through everything: each stop shows where it is, and is not hidden under something."""
    page.eval("document.activeElement?.blur(); window.scrollTo(0, 0); 0")
    stops, bad, seen = 0, [], set()
    for _ in range(90):
        page.key("Tab")
        stop = page.eval("""(() => {
          const it = document.activeElement;
          if (!it || it === document.body) return null;
          // The first line of what goes over several.
          const style = getComputedStyle(it), box = it.getClientRects()[0] ?? it.getBoundingClientRect();
          const x = box.x + Math.min(box.width / 2, 40), y = box.y + Math.min(box.height / 2, 10);
          const top = document.elementFromPoint(x, y);
          return {what: it.tagName.toLowerCase() + (it.id ? "#" + it.id : it.className ? "." + it.className : ""),
            index: [...document.querySelectorAll("*")].indexOf(it),
            ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
            covered: !!top && !it.contains(top) && !top.contains(it), by: top?.className || top?.tagName};
        })()""")
        if stop is None or stop["index"] in seen:
            break
        seen.add(stop["index"])
        stops += 1
        if not stop["ring"]:
            bad.append(f"{stop['what']}: no ring")
        elif not stop["inside"]:
            bad.append(f"{stop['what']}: off the screen")
        elif stop["covered"]:
            bad.append(f"{stop['what']}: under {stop['by']}")
    if name == "list":
        page.eval("document.activeElement?.blur(); 0")
        for _ in range(25):
            page.key("j")
            covered = page.eval("""(() => {
              const it = document.activeElement;
              if (!it.matches("a.subject")) return "nothing";
              // The whole row: its subject, and who wrote and why below that.
              const box = it.closest("tr").getBoundingClientRect();
              for (const y of [box.top + 4, box.bottom - 4]) {
                const top = document.elementFromPoint(box.x + 60, y);
                if (!top || !it.closest("tr").contains(top)) return top ? top.id || top.className || top.tagName : "the window's edge";
              }
              return null;
            })()""")
            if covered:
                bad.append(f"the row that j leads to: under {covered}")
    check(stops >= 10, f"Tab stops at {stops} things on the {name} page")
    bad = list(dict.fromkeys(bad))
    expect(not bad, f"each on the {name} page shows its focus and is in sight {bad[:8] or ''}")


def without_script(browser, desk):
    """The desk with JavaScript off: sign in, confirm, dismiss, and be led to the next page."""
    page = browser.page(browser.profile(), size=WIDE)
    page.go(desk.origin + "/cases")
    page.scripts(False)
    sign_out(page)
    page.click("#name")
    page.keys("ben")
    page.click("#password")
    page.keys(PASSWORD)
    with page.turn():
        page.click("button.main")
    check((page.text(".who") or "").startswith("ben"), "without JavaScript: ben signs in")
    page.go(desk.origin + "/cases?view=possible")
    check(page.eval("document.querySelector('tr.current') === null"), "without JavaScript: no script has run")
    with page.turn():
        page.click("a.subject")
    case = page.eval("document.querySelector('.case').dataset.case")
    with page.turn():
        page.click("button[value=confirm]")
    check(desk.last(case)["event"] == "confirmed", "without JavaScript: a case is confirmed")
    following = page.eval("document.querySelector('.case').dataset.case")
    check(following != case, "without JavaScript: the next case comes")
    with page.turn():
        page.click("button[value=dismiss]")
    check(page.status == 422 and page.text("[role=alert]"),
          f"without JavaScript: a dismissal needs a reason: {page.text('[role=alert]')}")
    page.click("#reason")
    page.keys("Thanks only", free=True)
    with page.turn():
        page.click("button[value=dismiss]")
    last = desk.last(following)
    check(last["event"] == "dismissed" and last["details"]["reason"] == "Thanks only",
          "without JavaScript: a case is dismissed with its reason")
    page.go(desk.origin + "/cases?view=work&after=0.0")
    page.go(desk.origin + "/cases?view=work")
    with page.turn():
        page.click(".side a[href*=dismissed]")
    check(page.text("h1") == "Dismissed", "without JavaScript: the views are links")
    page.close()
