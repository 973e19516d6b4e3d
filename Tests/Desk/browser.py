"""Debian's Chromium, headless, driven over the DevTools protocol on a pipe: no driver, no Python package.

A `Browser` holds profiles, a profile is a person with cookies of its own, a `Page` is a tab. Keys are real key events;
what a page sends, logs, runs or pops up is written down in `page.seen`, also for frames in a process of their own.
"""

import base64, collections, contextlib, fcntl, json, os, shutil, signal, subprocess, tempfile, threading, time

KEYS = {
    "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""), "Space": ("Space", 32, " "),
    "Down": ("ArrowDown", 40, ""), "Up": ("ArrowUp", 38, ""), "Backspace": ("Backspace", 8, ""),
}
MODIFIERS = {"Alt": 1, "Control": 2, "Shift": 8}


# Seconds that a person looks at a new page at least; the desk ignores keys that decide for the first 0.4.
LOOK = 0.45


class BrowserError(Exception):
    """The browser said no, or nothing in time."""


class Seen:
    """What a tab was caught at."""

    def __init__(self):
        # Each request that left, as (kind, address); `data:` and `blob:` never leave.
        self.requests = []
        # Calls of the marker that hostile scripts are written to call.
        self.ran = []
        self.dialogs = []
        self.downloads = []
        # Refusals by the page's policy, and mistakes of its own script.
        self.refused = []
        self.errors = []


class Browser:
    def __init__(self, *flags, size=(1366, 768)):
        self.folder = tempfile.mkdtemp(prefix="intake-chromium-")
        self.netlog = f"{self.folder}/net.json"
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # Numbers from 10 up, so that none of them is in the way of 3 and 4, where Chromium expects its pipe.
        reading, writing = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_in, theirs_out))
        command = [
            chromium(), "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder}/profile",
            f"--window-size={size[0]},{size[1]}", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
            "--disable-component-update", "--disable-background-networking", "--disable-sync", "--disable-extensions",
            "--disable-default-apps", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB",
            "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication,HttpsUpgrades,"
            "HttpsFirstBalancedModeAutoEnable", f"--log-net-log={self.netlog}", *flags,
        ]
        # Chromium's sandbox refuses to run as root; the pages under test are on loopback.
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{reading} 4>&{writing} {reading}<&- {writing}>&-', "chromium", *command],
            pass_fds=(reading, writing), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        for fd in (theirs_in, theirs_out, reading, writing):
            os.close(fd)
        self._lock, self._news = threading.Lock(), threading.Condition()
        self._number, self._answers, self._pages = 0, {}, {}
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()
        self.version = self.call("Browser.getVersion")["product"]

    def _listen(self):
        rest = b""
        while True:
            try:
                piece = os.read(self._in, 1 << 16)
            except OSError:
                piece = b""
            if not piece:
                with self._news:
                    self._ended = True
                    self._news.notify_all()
                return
            *messages, rest = (rest + piece).split(b"\0")
            for message in messages:
                self._take(json.loads(message))

    def _take(self, message):
        with self._news:
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                page = self._pages.get(message.get("sessionId"))
                if page:
                    page._event(message["method"], message["params"], message["sessionId"])
            self._news.notify_all()

    def send(self, method, params=None, session=None):
        """Asks without waiting; returns the number of the question."""
        with self._lock:
            self._number += 1
            number = self._number
            message = {"id": number, "method": method, "params": params or {}}
            if session:
                message["sessionId"] = session
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self._out, data):]
        return number

    def call(self, method, params=None, session=None, timeout=60):
        number = self.send(method, params, session)
        if not self.wait(lambda: number in self._answers, timeout):
            raise BrowserError(f"{method}: no answer in {timeout} s")
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        return answer.get("result", {})

    def wait(self, condition, timeout=30):
        """Whether the condition came true in time; it is looked at whenever the browser says something."""
        end = time.monotonic() + timeout
        with self._news:
            while not condition():
                left = end - time.monotonic()
                if left <= 0 or self._ended:
                    if self._ended:
                        raise BrowserError("Chromium ended")
                    return False
                self._news.wait(min(left, 0.25))
        return True

    def profile(self):
        """Somebody with cookies of their own."""
        return self.call("Target.createBrowserContext", {"disposeOnDetach": True})["browserContextId"]

    def page(self, profile=None, **settings):
        params = {"url": "about:blank"}
        if profile:
            params["browserContextId"] = profile
        target = self.call("Target.createTarget", params)["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, target, session, profile, **settings)

    def photograph(self, folder):
        """Every tab as it stands, for whoever looks into a failure."""
        for number, page in enumerate(dict.fromkeys(self._pages.values())):
            with contextlib.suppress(BrowserError, OSError):
                page.screenshot(f"{folder}/failed-{number}.png", whole=False)

    def close(self):
        """Ends Chromium, so that its network log is whole; the log's text is returned."""
        with contextlib.suppress(BrowserError, OSError):
            self.call("Browser.close", timeout=10)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        log = ""
        with contextlib.suppress(OSError), open(self.netlog, encoding="utf-8", errors="replace") as f:
            log = f.read()
        for fd in (self._in, self._out):
            with contextlib.suppress(OSError):
                os.close(fd)
        shutil.rmtree(self.folder, ignore_errors=True)
        return log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.close()


class Page:
    def __init__(self, browser, target, session, profile, size=(1366, 768), dark=False, downloads=None):
        self.browser, self.target, self.session, self.profile = browser, target, session, profile
        self.seen = Seen()
        self.loads = 0          # documents committed in the main frame
        self.keystrokes = 0     # keys that command: everything but the text of reasons
        self.typed = 0          # keys of free text
        self.status = None      # of the last main document
        self._loaded = 0
        self.loaded_at = 0.0
        self._frame = None
        self._sessions = {session}
        browser._pages[session] = self
        self._prepare(session)
        self._frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.call("Page.setInterceptFileChooserDialog", {"enabled": True})
        if downloads:
            self.call("Browser.setDownloadBehavior", {
                "behavior": "deny", "eventsEnabled": True, **({"browserContextId": profile} if profile else {})})
        self.shape(size, dark)

    def call(self, method, params=None, timeout=60):
        return self.browser.call(method, params, self.session, timeout)

    def _prepare(self, session):
        # Sent, not called: it also runs on the thread that would hear the answers.
        for method, params in [
            ("Page.enable", {}), ("Runtime.enable", {}), ("Network.enable", {}), ("Log.enable", {}),
            ("Audits.enable", {}), ("Runtime.addBinding", {"name": "__ran"}),
            ("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}),
        ]:
            self.browser.send(method, params, session)

    def _event(self, method, params, session):
        """On the listening thread, with its lock held: only writes down."""
        seen = self.seen
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("data:", "blob:", "about:")):
                seen.requests.append((params.get("type", "?"), url))
        elif method == "Network.webSocketCreated":
            seen.requests.append(("WebSocket", params["url"]))
        elif method == "Network.responseReceived":
            if params.get("type") == "Document" and params.get("frameId") == self._frame:
                self.status = params["response"]["status"]
        elif method == "Page.frameNavigated":
            if params["frame"]["id"] == self._frame:
                self.loads += 1
        elif method == "Page.loadEventFired" and session == self.session:
            self._loaded = self.loads
            self.loaded_at = time.monotonic()
        elif method == "Page.javascriptDialogOpening":
            seen.dialogs.append((params["type"], params["message"]))
            self.browser.send("Page.handleJavaScriptDialog", {"accept": True}, session)
        elif method == "Runtime.bindingCalled" and params["name"] == "__ran":
            seen.ran.append(params["payload"])
        elif method in ("Page.downloadWillBegin", "Browser.downloadWillBegin"):
            seen.downloads.append((params["url"], params["suggestedFilename"]))
        elif method == "Audits.issueAdded":
            issue = params["issue"]
            if issue["code"] == "ContentSecurityPolicyIssue":
                details = issue["details"]["contentSecurityPolicyIssueDetails"]
                seen.refused.append((details["violatedDirective"], details.get("blockedURL", "")))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            if entry["level"] == "error":
                seen.errors.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}"[:300])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            what = details.get("exception", {}).get("description") or details["text"]
            seen.errors.append(f"exception: {what}"[:300])
        elif method == "Target.attachedToTarget":
            inner = params["sessionId"]
            self._sessions.add(inner)
            self.browser._pages[inner] = self
            self._prepare(inner)
            self.browser.send("Runtime.runIfWaitingForDebugger", {}, inner)

    # MARK: looking

    def shape(self, size, dark=False):
        self._size = size
        self._metrics(*size)
        self.call("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def _metrics(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": int(height), "deviceScaleFactor": 1, "mobile": width < 600})

    def scripts(self, allowed):
        self.call("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def go(self, url, timeout=60):
        before = self.loads
        answer = self.call("Page.navigate", {"url": url}, timeout)
        if answer.get("errorText") and answer["errorText"] != "net::ERR_ABORTED":
            raise BrowserError(f"{url}: {answer['errorText']}")
        if answer.get("isDownload") or answer.get("errorText"):
            return
        if not self.browser.wait(lambda: self.loads > before and self._loaded == self.loads, timeout):
            raise BrowserError(f"{url}: not loaded in {timeout} s")

    @contextlib.contextmanager
    def turn(self, timeout=30):
        """What is done inside leads to another page; ends when that is loaded."""
        before = self.loads
        yield
        self._turned(before, timeout)

    def settled(self, timeout=30):
        """Ends when the page that is coming has come."""
        self._turned(self.loads - 1, timeout)

    def _turned(self, before, timeout):
        if not self.browser.wait(lambda: self.loads > before and self._loaded == self.loads, timeout):
            raise BrowserError(f"no other page came in {timeout} s; still at {self.url}: {self.title}")

    def eval(self, expression, timeout=60, world=None):
        params = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        if world:
            params["contextId"] = world
        answer = self.call("Runtime.evaluate", params, timeout)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError((details.get("exception", {}).get("description") or details["text"])[:500])
        return answer["result"].get("value")

    def world(self, name):
        """A JavaScript world beside the page's own: sees the same document, is not bound by its policy."""
        return self.call("Page.createIsolatedWorld", {
            "frameId": self._frame, "worldName": name, "grantUniveralAccess": True})["executionContextId"]

    def wait_for(self, expression, timeout=15):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(BrowserError):
                value = self.eval(expression)
                if value:
                    return value
            time.sleep(0.05)
        raise BrowserError(f"never came true on {self.url}: {expression}")

    @property
    def url(self):
        return self.eval("location.href")

    @property
    def title(self):
        return self.eval("document.title")

    def text(self, selector):
        return self.eval(f"document.querySelector({json.dumps(selector)})?.textContent?.trim() ?? null")

    def screenshot(self, path, whole=True):
        if whole:
            # As high as what it shows, so that what sticks to an edge sticks to the page's; nobody looks beyond 6000.
            width, height = self._size
            full = min(max(height, self.call("Page.getLayoutMetrics")["cssContentSize"]["height"]), 6000)
            self._metrics(width, full)
        data = base64.b64decode(self.call("Page.captureScreenshot", {"format": "png"})["data"])
        with open(path, "wb") as f:
            f.write(data)
        if whole:
            self._metrics(width, height)

    # MARK: hands

    def key(self, name, *modifiers, free=False, rushed=False, held=False):
        """One key pressed and let go; `free` marks the text of a reason, which is counted apart.

        `rushed` does not wait until the page has taken it, as a hand that presses twice does not; `held` is the
        keyboard's repetition of a key that is still down.
        """
        if free:
            self.typed += 1
        else:
            self.keystrokes += 1
        if not rushed:
            # A person looks at a page before pressing a key; the desk takes a decision no sooner.
            time.sleep(max(0, self.loaded_at + LOOK - time.monotonic()))
        if name in KEYS:
            code, number, text = KEYS[name]
            key = {"Space": " "}.get(name, code)
        else:
            key = text = name
            code = f"Key{name.upper()}" if name.isalpha() and name.isascii() else ""
            number = ord(name.upper()) if name.isalnum() and name.isascii() else 0
        bits = sum(MODIFIERS[modifier] for modifier in modifiers)
        if bits & 3:
            text = ""
        event = {"key": key, "code": code, "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number,
                 "modifiers": bits, "autoRepeat": held}
        down = {"type": "keyDown" if text else "rawKeyDown", **event}
        if text:
            down |= {"text": text, "unmodifiedText": text}
        for params in (down, {"type": "keyUp", **event}):
            if rushed:
                self.browser.send("Input.dispatchKeyEvent", params, self.session)
            else:
                # The page may turn while the key is down, and nobody is there to answer.
                with contextlib.suppress(BrowserError):
                    self.call("Input.dispatchKeyEvent", params)

    def keys(self, text, free=False):
        for letter in text:
            self.key("Space" if letter == " " else letter, free=free)

    def click(self, selector):
        """A press of the mouse in the middle of the first such thing that shows."""
        spot = self.eval(f"""(() => {{
          const it = document.querySelector({json.dumps(selector)});
          if (!it) return null;
          it.scrollIntoView({{block: "center", behavior: "instant"}});
          const box = it.getBoundingClientRect();
          return box.width && box.height ? [box.x + box.width / 2, box.y + box.height / 2] : null;
        }})()""")
        if not spot:
            raise BrowserError(f"nothing to click at {selector} on {self.url}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", {
                "type": kind, "x": spot[0], "y": spot[1], "button": "left", "clickCount": 1})

    def close(self):
        with contextlib.suppress(BrowserError):
            self.browser.call("Target.closeTarget", {"targetId": self.target})

    def leave(self):
        """Closes the tab, its cookies and every other tab of that profile."""
        with contextlib.suppress(BrowserError):
            self.browser.call("Target.disposeBrowserContext", {"browserContextId": self.profile}, timeout=10)
        for session in self._sessions:
            self.browser._pages.pop(session, None)


def chromium():
    for name in ("chromium", "chromium-browser"):
        path = shutil.which(name)
        if path:
            return path
    raise SystemExit("chromium is not installed: scripts/desk-e2e installs it where apt-get may")
