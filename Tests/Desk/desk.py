"""The desk under test: `intake demo` on a folder of its own, a person in front of it, and the shell to check with."""

import contextlib, glob, hashlib, json, os, shutil, signal, subprocess, sys, time, urllib.error, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
from browser import BrowserError
from harness import ROOT, check, free_port  # noqa: F401  (shared with the parts)

PASSWORD = "demo-demo"
# What Enter would take: the entry of the choice that is open, or of the list that has the focus.
CHOSEN = """(document.querySelector("dialog[open] [role=option][aria-selected=true] b")?.textContent
  ?? document.querySelector("#category")?.selectedOptions[0]?.textContent ?? "").trim()"""


failures = []


def expect(condition, what):
    """As `check`, but the part goes on: what else is wrong is worth knowing as well."""
    if condition:
        return check(True, what)
    print(f"NOT OK  {what}", flush=True)
    failures.append(what)


def settle():
    """The end of a part: fails if anything was not as expected."""
    wrong = list(failures)
    failures.clear()
    if wrong:
        raise SystemExit(f"FAILED: {len(wrong)} not as expected: " + "; ".join(wrong))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Desk:
    """Serves the queue in `data`; with `samples` the demo's mail comes in as well."""

    def __init__(self, binary, data, samples=None, smtp=None):
        self.binary, self.data = binary, data
        self.samples = samples or f"{ROOT}/samples/mailbox"
        self.smtp = smtp
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.output = f"{data}.out"

    def __enter__(self):
        argv = [self.binary, "--data", self.data, "demo", "--port", str(self.port), "--samples", self.samples]
        if self.smtp:
            argv += ["--smtp", self.smtp]
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(argv, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        self.wait(self._answers, 60, "the desk answers")
        # The first pass prints this when all of the samples are in.
        self.wait(lambda: "Watching." in self.said(), 240, "the samples are in")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answers(self):
        try:
            urllib.request.build_opener(NoRedirect).open(self.origin + "/sign-in", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def said(self):
        with open(self.output, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                raise SystemExit(f"FAILED: intake demo ended with {self.process.returncode}\n{self.said()[-2000:]}")
            if time.monotonic() > end:
                raise SystemExit(f"FAILED: waited {seconds} s in vain: {what}\n{self.said()[-2000:]}")
            time.sleep(0.1)

    # MARK: the shell's view

    def run(self, *args, allowed=(0,)):
        return shell(self.binary, self.data, *args, allowed=allowed)

    def cases(self, *args):
        return [json.loads(line) for line in self.run("cases", "--json", *args).splitlines()]

    def events(self, case):
        """The case's events as `show --json` prints them."""
        return [json.loads(line) for line in self.run("show", case, "--json").splitlines()]

    def last(self, case):
        return self.events(case)[-1]


def shell(binary, data, *args, allowed=(0,), timeout=1800):
    done = subprocess.run([binary, "--data", data, *args], cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    if done.returncode not in allowed:
        raise SystemExit(f"FAILED: intake {' '.join(args)} ends with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def few_samples(folder):
    """A dozen of the demo's samples for a quick run: possible complaints first, then ones that say so."""
    os.makedirs(folder, exist_ok=True)
    for number in ("02", "13", "16", "21", "29", "34", "35", "52", "01", "03", "09", "10", "23"):
        for path in glob.glob(f"{ROOT}/samples/mailbox/{number}-*.eml"):
            shutil.copy(path, folder)
    return folder


def recorded(data):
    """Case id -> digest of the message it was opened with, read from the files themselves."""
    found = {}
    for path in glob.glob(f"{data}/cases/*/*/0001-*.json"):
        with open(path) as f:
            event = json.load(f)
        found[event["case"]] = event["details"]["recorded"]["message"]["sha256"]
    return found


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Person:
    """Somebody at the desk with a browser of their own."""

    def __init__(self, browser, desk, name, **settings):
        self.desk, self.name = desk, name
        self.page = browser.page(browser.profile(), **settings)

    def sign_in(self):
        """Through the sign-in page. The demo signs every visitor in as anna, so that ends first."""
        page = self.page
        page.go(self.desk.origin + "/cases")
        check(page.text(".who") is not None, f"the demo signs a visitor in ({page.text('.who')})")
        sign_out(page)
        check(page.url.endswith("/sign-in") and page.text(".who") is None, "signing out leads to the sign-in page")
        # A page takes its first focus when it is drawn, shortly after it has loaded.
        page.wait_for("document.activeElement.id === 'name'", 3)
        fill_in(page, self.name, "wrong")
        check(page.status == 401 and page.text("[role=alert]"), f"a wrong password is refused: {page.text('[role=alert]')}")
        fill_in(page, self.name, PASSWORD)
        check((page.text(".who") or "").startswith(self.name), f"{self.name} is signed in ({page.text('.who')})")
        return self

    # MARK: what the page shows

    @property
    def case(self):
        """The id of the case that is open, or None."""
        return self.page.eval("document.querySelector('.case')?.dataset.case ?? null")

    @property
    def state(self):
        return self.page.text(".title .state")

    @property
    def problem(self):
        return self.page.text(".notice.bad[role=alert]")

    def open_list(self, view="work"):
        self.page.go(f"{self.desk.origin}/cases?view={view}")

    def open(self, case, view=None):
        self.page.go(f"{self.desk.origin}/cases/{case}" + (f"?list=view%3D{view}" if view else ""))

    # MARK: deciding, by keys

    def confirm(self):
        with self.page.turn():
            self.page.key("c")

    def _with_reason(self, key, words):
        page = self.page
        page.key(key)
        check_focus(page, "reason")
        page.keys(words, free=True)
        with page.turn():
            page.key("Enter")

    def dismiss(self, words):
        self._with_reason("d", words)

    def note(self, words):
        self._with_reason("n", words)

    def recategorise(self, letters):
        """Types the letters into the choice of categories, as a person does; gives the title that was chosen."""
        page = self.page
        page.key("r")
        self._await_choice()
        page.keys(letters)
        chosen = page.eval(CHOSEN)
        with page.turn():
            page.key("Enter")
        return chosen

    def assign(self):
        """To oneself: where the desk asks to whom, one's name is typed."""
        page = self.page
        before = page.loads
        page.key("a")
        end = time.monotonic() + 10
        while page.loads == before and time.monotonic() < end:
            with contextlib.suppress(BrowserError):
                if page.eval("document.querySelector('dialog[open] input') !== null"):
                    page.keys(self.name)
                    with page.turn():
                        page.key("Enter")
                    return
            time.sleep(0.02)
        page.settled()

    def _await_choice(self):
        self.page.wait_for("document.querySelector('dialog[open] [role=option]') !== null"
                           " || document.activeElement?.id === 'category'", 5)

    def undo(self):
        with self.page.turn():
            self.page.key("u")


def fill_in(page, name, password):
    """The sign-in page by keys; it begins in its first field."""
    page.wait_for("document.activeElement.id === 'name'", 3)
    page.keys(name)
    page.key("Tab")
    page.keys(password)
    with page.turn():
        page.key("Enter")


def sign_out(page):
    """By mouse, out of the menu where there is one."""
    button = "form[action='/sign-out'] button:not([name])"
    if page.eval(f"document.querySelector({json.dumps(button)})?.closest('details:not([open])') != null"):
        page.click("details:has(form[action='/sign-out']) > summary")
    with page.turn():
        page.click(button)


def check_focus(page, name):
    seen = page.eval("document.activeElement?.id")
    if seen != name:
        raise SystemExit(f"FAILED: the key should lead to #{name}, the focus is on #{seen} ({page.url})")


@contextlib.contextmanager
def steps(title):
    start = time.monotonic()
    print(f"== {title}", flush=True)
    yield
    print(f"   {title}: {time.monotonic() - start:.1f} s", flush=True)
