"""Part `count`: a specialist's 80 cases worked by keys alone, each keystroke and page load counted."""

import collections, os, re, statistics, time

from desk import ROOT, Desk, Person, check, shell, steps

# A plausible morning: of twenty cases twelve are confirmed, five dismissed, two recategorised, one gets a note first.
MIX = ["confirm", "confirm", "dismiss", "confirm", "recategorise", "confirm", "dismiss", "confirm", "confirm", "note",
       "confirm", "dismiss", "confirm", "confirm", "recategorise", "confirm", "dismiss", "confirm", "dismiss", "confirm"]
REASONS = ["enquiry only", "not about us", "thanks, no complaint", "wants a form"]
CATEGORIES = ["delay", "pay", "web", "advice"]
# Possible cases: their readers asked, so a person must decide them.
SEEDS = ["02-just-checking-again", "16-elderly-member-bermuda", "13-afrikaans-opsegging", "21-french-teleconsultation",
         "29-solicitor-assistance-withdrawn", "34-fwd-staff-arrears-letter", "24-subject-access-request",
         "35-scan-without-words", "43-chinese-hong-kong-phone-call"]


def mail(folder, wanted):
    """Copies of samples, each from another person with another Message-ID, so that none is a duplicate."""
    os.makedirs(folder)
    for number in range(wanted):
        seed = SEEDS[number % len(SEEDS)]
        with open(f"{ROOT}/samples/mailbox/{seed}.eml", "rb") as f:
            data = f.read()
        data = re.sub(rb"(?im)^(Message-ID:\s*)<", rb"\1<copy%d." % number, data, count=1)
        data = re.sub(rb"(?im)^(From:[^<\n]*<)", rb"\1p%d." % number, data, count=1)
        data = re.sub(rb"(?im)^(Subject:[ \t]*)", rb"\1(%d) " % (number + 1), data, count=1)
        with open(f"{folder}/{number:03}.eml", "wb") as f:
            f.write(data)


def count(browser, options, folder):
    wanted = 5 if options.quick else 80
    data, small = f"{folder}/count", f"{folder}/count-samples"
    mail(f"{folder}/count-mail", wanted + wanted // 2 + 3)
    shell(options.binary, data, "ingest", f"{folder}/count-mail", "--mailbox", "complaints", allowed=(0, 1))
    os.makedirs(small)
    # The demo needs a mailbox; a newsletter gives no case.
    with open(f"{ROOT}/samples/mailbox/08-newsletter-complaint-lessons.eml", "rb") as f, open(f"{small}/one.eml", "wb") as out:
        out.write(f.read())
    with Desk(options.binary, data, samples=small) as desk, steps("count"):
        pending = desk.cases("--state", "possible")
        check(len(pending) >= wanted, f"{len(pending)} cases wait for a decision")
        anna = Person(browser, desk, "anna").sign_in()
        page = anna.page
        page.keystrokes = page.typed = page.loads = 0
        page.seen.requests.clear()
        start = time.monotonic()
        anna.open_list("possible")
        with page.turn():
            page.key("Enter")
        to_first = (page.keystrokes, page.loads)
        chooses = page.eval("document.querySelector('[data-choose=category]') !== null")
        rows = collections.defaultdict(list)
        decided = 0
        while decided < wanted:
            kind = MIX[decided % len(MIX)]
            case = anna.case
            if case is None:
                raise SystemExit(f"FAILED: no case is open after {decided} decisions: {page.url}")
            before = (page.keystrokes, page.typed, page.loads, time.monotonic())
            if kind == "dismiss":
                anna.dismiss(REASONS[decided % len(REASONS)])
            elif kind == "recategorise":
                anna.recategorise(CATEGORIES[decided % len(CATEGORIES)])
                anna.confirm()
            elif kind == "note":
                anna.note("telephoned, he will send the letter")
                anna.confirm()
            else:
                anna.confirm()
            rows[kind].append((page.keystrokes - before[0], page.typed - before[1], page.loads - before[2],
                               time.monotonic() - before[3]))
            decided += 1
            if anna.case == case:
                raise SystemExit(f"FAILED: after {kind} the desk stays at {case}")
        took = time.monotonic() - start
        left = desk.cases("--state", "possible")
        check(len(left) == len(pending) - wanted, f"{wanted} cases are decided, {len(left)} are left")
        anna.open_list("work")
        print(f"    {'decision':14} {'cases':>5} {'keys':>6} {'keys each':>9} {'text each':>9} {'loads each':>10} {'ms, median':>10} {'longest':>8}")
        for kind in ("confirm", "dismiss", "recategorise", "note"):
            found = rows[kind]
            if not found:
                continue
            keys, typed, loads, seconds = zip(*found)
            print(f"    {kind:14} {len(found):5} {sum(keys):6} {sum(keys) / len(found):9.1f} {sum(typed) / len(found):9.1f} "
                  f"{sum(loads) / len(found):10.1f} {statistics.median(seconds) * 1000:10.0f} {max(seconds) * 1000:8.0f}")
        every = [row for found in rows.values() for row in found]
        keys = sum(row[0] for row in every) + to_first[0]
        typed, loads = sum(row[1] for row in every), sum(row[2] for row in every) + to_first[1]
        print(f"    {'all':14} {wanted:5} {keys:6} {keys / wanted:9.1f} {typed / wanted:9.1f} {loads / wanted:10.2f} "
              f"{statistics.median(row[3] for row in every) * 1000:10.0f} {max(row[3] for row in every) * 1000:8.0f}")
        mouse(chooses, rows, wanted, keys, typed, loads)
        print(f"    {took:.1f} s for all of it at the machine's own speed, {took / wanted * 1000:.0f} ms a case with its keys")
        check(keys <= 4.5 * wanted, f"{keys} keystrokes for {wanted} cases, {keys / wanted:.1f} a case, without the text of reasons")
        check(loads <= 1.3 * wanted + 3, f"{loads} page loads for {wanted} cases, {loads / wanted:.2f} a case")


def mouse(page_chooses, rows, wanted, keys, typed, loads):
    """The same morning by mouse, from what the pages offer: presses, with the text of reasons still typed."""
    # Confirm is its button; a dismissal the field and the button; a category the button and its entry where a choice
    # opens, else the list, its entry and the button; a note the field and its button. Then the case is confirmed.
    presses = {"confirm": 1, "dismiss": 2, "recategorise": (2 if page_chooses else 3) + 1, "note": 2 + 1}
    by_hand = 1 + sum(presses[kind] * len(found) for kind, found in rows.items())
    print(f"    by keys:  {keys} keys and {typed} letters of reasons, {loads} page loads; the hands stay where they are")
    print(f"    by mouse: {by_hand} presses and the same letters and page loads, the hand going to the keys and back "
          f"{len(rows['dismiss']) + len(rows['note'])} times")
    print(f"    were a decision to lead back to the list: {by_hand + wanted} presses and {loads + wanted} page loads")
