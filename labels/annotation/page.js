// The annotation page in the browser: keys, what is typed, and whether the server is there.
// What came from data is set as text or value only, never as markup.
"use strict";

window.annotate = (() => {
  const NAME = "benchwright-name";
  const SLOW = 4000; // milliseconds without a reply before the page says so
  let view = null; // what is on the screen, as the server says
  let waiting = null; // {since}: an action whose reply has not come
  let sends = 0;
  let bases = []; // notes that the server may hold of this page's own: shown by it, or sent to it
  let timer = null;
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
    const text = !connected()
      ? "No connection to the server. Nothing is saved on it until this message goes; what you type is kept in this browser."
      : slow
        ? "The server has not answered yet. Your last answer is not known to be saved."
        : "";
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
    document.body.classList.toggle("away", Boolean(text));
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
    if (send(name, body)) waiting = { since: Date.now() };
  }

  // --- what is typed: kept here until the server says it has it --------------------------------------------------
  const slot = () => (view && view.task ? `benchwright:${view.who}:${view.task}` : null);
  const typed = () => ({
    note: one("#note") ? one("#note").value : null,
    text: one("#edit") && !one("#editing").hidden ? one("#edit").value : null,
  });

  function keep() {
    const key = slot();
    if (!key) return;
    const draft = { ...typed(), bases, send: ++sends };
    try {
      localStorage.setItem(key, JSON.stringify(draft));
    } catch {
      say("this browser keeps no drafts", "bad");
    }
    say(connected() ? "typing…" : "kept in this browser", "");
    clearTimeout(timer);
    timer = setTimeout(flush, 250);
  }

  function flush() {
    clearTimeout(timer);
    const key = slot();
    const kept = key && localStorage.getItem(key);
    if (!kept || !connected()) return;
    const { note, text, send: number } = JSON.parse(kept);
    bases = [...bases.slice(-20), note];
    localStorage.setItem(key, JSON.stringify({ note, text, bases, send: number }));
    emitEvent("draft", { task: view.task, note, text, number });
  }

  function draftSaved(task, number) {
    const key = view && `benchwright:${view.who}:${task}`;
    const kept = key && localStorage.getItem(key);
    if (kept && JSON.parse(kept).send === number) {
      localStorage.removeItem(key);
      if (view.task === task) say("draft saved", "good");
    }
  }

  function restore() {
    const key = slot();
    const kept = key && localStorage.getItem(key);
    let { note, text } = view;
    bases = [note];
    if (kept) {
      const local = JSON.parse(kept);
      const other = note && note !== local.note && !local.bases.includes(note);
      // Written elsewhere in the meantime: both are kept.
      note = other ? `${note}\n${local.note || ""}`.trim() : local.note;
      text = local.text ?? text;
      bases = [...local.bases.slice(-20), note];
      sends = Math.max(sends, local.send);
    }
    if (one("#note")) one("#note").value = note || "";
    if (one("#edit")) {
      one("#edit").value = text ?? view.wording;
      one("#editing").hidden = text === null;
    }
    if (kept) {
      keep();
      flush();
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
    if (next.saved) localStorage.removeItem(`benchwright:${next.who}:${next.saved}`);
    if (next.name) sessionStorage.setItem(NAME, next.name);
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

  function refused(text) {
    waiting = null;
    say(text, "bad");
    const line = one("#problem");
    if (line) line.textContent = text;
  }

  // --- what is done ----------------------------------------------------------------------------------------------
  function answer(choice) {
    if (!view || !view.task || !view.answers.includes(choice)) return;
    if (choice === "edit" && one("#editing").hidden) {
      one("#editing").hidden = false;
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
      sessionStorage.removeItem(NAME);
      window.location.reload();
    },
    login: () => {
      const name = one("#name").value.trim();
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
      if (button) run(button);
    });
    document.addEventListener("input", (event) => {
      if (event.target.id === "note" || event.target.id === "edit") keep();
    });
    document.addEventListener("visibilitychange", flush);
    if (window.innerWidth > 900) document.body.classList.add("guided");
    let was = false;
    setInterval(() => {
      const is = connected();
      if (window.socket) window.socket.io.reconnectionDelayMax(1000);
      if (is && !was) met();
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
    const name = sessionStorage.getItem(NAME);
    if (view) {
      flush();
      act("again");
    } else if (name) act("hello", { name });
    else if (one("#name")) one("#name").focus();
  }

  start();
  return { shown, refused, draftSaved };
})();
