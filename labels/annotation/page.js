// The annotation page in the browser: keys, what is typed, and whether the server is there.
// What came from data is set as text or value only, never as markup.
"use strict";

window.annotate = (() => {
  const NAME = "benchwright-name";
  const SLOW = 4000; // milliseconds without a reply before the page says so
  const TAB = Math.random().toString(36).slice(2); // drafts of two tabs are told apart by it
  let view = null; // what is on the screen, as the server says
  let waiting = null; // {since}: an action whose reply has not come
  let problem = ""; // what the server refused, and why
  let draft = null; // what is typed here and not known to be saved: {task, note, text, bases, send}
  let sends = 0;
  let bases = []; // notes that the server may hold of this page's own: shown by it, or sent to it
  let timer = null;
  const opened = Date.now();
  let known = false; // whether the server was there once

  const one = (selector) => document.querySelector(selector);
  const connected = () => Boolean(window.socket && window.socket.connected && window.did_handshake);

  // --- the line that says whether things are saved -------------------------------------------------------------
  function say(text, kind) {
    const line = one("#state");
    if (!line) return;
    line.textContent = text;
    line.dataset.kind = kind || "";
  }

  function watch() {
    const banner = one("#banner");
    if (!banner) return;
    const slow = waiting && Date.now() - waiting.since > SLOW;
    // A page that has just been opened is not yet connected: that is no loss.
    const lost = !connected() && (known || Date.now() - opened > SLOW);
    const text = lost
      ? "No connection to the server. Nothing is saved on it until this message goes; what you type is kept in this browser."
      : slow
        ? "The server has not answered yet. Your last answer is not known to be saved; if this stays, load the page again."
        : problem;
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
    document.body.classList.toggle("away", Boolean(text) && text !== problem);
    document.body.style.setProperty("--banner", `${banner.offsetHeight}px`); // nothing lies under it
  }

  function send(name, body) {
    if (!connected()) {
      watch();
      const banner = one("#banner");
      banner.classList.remove("flash");
      void banner.offsetWidth; // restarts the animation
      banner.classList.add("flash");
      say("not saved: no connection", "bad");
      return false;
    }
    emitEvent(name, body || {});
    return true;
  }

  function act(name, body) {
    if (waiting) return; // the screen that this was meant for is gone or going
    if (name !== "answer") flush(); // what is typed goes with the screen
    if (send(name, body)) waiting = { since: Date.now() };
  }

  // --- what is typed: kept here until the server says it has it --------------------------------------------------
  const slot = (task) => `benchwright:${view.who}:${task}`;
  // Half of a character, which JSON for the server cannot hold, becomes a mark.
  const whole = (text) => text.replace(/\p{Cs}/gu, "\ufffd");
  const typed = () => ({
    note: one("#note") ? whole(one("#note").value) : null,
    text: one("#edit") && !one("#editing").hidden ? whole(one("#edit").value) : null,
  });

  // A browser may be told to keep nothing, be full, or hold what another page of this address left.
  function stored(task) {
    try {
      const local = JSON.parse(localStorage.getItem(slot(task)));
      return local && Array.isArray(local.bases) ? local : null;
    } catch {
      return null;
    }
  }

  function store(task, kept) {
    try {
      if (kept) localStorage.setItem(slot(task), JSON.stringify(kept));
      else localStorage.removeItem(slot(task));
      return true;
    } catch {
      return false;
    }
  }

  function named(name) {
    try {
      if (name) sessionStorage.setItem(NAME, name);
      else if (name === null) sessionStorage.removeItem(NAME);
      return sessionStorage.getItem(NAME);
    } catch {
      return null;
    }
  }

  function keep() {
    if (!view || !view.task) return;
    draft = { task: view.task, ...typed(), bases, send: `${TAB}${++sends}` };
    const kept = store(view.task, draft);
    say(connected() ? "typing…" : kept ? "kept in this browser" : "not saved: no connection", kept ? "" : "bad");
    clearTimeout(timer);
    timer = setTimeout(flush, 250);
  }

  function flush() {
    clearTimeout(timer);
    if (!draft || !view || draft.task !== view.task || !connected()) return;
    bases = [...bases.slice(-20), draft.note];
    draft.bases = bases;
    store(draft.task, draft);
    emitEvent("draft", { task: draft.task, note: draft.note, text: draft.text, number: draft.send });
  }

  function draftSaved(task, number) {
    if (!view) return;
    const local = stored(task);
    if (local && local.send === number) store(task, null);
    if (draft && draft.send === number) {
      draft = null;
      problem = "";
      if (view.task === task) say("draft saved", "good");
    }
  }

  function restore() {
    const local = view.task && stored(view.task);
    let { note, text } = view;
    draft = null;
    bases = [note];
    if (local) {
      const other = note && note !== local.note && !local.bases.includes(note);
      // Written elsewhere in the meantime: both are kept.
      note = other ? `${note}\n${local.note || ""}`.trim() : local.note;
      text = local.text ?? text;
      bases = [...local.bases.slice(-20), note];
    }
    if (one("#note")) one("#note").value = note || "";
    if (one("#edit")) {
      one("#edit").value = text ?? view.wording;
      if (text !== null) edit();
    }
    if (local) {
      keep();
      flush();
    }
  }

  // --- long texts ------------------------------------------------------------------------------------------------
  // A text of several scripts takes a browser time that grows with the square of its length, a megabyte for ever; in
  // pieces it does not. They are text nodes of the same element: nothing else changes.
  const PIECE = 1000;
  const JOINED = /^[\p{M}\p{Cf}\p{Sk}\uDC00-\uDFFF]/u;

  function pieces(text) {
    const found = [];
    for (let from = 0; from < text.length; ) {
      let to = from + PIECE;
      const piece = text.slice(from, to);
      const blank = Math.max(piece.lastIndexOf(" "), piece.lastIndexOf("\n")) + 1;
      if (to < text.length && blank) to = from + blank;
      else while (JOINED.test(text.slice(to, to + 2)) || text[to - 1] === "\u200d") to += 1;
      found.push(text.slice(from, to));
      from = to;
    }
    return found;
  }

  function divide(element) {
    for (const each of [element, ...element.querySelectorAll("*")]) {
      const node = each.firstChild;
      if (each.childNodes.length === 1 && node.nodeType === Node.TEXT_NODE && node.length > 2 * PIECE) {
        each.replaceChildren(...pieces(node.data));
      }
    }
  }

  // --- what the server shows -------------------------------------------------------------------------------------
  function shown(next) {
    // The elements come just before this message and are drawn a moment later.
    if (!one(`[data-screen="${next.serial}"]`)) {
      setTimeout(() => shown(next), 10); // not a frame: a hidden tab draws none
      return;
    }
    const moved = !view || view.task !== next.task;
    view = next;
    waiting = null;
    problem = "";
    if (next.saved) store(next.saved, null);
    named(next.name);
    restore();
    say(next.said || "", next.saved ? "good" : "");
    document.body.dataset.shown = next.serial;
    watch();
    if (!moved) return;
    const mark = one("mark");
    const last = one(".message:last-child");
    const box = one(".conversation");
    // What the answer is to comes last; of a long conversation it is what to see first.
    if (mark) box.scrollTop = mark.getBoundingClientRect().top - box.getBoundingClientRect().top - 60;
    else if (last) box.scrollTop = last.getBoundingClientRect().top - box.getBoundingClientRect().top - 8;
    if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
    window.scrollTo(0, 0);
  }

  function refused(text, action) {
    const line = one("#problem");
    if (line) line.textContent = text;
    else problem = text;
    say("not saved", "bad");
    watch();
    if (action !== "draft") waiting = null;
    else if (draft) timer = setTimeout(flush, 5000); // typing goes on; it may pass
  }

  // --- what is done ----------------------------------------------------------------------------------------------
  function edit() {
    one("#editing").hidden = false;
    const button = one("[data-answer=edit]");
    button.querySelector("span").textContent = "Save edit";
    button.setAttribute("aria-label", "Save edit");
  }

  function answer(choice) {
    if (!view || !view.task || !view.answers.includes(choice)) return;
    if (choice === "edit" && one("#editing").hidden) {
      edit();
      one("#edit").focus();
      return;
    }
    clearTimeout(timer);
    if (!waiting && connected()) say("saving…", "");
    act("answer", { serial: view.serial, answer: choice, ...typed() });
  }

  const toggles = {
    guidelines: () => document.body.classList.toggle("guided"),
    help: () => one("#help") && (one("#help").hidden = !one("#help").hidden),
    note: () => one("#note") && one("#note").focus(),
    logout: () => {
      named(null);
      window.location.reload();
    },
    login: () => {
      const name = whole(one("#name").value).trim();
      if (name) act("hello", { name });
    },
    go_on: () => act("go_on"),
    previous: () => act("previous"),
    following: () => act("following"),
  };

  function press(event) {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const field = event.target.closest("input, textarea");
    if (field) {
      if (event.key === "Escape") field.blur();
      else if (event.key === "Enter" && field.id === "name") toggles.login();
      else if (event.key === "Enter" && event.ctrlKey && field.id === "edit") answer("edit");
      else return;
      event.preventDefault();
      return;
    }
    if (event.ctrlKey) return;
    if (event.key === "Escape" && one("#help")) one("#help").hidden = true;
    const done = () => event.preventDefault();
    // On a keyboard of another script the letter's place counts.
    const letter = /^Key[A-Z]$/.test(event.code) && event.key > "\x7f" ? event.code[3] : event.key;
    const button = [...document.querySelectorAll("[data-keys]")].find((each) =>
      each.dataset.keys.split(" ").includes(letter.length === 1 ? letter.toUpperCase() : letter),
    );
    if (!button || button.closest("[hidden]")) return;
    done();
    // A key that is held down answers one task, not all that follow.
    if (!event.repeat) run(button);
  }

  function run(button) {
    if (button.dataset.answer) answer(button.dataset.answer);
    else if (button.dataset.act) toggles[button.dataset.act]();
  }

  function start() {
    document.addEventListener("keydown", press);
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-answer], [data-act]");
      // The second half of a double click lands on the next task's button: it was not meant.
      if (button && !(button.dataset.answer && event.detail > 1)) run(button);
    });
    document.addEventListener("input", (event) => {
      if (event.target.id === "note" || event.target.id === "edit") keep();
    });
    document.addEventListener("visibilitychange", flush);
    // Before the browser lays out what was added.
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) divide(node);
      }
    }).observe(document.body, { childList: true, subtree: true });
    if (window.innerWidth > 900) document.body.classList.add("guided");
    let was = false;
    setInterval(() => {
      const is = connected();
      if (window.socket) window.socket.io.reconnectionDelayMax(1000);
      if (is && !was) met();
      if (!is) problem = "";
      was = is;
      watch();
    }, 200);
  }

  function met() {
    // The server is there. At first, the tab's annotator goes on; later, what it lost meanwhile is asked for again.
    const first = !known;
    known = true;
    if (first && (view || waiting)) return;
    waiting = null;
    const name = named();
    if (view) {
      flush();
      act("again");
    } else if (name) act("hello", { name });
    else if (one("#name")) one("#name").focus();
  }

  start();
  return { shown, refused, draftSaved };
})();
