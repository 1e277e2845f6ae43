// Steps through the event log of a finding: a filtered, windowed table, the picture beside it, and one detail line.
"use strict";
(() => {
  const ROW_PX = 28;
  const SPARE_ROWS = 12;

  const make = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // Paths share their heads with the one before: [characters kept, the rest].
  const unfold = (folded) => {
    let last = "";
    return folded.map(([kept, rest]) => (last = last.slice(0, kept) + rest));
  };

  const read = (section) => {
    const data = JSON.parse(section.querySelector("script[type='application/json']").textContent);
    const paths = unfold(data.paths);
    const events = data.events.map(([at, lane, code, path, text, causes], i) => ({
      id: data.first + i, at, lane: data.lanes[lane] ?? "?", kind: data.kinds[code] ?? data.kinds[0],
      path: paths[path] ?? "", text, causes, effects: [],
    }));
    const byId = (id) => events[id - data.first];
    for (const event of events) for (const cause of event.causes) byId(cause)?.effects.push(event.id);
    const story = new Set(data.story);
    const marks = new Map(data.marks.map(([id, cls, words]) => [id, { cls, words }]));
    return { events, byId, story, marks, lanes: data.lanes };
  };

  class Log {
    constructor(section) {
      this.section = section;
      Object.assign(this, read(section));
      this.picture = section.querySelector("svg.spacetime");
      this.rows = section.querySelector(".rows");
      this.space = section.querySelector(".space");
      this.detail = section.querySelector(".detail");
      this.count = section.querySelector("output");
      this.form = section.querySelector(".controls");
      this.chosen = null;
      this.fillSelect("lane", this.lanes.filter((lane) => this.events.some((e) => e.lane === lane)));
      this.fillSelect("kind", [...new Set(this.events.map((e) => e.kind))].sort());
      this.listen();
      this.filter();
    }

    fillSelect(name, values) {
      for (const value of values) {
        const option = make("option", "", value);
        option.value = value;
        this.form.elements[name].append(option);
      }
    }

    listen() {
      this.form.addEventListener("input", () => this.filter());
      this.form.addEventListener("submit", (e) => e.preventDefault());
      this.rows.addEventListener("scroll", () => this.draw(), { passive: true });
      this.rows.addEventListener("click", (e) => {
        const row = e.target.closest("[data-id]");
        if (row) this.choose(Number(row.dataset.id));
      });
      this.rows.addEventListener("keydown", (e) => this.key(e, this.shown, false));
      const frame = this.section.querySelector(".picture");
      frame?.addEventListener("keydown", (e) => this.key(e, this.events.filter((x) => this.story.has(x.id)), true));
      frame?.addEventListener("click", (e) => {
        const card = e.target.closest("[data-event]");
        if (card) this.choose(Number(card.dataset.event));
      });
      this.section.addEventListener("click", (e) => {
        const jump = e.target.closest("[data-jump]");
        if (jump) this.choose(Number(jump.dataset.jump), true);
      });
    }

    filter() {
      const { text, lane, kind, story } = this.form.elements;
      const wanted = text.value.trim().toLowerCase();
      const says = (e) => `#${e.id} ${e.at} ${e.lane} ${e.kind} ${e.text} ${e.path}`.toLowerCase().includes(wanted);
      this.shown = this.events.filter((e) =>
        (!lane.value || e.lane === lane.value) && (!kind.value || e.kind === kind.value) &&
        (!story.checked || this.story.has(e.id)) && (!wanted || says(e)));
      this.count.textContent = `${this.shown.length.toLocaleString("en")} of ${this.events.length.toLocaleString("en")} events`;
      this.space.style.height = `${(this.shown.length + 1) * ROW_PX}px`;
      this.rows.setAttribute("aria-rowcount", String(this.shown.length + 1));
      this.draw();
    }

    // Only the rows in sight are in the document, so that long logs stay quick.
    draw() {
      const first = Math.max(0, Math.floor(this.rows.scrollTop / ROW_PX) - SPARE_ROWS);
      const last = Math.min(this.shown.length, first + Math.ceil(this.rows.clientHeight / ROW_PX) + 2 * SPARE_ROWS);
      const head = this.space.firstElementChild;
      const causes = new Set(this.byId(this.chosen)?.causes);
      const rows = [];
      for (let i = first; i < last; i++) rows.push(this.row(this.shown[i], i, causes));
      this.space.replaceChildren(head, ...rows);
      const active = this.space.querySelector(".on");
      if (active) this.rows.setAttribute("aria-activedescendant", active.id);
      else this.rows.removeAttribute("aria-activedescendant");
    }

    row(event, at, causes) {
      const mark = this.marks.get(event.id);
      const row = make("div", ["row", mark?.cls, causes.has(event.id) && "cause"].filter(Boolean).join(" "));
      row.id = `${this.section.id}-row${event.id}`;
      row.dataset.id = String(event.id);
      row.style.top = `${(at + 1) * ROW_PX}px`;
      row.setAttribute("role", "row");
      row.setAttribute("aria-rowindex", String(at + 2));
      row.setAttribute("aria-selected", String(event.id === this.chosen));
      if (event.id === this.chosen) row.classList.add("on");
      const cells = [["num", `#${event.id}`], ["at", event.at], ["lane", event.lane], ["kind", event.kind],
        ["text", event.text], ["from", event.causes.map((c) => `← #${c}`).join(" ")]];
      for (const [cls, text] of cells) {
        const cell = make("span", cls, text);
        cell.setAttribute("role", "gridcell");
        row.append(cell);
      }
      row.title = mark ? `${event.text} (${mark.words})` : event.text;
      return row;
    }

    key(e, among, inPicture) {
      if (e.altKey || e.ctrlKey || e.metaKey || !among.length) return;
      const at = among.findIndex((x) => x.id === this.chosen);
      const now = this.byId(this.chosen);
      const steps = {
        ArrowDown: () => among[Math.min(at + 1, among.length - 1)]?.id,
        ArrowUp: () => among[at < 0 ? among.length - 1 : Math.max(at - 1, 0)]?.id,
        ArrowLeft: () => (inPicture ? this.linked(this.chosen, "data-to", "data-from")[0] : now?.causes[0]),
        ArrowRight: () => (inPicture ? this.linked(this.chosen, "data-from", "data-to")[0] : now?.effects[0]),
        Home: () => among[0].id,
        End: () => among[among.length - 1].id,
        PageDown: () => among[Math.min(at + 10, among.length - 1)]?.id,
        PageUp: () => among[Math.max(at - 10, 0)]?.id,
        Escape: () => null,
      };
      const step = steps[e.key];
      if (!step) return;
      e.preventDefault();
      const id = step();
      if (id !== undefined) this.choose(id, inPicture);
    }

    choose(id, showPicture) {
      this.chosen = id;
      const at = this.shown.findIndex((e) => e.id === id);
      if (at >= 0) {
        const top = at * ROW_PX;
        const room = this.rows.clientHeight - 2 * ROW_PX;
        if (top < this.rows.scrollTop) this.rows.scrollTop = top;
        else if (top > this.rows.scrollTop + room) this.rows.scrollTop = top - room;
      }
      this.draw();
      this.light(id, showPicture);
      this.tell(this.byId(id));
    }

    // The events at the other end of the picture's lines.
    linked(id, here, there) {
      const lines = this.picture?.querySelectorAll(`.edge[${here}="${id}"]`) ?? [];
      return [...lines].map((line) => Number(line.getAttribute(there)));
    }

    light(id, scroll) {
      if (!this.picture) return;
      for (const node of this.picture.querySelectorAll(".on, .cause")) node.classList.remove("on", "cause");
      const card = id && this.picture.querySelector(`[data-event="${id}"]`);
      this.picture.classList.toggle("chosen", Boolean(card));
      if (!card) return;
      card.classList.add("on");
      for (const line of this.picture.querySelectorAll(`[data-to="${id}"]`)) line.classList.add("on");
      for (const cause of this.linked(id, "data-to", "data-from")) {
        this.picture.querySelector(`[data-event="${cause}"]`)?.classList.add("cause");
      }
      if (scroll) card.scrollIntoView({ block: "center", inline: "nearest" });
    }

    tell(event) {
      if (!event) {
        this.detail.replaceChildren(make("p", "meta", "No event is chosen."));
        return;
      }
      const mark = this.marks.get(event.id);
      const meta = [`#${event.id}`, event.at, event.lane, event.kind, event.path, mark?.words].filter(Boolean).join("  ·  ");
      this.detail.replaceChildren(make("p", "text", event.text), make("p", "meta", meta),
        this.links("caused by", event.causes), this.links("leads to", event.effects));
    }

    links(title, ids) {
      const line = make("p", "links");
      if (!ids.length) return line;
      line.append(`${title} `);
      for (const id of ids.slice(0, 8)) {
        const chip = make("button", "chip", `#${id} ${this.byId(id)?.text ?? "(left out)"}`);
        chip.type = "button";
        chip.dataset.jump = String(id);
        line.append(chip);
      }
      if (ids.length > 8) line.append(`and ${ids.length - 8} more`);
      return line;
    }
  }

  const copy = async (button) => {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      // No clipboard, as in a page opened from a file: select the text instead.
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = said; }, 1500);
  };

  for (const section of document.querySelectorAll("section.finding")) new Log(section);
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-copy]");
    if (button) copy(button);
  });
})();
