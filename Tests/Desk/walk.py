"""Part `walk`: two specialists work the demo's cases by keys; what the desk says is checked from the shell."""

import contextlib, re, time

from desk import Desk, Person, check, expect, few_samples, settle, steps

REASONS = ["A patient about her dentist, not about us", "Thanks only", "Asks for a form, complains of nothing",
           "Meant for another firm"]
LETTERS = ["delay", "payment", "website", "advice"]


def walk(browser, options, folder):
    wanted = 5 if options.quick else 20
    with mail_server(folder) if options.acknowledge else contextlib.nullcontext() as server:
        smtp = f"smtp+loopback://127.0.0.1:{server.submission}" if server else None
        samples = few_samples(f"{folder}/samples") if options.quick else None
        with Desk(options.binary, f"{folder}/walk", samples, smtp) as desk:
            with steps("walk"):
                anna = Person(browser, desk, "anna").sign_in()
                work(anna, wanted)
                undo(anna)
                hurried(anna)
                strange_keys(anna)
                collide(browser, anna)
                bulk(anna)
                held(anna)
                if server:
                    acknowledge(anna, server, 1 if options.quick else 5)
                else:
                    print("skipped: acknowledging over SMTP (run with --acknowledge)")
                # Answers that a decision is refused with are no mistakes.
                errors = [e for e in anna.page.seen.errors if not any(f"status of {n}" in e for n in (401, 409, 422))]
                expect(not errors, f"the pages ask for nothing that is not there, and their script makes no mistake {errors[:3] or ''}")
                check("clean" in desk.run("verify"), "intake verify is clean afterwards")
                settle()


def work(anna, wanted):
    """Every kind of decision, in the order of the list, each looked up from the shell."""
    desk, page = anna.desk, anna.page
    anna.open_list()
    pending = page.eval("document.querySelectorAll('table.cases tbody tr').length")
    check(pending >= wanted, f"the list holds {pending} cases")
    check(page.eval("document.activeElement?.matches('a.subject')"), "the list begins on its first case")
    page.key("j")
    page.key("k")
    with page.turn():
        page.key("Enter")
    worked = {}
    turns = 0
    counts = {}
    while len(worked) < wanted:
        case, turns = anna.case, turns + 1
        if case is None or turns > 3 * wanted:
            raise SystemExit(f"FAILED: no case is open after {len(worked)} decisions: {page.url} {page.title}")
        kind = ["note", "dismiss", "recategorise", "assign", "note"][len(worked) % 5]
        # A complaint that says so needs no confirming; one that only may be one does, and some stay for what follows.
        if anna.state == "possible" and counts.get("confirm", 0) < 4:
            kind = "confirm"
        before = len(desk.events(case))
        number = len(worked)
        if kind == "confirm":
            anna.confirm()
        elif kind == "dismiss":
            anna.dismiss(REASONS[number % len(REASONS)])
        elif kind == "recategorise":
            chosen = anna.recategorise(LETTERS[number // 5 % len(LETTERS)])
        elif kind == "assign":
            anna.assign()
        else:
            anna.note("Telephoned, will write")
        if page.status != 200:
            raise SystemExit(f"FAILED: after {kind} of {case} the desk answers {page.status}: {page.url}")
        events = desk.events(case)
        last = events[-1]
        expected = {"confirm": "confirmed", "dismiss": "dismissed", "recategorise": "recategorised",
                    "assign": "assigned", "note": "noted"}[kind]
        details = last["details"]
        right = (len(events) == before + 1 and last["event"] == expected and last["by"] == "anna"
                 and (kind != "dismiss" or details["reason"] == REASONS[number % len(REASONS)])
                 and (kind != "recategorise" or chosen and chosen in page.text(".title"))
                 and (kind != "assign" or details["assignee"] == "anna")
                 and (kind != "note" or details["reason"] == "Telephoned, will write"))
        if not right:
            raise SystemExit(f"FAILED: {kind} of {case} is not what `show --json` says: {last}")
        counts[kind] = counts.get(kind, 0) + 1
        worked[case] = kind
        if kind in ("confirm", "dismiss"):
            if anna.case == case:
                raise SystemExit(f"FAILED: after {kind} the desk stays at {case}")
        else:
            if anna.case != case:
                raise SystemExit(f"FAILED: after {kind} the desk leaves {case}")
            # On to one that has not been worked yet: Esc, then down the list to it.
            with page.turn():
                page.key("Escape")
            rows = page.eval("[...document.querySelectorAll('table.cases tbody tr')].map(row => row.dataset.id)")
            place = next((index for index, row in enumerate(rows) if row not in worked), None)
            if place is None:
                raise SystemExit(f"FAILED: only {len(worked)} cases are left to work")
            for _ in range(place):
                page.key("j")
            with page.turn():
                page.key("Enter")
            if anna.case != rows[place]:
                raise SystemExit(f"FAILED: j x {place} and Enter open {anna.case}, not {rows[place]}")
        if anna.case in worked:
            # The list goes round; begin at its head.
            anna.open_list()
            rows = page.eval("[...document.querySelectorAll('table.cases tbody tr')].map(row => row.dataset.id)")
            place = next(index for index, row in enumerate(rows) if row not in worked)
            for _ in range(place):
                page.key("j")
            with page.turn():
                page.key("Enter")
    check(len(counts) >= 4, "the walk confirms, dismisses, recategorises, assigns and notes")
    check(len(worked) == wanted, f"{wanted} cases worked by keys, each decision as `intake show --json` has it: {counts}")


def some(desk, state):
    rows = desk.cases("--state", state)
    if not rows:
        raise SystemExit(f"FAILED: no case is {state}")
    return rows[0]["id"]


def undo(anna):
    desk = anna.desk
    case = some(desk, "possible")
    anna.open(case)
    anna.confirm()
    check(desk.last(case)["event"] == "confirmed", "a possible case is confirmed")
    anna.open(case)
    check(anna.state == "open", "and shows as open")
    anna.undo()
    events = desk.events(case)
    check(events[-1]["event"] == "undone" and events[-1]["details"]["undoes"] == events[-2]["number"],
          "u takes the confirmation back, on record")
    check(anna.case == case and anna.state == "possible", "and it is possible again")


def hurried(anna):
    """A key pressed twice before the page has turned must not be two decisions, nor a conflict with oneself."""
    desk, page = anna.desk, anna.page
    # Whether the second press meets the old page, none or the next one is a matter of milliseconds.
    for gap in (0.0, 0.03, 0.08):
        before = {row["id"] for row in desk.cases("--state", "possible")}
        case = sorted(before)[0]
        anna.open(case, "possible")
        count = len(desk.events(case))
        with page.turn():
            page.key("c")
            time.sleep(gap)
            page.key("c", rushed=True)
        time.sleep(1)
        added = [e["event"] for e in desk.events(case)[count:]]
        gone = before - {row["id"] for row in desk.cases("--state", "possible")}
        expect(added == ["confirmed"] and gone == {case},
               f"c twice, {gap * 1000:.0f} ms between, is one decision ({added}, {len(gone)} cases)")
        expect(anna.problem is None, f"c twice, {gap * 1000:.0f} ms between, is no conflict with oneself ({anna.problem})")
        if anna.page.status == 200 and desk.last(case)["event"] == "confirmed":
            anna.open(case)
            anna.undo()


def held(anna):
    """A finger that stays on c must not confirm case after case unread."""
    desk, page = anna.desk, anna.page
    before = {row["id"] for row in desk.cases("--state", "possible")}
    anna.open(sorted(before)[0], "possible")
    page.key("c")
    for _ in range(30):
        time.sleep(0.035)
        page.key("c", rushed=True, held=True)
    time.sleep(1.5)
    gone = before - {row["id"] for row in desk.cases("--state", "possible")}
    expect(len(gone) == 1, f"c held down for a second decides one case ({len(gone)} of {len(before)}; {anna.problem})")


def strange_keys(anna):
    """Keys that mean nothing do nothing, least of all break the script."""
    page = anna.page
    anna.open(some(anna.desk, "possible"))
    before, loads = len(page.seen.errors), page.loads
    for key in ('"', "\\", "]", "'", "1", "~"):
        page.key(key)
    time.sleep(0.3)
    errors = page.seen.errors[before:]
    expect(not errors and page.loads == loads, f"keys that mean nothing do nothing {errors[:2] or ''}")
    del page.seen.errors[before:]


def collide(browser, anna):
    desk = anna.desk
    case = some(desk, "possible")
    ben = Person(browser, desk, "ben").sign_in()
    anna.open(case)
    ben.open(case)
    before = desk.events(case)
    anna.confirm()
    ben.dismiss("Reads like a question to me")
    check(ben.page.status == 409, f"the second of two decisions is refused ({ben.page.status})")
    check("anna" in (ben.problem or ""), f"ben sees who was first: {ben.problem}")
    check(ben.case == case and ben.state == "open", "on the case as it is now")
    events = desk.events(case)
    check(events[:-1] == before and events[-1]["event"] == "confirmed" and events[-1]["by"] == "anna",
          "one decision counts, and nothing before it is lost")
    kept = ben.page.eval("document.querySelector('#reason').value")
    check(kept == "Reads like a question to me", f"what ben had typed is still there ({kept!r})")
    with ben.page.turn():
        ben.page.key("d")
    last = desk.last(case)
    check((last["event"], last["by"]) == ("dismissed", "ben"), "having seen it, ben may decide")
    # Both at the same moment: the requests leave before either answer is back.
    case = some(desk, "open")
    for person in (anna, ben):
        person.open(case)
        person.page.key("n")
        person.page.keys(f"note of {person.name}", free=True)
    before = len(desk.events(case))
    with anna.page.turn(), ben.page.turn():
        anna.page.key("Enter")
        ben.page.key("Enter")
    statuses = sorted([anna.page.status, ben.page.status])
    added = desk.events(case)[before:]
    check(statuses == [200, 409] and len(added) == 1,
          f"two at once: one wins ({added[0]['by'] if added else 'nobody'}), the other gets 409 {statuses}")
    ben.page.close()


def bulk(anna):
    """The list's own keys: choose two, dismiss both with one reason."""
    desk, page = anna.desk, anna.page
    anna.open_list()
    page.key("x")
    page.key("j")
    page.key("x")
    chosen = page.eval("[...document.querySelectorAll('input[name=case]:checked')].map(box => box.value.split(':')[0])")
    check(len(chosen) == 2, "x chooses cases in the list")
    page.key("n")
    page.keys("Looked at together", free=True)
    with page.turn():
        page.key("Enter")
    lasts = [desk.last(case) for case in chosen]
    check(all(e["event"] == "noted" and e["details"]["reason"] == "Looked at together" for e in lasts),
          f"one note on both: {page.text('.notice.good')}")
    # A reason typed without having said what for: Enter must not decide anything else than was asked.
    page.key("x")
    case = page.eval("document.querySelector('input[name=case]:checked').value.split(':')[0]")
    before = len(desk.events(case))
    page.click("#bulk-reason")
    page.keys("Not a complaint", free=True)
    page.key("Enter")
    time.sleep(1.5)
    added = [e["event"] for e in desk.events(case)[before:]]
    expect("confirmed" not in added, f"Enter in the list's reason field confirms nothing by accident ({added or 'nothing done'})")
    possible = some(desk, "possible")
    anna.open(possible)
    before = len(desk.events(possible))
    page.click("#reason")
    page.keys("Not a complaint", free=True)
    page.key("Enter")
    time.sleep(1.5)
    added = [e["event"] for e in desk.events(possible)[before:]]
    expect("confirmed" not in added, f"Enter in a case's reason field confirms nothing by accident ({added or 'nothing done'})")


# MARK: acknowledging, where the desk can

def mail_server(folder):
    """Debian's Exim on loopback as the harness starts it, taking mail without TLS or a password: only the demo sends so."""
    import harness
    if not hasattr(harness, "Exim"):
        raise SystemExit("FAILED: --acknowledge needs the class Exim in scripts/harness.py")
    server = harness.Exim(f"{folder}/smtp")
    with open(server.configuration) as f:
        text = f.read()
    opened = re.sub(r"(?m)^mail:\n(?:  .*\n)*?  accept\n", "mail:\n  accept\n", text)
    if opened == text:
        raise SystemExit("FAILED: the harness's Exim has no rule `mail` to open")
    with open(server.configuration, "w") as f:
        f.write(opened)
    return server


def acknowledge(anna, server, wanted):
    """Letters by keys: e opens the letter, Ctrl+Enter sends it; the server has each once, addressed to who complained."""
    desk, page = anna.desk, anna.page
    rows = [row for row in desk.cases("--state", "open") if "@" in row["complainant"]
            and not any(e["event"] == "acknowledged" for e in desk.events(row["id"]))][:wanted]
    check(len(rows) == wanted, f"{wanted} open cases wait for their acknowledgement")
    for row in rows:
        anna.open(row["id"])
        with page.turn():
            page.key("e")
        check(page.url.split("?")[0].endswith(f"/cases/{row['id']}/acknowledge"), f"e leads to the letter of {row['reference']}")
        if page.eval("document.querySelector('[name=sure]') !== null"):
            # An address that nobody vouches for: only what a person has checked is sent.
            with page.turn():
                page.key("Enter", "Control")
            check(page.status == 422 and not any(e["event"] in ("queued", "acknowledged") for e in desk.events(row["id"])),
                  f"{row['reference']} is not sent before its address is checked: {anna.problem}")
            page.wait_for("document.activeElement.id === 'body'", 3)
            page.key("Tab")
            page.key("Space")
            check(page.eval("document.querySelector('[name=sure]').checked"), "Tab and Space say that it was")
        with page.turn():
            page.key("Enter", "Control")
    for row in rows:
        desk.wait(lambda: any(e["event"] == "acknowledged" for e in desk.events(row["id"])), 60,
                  f"{row['reference']} is acknowledged")
    letters = {letter["To"].addresses[0].addr_spec.lower(): letter for letter in server.delivered()}
    check(len(letters) == wanted and all(count == 1 for count in server.accepted().values()),
          f"{wanted} letters at {server.__class__.__name__}, each once")
    check(all(row["complainant"].split()[-1].lower() in letters for row in rows), "each to the person who complained")
    check(all(row["reference"] in (letter["Subject"] + letter.get_body().get_content()) for row in rows
              for address, letter in letters.items() if address == row["complainant"].split()[-1].lower()),
          "each names its case")
    anna.open(rows[0]["id"])
    check(anna.state == "acknowledged", "and the desk says so")
