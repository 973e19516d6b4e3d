// Keys and freshness. Every page works without this file.
"use strict";
(() => {
  const $ = (what, from = document) => from.querySelector(what);
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const isTyping = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")
    && document.activeElement.type !== "checkbox";

  function tip(words) {
    $(".tip")?.remove();
    const box = document.createElement("div");
    box.className = "tip";
    box.setAttribute("role", "status");
    box.textContent = words;
    document.body.append(box);
    setTimeout(() => box.remove(), 4000);
  }

  // MARK: the list
  let current = -1;
  const rows = () => all("table.cases tbody tr");

  function go(to) {
    const list = rows();
    if (!list.length) return;
    current = Math.max(0, Math.min(to, list.length - 1));
    list.forEach((row, index) => row.classList.toggle("current", index === current));
    list[current].scrollIntoView({ block: "nearest" });
    $("a.subject", list[current]).focus({ preventScroll: true });
  }

  function chosen() {
    const row = rows()[current];
    if (!all("input[name=case]:checked").length && row) $("input[name=case]", row).checked = true;
    return all("input[name=case]:checked").length > 0;
  }

  function bulk(decision) {
    const form = $("#bulk");
    if (!form || !chosen()) return tip("Choose a case first: j, k, then x");
    const reason = $("#bulk-reason");
    if ((decision === "dismiss" || decision === "note") && !reason.value.trim()) {
      reason.dataset.then = decision;
      reason.focus();
      return tip(decision === "dismiss" ? "Why is it not a complaint? Then Enter" : "Write the note, then Enter");
    }
    form.requestSubmit($(`button[value=${decision}]`, form));
  }

  // MARK: a case
  function press(key) {
    const target = $(`[data-key="${key}"]`);
    if (!target) return false;
    if (target.tagName === "A") { target.click(); return true; }
    const needs = target.dataset.needs;
    if (needs === "reason" && !$("#reason").value.trim()) {
      $("#reason").dataset.then = key;
      $("#reason").focus();
      tip("Say why, then Enter");
    } else if (needs === "category" && document.activeElement !== $("#category")) {
      $("#category").dataset.then = key;
      $("#category").focus();
      tip("Type the category's first letters, then Enter");
    } else {
      target.form.requestSubmit(target);
    }
    return true;
  }

  function help() {
    let box = $("dialog");
    if (!box) {
      box = document.createElement("dialog");
      const keys = [["j k", "next, previous"], ["Enter", "open"], ["x", "choose, in the list; close, in a case"],
        ["c", "confirm: it is a complaint"], ["d", "dismiss, with a reason"], ["r", "recategorise"],
        ["a", "take, or assign"], ["n", "note"], ["e", "acknowledge"], ["Ctrl Enter", "send the acknowledgement"], ["u", "undo the last decision"],
        ["m", "to the marked words"], ["/", "search"], ["Esc", "back to the list"], ["?", "this"]];
      const table = document.createElement("table");
      for (const [key, what] of keys) {
        const row = table.insertRow();
        const kbd = document.createElement("kbd");
        kbd.textContent = key;
        row.insertCell().append(kbd);
        row.insertCell().textContent = what;
      }
      const title = document.createElement("h2");
      title.textContent = "Keys";
      const close = document.createElement("button");
      close.textContent = "Close";
      close.addEventListener("click", () => box.close());
      box.append(title, table, close);
      document.body.append(box);
    }
    box.showModal();
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help(); });

  document.addEventListener("keydown", (event) => {
    const send = event.ctrlKey && event.key === "Enter" && $("[data-send]");
    if (send) { event.preventDefault(); return send.form.requestSubmit(send); }
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (isTyping()) {
      const field = document.activeElement;
      if (event.key === "Escape") { delete field.dataset.then; field.blur(); event.preventDefault(); }
      if (event.key === "Enter" && field.dataset.then) {
        event.preventDefault();
        const then = field.dataset.then;
        if (field.id === "bulk-reason") bulk(then); else press(then);
      }
      return;
    }
    const inList = $("table.cases") !== null;
    const done = () => event.preventDefault();
    if (event.key === "?") { help(); return done(); }
    if (event.key === "/") { $("#q")?.focus(); return done(); }
    if (event.key === "m") {
      const marks = all("mark.for, mark.shows");
      marks[(marks.indexOf(document.activeElement) + 1) % marks.length]?.focus();
      return done();
    }
    if (inList) {
      if (event.key === "j") { go(current + 1); return done(); }
      if (event.key === "k") { go(current - 1); return done(); }
      if (event.key === "x" && current >= 0) {
        const box = $("input[name=case]", rows()[current]);
        box.checked = !box.checked;
        return done();
      }
      const decisions = { c: "confirm", d: "dismiss", a: "assign", n: "note" };
      if (decisions[event.key]) { bulk(decisions[event.key]); return done(); }
    } else if (press(event.key)) {
      done();
    }
  });

  // MARK: freshness
  const box = $("#rows");
  if (box) {
    setInterval(async () => {
      if (document.hidden || all("input[name=case]:checked").length || $("dialog[open]") || isTyping()) return;
      try {
        const answer = await fetch(box.dataset.refresh, { redirect: "error" });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const before = rows()[current]?.dataset.id;
        box.replaceChildren(...fresh.body.childNodes);
        const place = rows().findIndex((row) => row.dataset.id === before);
        if (place >= 0) go(place);
      } catch { /* The next time, then. */ }
    }, 10000);
    if (rows().length) go(0);
  }
})();
