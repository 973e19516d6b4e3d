// Keys and freshness. Every page works without this file.
"use strict";
(() => {
  const $ = (what, from = document) => from.querySelector(what);
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const make = (tag, more = {}) => Object.assign(document.createElement(tag), more);
  const isTyping = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")
    && document.activeElement.type !== "checkbox";

  document.documentElement.classList.add("scripted");

  // A key pressed twice must not decide twice, nor decide the case that has just come up, unread.
  const shown = performance.now();
  const isTooSoon = (event) => event.repeat || performance.now() - shown < 400;
  let isLeaving = false;
  document.addEventListener("submit", (event) => {
    if (isLeaving) event.preventDefault();
    isLeaving = true;
  });
  addEventListener("pageshow", () => { isLeaving = false; });

  function tip(words) {
    $(".tip")?.remove();
    const box = make("div", { className: "tip", textContent: words });
    box.setAttribute("role", "status");
    document.body.append(box);
    setTimeout(() => box.remove(), 4000);
  }

  // MARK: a choice by typing

  // Shows the options of a select that have all typed words in their title or explanation; the one picked is taken.
  function choose(select, title, taken) {
    const box = make("dialog", { className: "palette" });
    const field = make("input", { type: "text", autocomplete: "off", spellcheck: false });
    const list = make("ul", { id: "choices" });
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", "choices");
    field.setAttribute("aria-label", title);
    field.placeholder = title;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", title);
    box.append(field, list);
    const options = all("option", select).filter((option) => option.value)
      .map((option) => ({ value: option.value, name: option.textContent, more: option.title,
        words: `${option.textContent} ${option.title} ${option.value}`.toLowerCase() }));
    let at = 0;
    let shown = [];

    function draw() {
      const typed = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const starts = (option) => typed.length > 0 && option.name.toLowerCase().startsWith(typed[0]);
      shown = options.filter((option) => typed.every((word) => option.words.includes(word)));
      shown.sort((one, two) => starts(two) - starts(one));
      at = Math.max(0, Math.min(at, shown.length - 1));
      list.replaceChildren(...shown.map((option, index) => {
        const item = make("li", { id: `choice-${index}` });
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(index === at));
        item.append(make("b", { textContent: option.name }), make("span", { className: "sub", textContent: option.more }));
        item.addEventListener("click", () => take(option));
        return item;
      }));
      if (!shown.length) list.append(make("li", { textContent: "Nothing has these words", className: "sub" }));
      field.setAttribute("aria-activedescendant", shown.length ? `choice-${at}` : "");
      list.children[at]?.scrollIntoView({ block: "nearest" });
    }

    function take(option) {
      select.value = option.value;
      box.close();
      taken();
    }

    field.addEventListener("input", () => { at = 0; draw(); });
    field.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { at += step; draw(); event.preventDefault(); }
      if (event.key === "Enter") { event.preventDefault(); if (shown[at]) take(shown[at]); }
    });
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    draw();
    box.showModal();
    field.focus();
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

  const boxes = () => all("input[name=case]");

  function count() {
    const chosen = boxes().filter((box) => box.checked).length;
    $(".bulk")?.classList.toggle("active", chosen > 0);
    const place = $("#chosen");
    if (place) place.textContent = chosen ? `${chosen} chosen` : "";
  }

  function chosen() {
    const row = rows()[current];
    if (!boxes().some((box) => box.checked) && row) $("input[name=case]", row).checked = true;
    count();
    return boxes().some((box) => box.checked);
  }

  function bulk(decision) {
    const form = $("#bulk");
    const button = form && $(`button[value=${decision}]`, form);
    if (!button) return;
    if (!chosen()) return tip("Choose a case first: j, k, then x");
    const reason = $("#bulk-reason");
    if ((decision === "dismiss" || decision === "note") && !reason.value.trim()) {
      reason.dataset.then = decision;
      reason.focus();
      return tip(decision === "dismiss" ? "Why is it not a complaint? Then Enter" : "Write the note, then Enter");
    }
    form.requestSubmit(button);
  }

  // MARK: a case
  function press(key) {
    const target = $(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    if (target.tagName === "A") { target.click(); return true; }
    if (target.tagName === "SUMMARY") {
      target.parentElement.open = true;
      target.scrollIntoView({ block: "nearest" });
      $("input:not([type=hidden]), select, textarea", target.parentElement)?.focus();
      return true;
    }
    const needs = target.dataset.needs;
    const select = target.dataset.choose && document.getElementById(target.dataset.choose);
    if (needs === "reason" && !$("#reason").value.trim()) {
      $("#reason").dataset.then = key;
      $("#reason").focus();
      tip("Say why, then Enter");
    } else if (select) {
      choose(select, target.dataset.title, () => target.form.requestSubmit(target));
    } else {
      target.form.requestSubmit(target);
    }
    return true;
  }

  function help() {
    let box = $("dialog.keys");
    if (!box) {
      box = make("dialog", { className: "keys" });
      const isList = $("#rows") !== null;
      const keys = isList
        ? [["j k", "next, previous"], ["Enter", "open"], ["x", "choose"], ["X", "choose all"],
          ["c", "confirm: it is a complaint"], ["d", "dismiss, with a reason"], ["a", "take"], ["n", "note"]]
        : all("[data-key]").map((target) => [
          target.dataset.key === "Escape" ? "Esc" : target.dataset.key,
          target.dataset.title ?? target.textContent.replace(/\s+\S$/, "").trim()]);
      keys.push(["m", "to the marked words"], ["/", "search"], ["?", "this"]);
      const table = make("table");
      for (const [key, what] of keys) {
        if (isList && key === "m") continue;
        const row = table.insertRow();
        row.insertCell().append(make("kbd", { textContent: key }));
        row.insertCell().textContent = what;
      }
      const close = make("button", { textContent: "Close" });
      close.addEventListener("click", () => box.close());
      box.append(make("h2", { textContent: "Keys" }), table, close);
      document.body.append(box);
    }
    box.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
    if (event.target.name === "case") count();
  });

  document.addEventListener("keydown", (event) => {
    const send = event.ctrlKey && event.key === "Enter" && $("[data-send]");
    if (send) { event.preventDefault(); return send.form.requestSubmit(send); }
    if ($("dialog[open]")) return;
    if (isTyping()) {
      const field = document.activeElement;
      if (event.key === "Escape") { delete field.dataset.then; field.blur(); event.preventDefault(); }
      if (event.key === "Enter" && field.dataset.then) {
        event.preventDefault();
        const then = field.dataset.then;
        if (field.id === "bulk-reason") bulk(then); else press(then);
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.form?.dataset.submit !== undefined) {
        field.form.requestSubmit();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const done = () => event.preventDefault();
    if (event.key === "?") { help(); return done(); }
    if (event.key === "/") { $("#q")?.focus(); return done(); }
    if (event.key === "m") {
      const marks = all("mark");
      marks[(marks.indexOf(document.activeElement) + 1) % marks.length]?.focus();
      return done();
    }
    if ($("#rows")) {
      if (event.key === "j") { go(current + 1); return done(); }
      if (event.key === "k") { go(current - 1); return done(); }
      if (event.key === "x" && current >= 0) {
        const box = $("input[name=case]", rows()[current]);
        box.checked = !box.checked;
        count();
        return done();
      }
      if (event.key === "X") {
        const isAll = boxes().every((box) => box.checked);
        for (const box of boxes()) box.checked = !isAll;
        count();
        return done();
      }
      const decisions = { c: "confirm", d: "dismiss", a: "assign", n: "note" };
      if (decisions[event.key]) {
        if (!isTooSoon(event)) bulk(decisions[event.key]);
        return done();
      }
    }
    if (event.key !== "Escape" && isTooSoon(event)) return;
    if (press(event.key)) done();
  });

  // The button opens the choice for the mouse as well; what submits the form afterwards is no click.
  for (const button of all("[data-choose]")) {
    const select = document.getElementById(button.dataset.choose);
    select.tabIndex = -1;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      press(button.dataset.key);
    });
  }

  // MARK: freshness
  const box = $("#rows");
  if (box) {
    setInterval(async () => {
      if (document.hidden || boxes().some((box) => box.checked) || $("dialog[open]") || isTyping()) return;
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
