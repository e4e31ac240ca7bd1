// A list of any length, of which only what is in view exists. Browsers cut
// elements off at some 17 million pixels; a longer list scrolls faster instead.

const LIST_LIMIT = 8e6;

class List {
  // `box` scrolls and takes the keys; `draw(i)` gives a row's element;
  // `pick(i)` is called for the row chosen. `head` is the height of what is
  // fixed above.
  constructor(box, options) {
    this.box = box;
    this.height = options.height;
    this.head = options.head || 0;
    this.draw = options.draw;
    this.pick = options.pick;
    this.rowRole = options.role;
    this.count = 0;
    this.active = -1;
    this.rows = el("div", { class: "rows", role: options.bodyRole });
    box.append(this.rows);
    box.addEventListener("scroll", () => this.later(), { passive: true });
    box.addEventListener("keydown", (event) => this.key(event));
    this.rows.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.later()).observe(box);
  }

  get inView() {
    return Math.max(1, Math.floor((this.box.clientHeight - this.head) / this.height));
  }

  get pixels() {
    return Math.min(this.count * this.height, LIST_LIMIT);
  }

  // Pixels of the list per pixel scrolled.
  get scale() {
    const room = this.box.clientHeight - this.head;
    return this.pixels <= room ? 1 : Math.max(1, (this.count * this.height - room) / (this.pixels - room));
  }

  setCount(count) {
    this.count = count;
    this.active = Math.min(this.active, count - 1);
    this.rows.style.height = this.pixels + "px";
    this.show();
  }

  later() {
    if (!this.waiting) {
      this.waiting = requestAnimationFrame(() => this.show());
    }
  }

  show() {
    cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    const top = this.box.scrollTop;
    const first = Math.max(0, Math.floor((top * this.scale) / this.height) - 3);
    this.place(first, Math.min(this.count, first + this.inView + 8), top - top * this.scale);
  }

  // For paper: the first rows, one below the other.
  showFirst(most) {
    this.place(0, Math.min(this.count, most), 0);
  }

  place(first, last, shift) {
    const drawn = [];
    for (let i = first; i < last; i++) {
      const row = this.draw(i);
      row.dataset.index = i;
      row.id = this.box.id + "-" + i;
      row.style.transform = "translateY(" + (i * this.height + shift) + "px)";
      row.classList.toggle("active", i === this.active);
      row.setAttribute("aria-selected", i === this.active);
      drawn.push(row);
    }
    this.rows.replaceChildren(...drawn);
    this.mark();
  }

  mark() {
    const id = this.box.id + "-" + this.active;
    if (this.active >= 0 && byId(id)) {
      this.box.setAttribute("aria-activedescendant", id);
    } else {
      this.box.removeAttribute("aria-activedescendant");
    }
  }

  reveal(i) {
    const room = this.box.clientHeight - this.head;
    const top = this.box.scrollTop * this.scale;
    if (i * this.height < top) {
      this.box.scrollTop = (i * this.height) / this.scale;
    } else if ((i + 1) * this.height > top + room) {
      this.box.scrollTop = ((i + 1) * this.height - room) / this.scale;
    }
  }

  // Without a call of pick.
  setActive(i) {
    this.active = Math.max(-1, Math.min(i, this.count - 1));
    if (this.active >= 0) {
      this.reveal(this.active);
    }
    this.show();
  }

  click(event) {
    const row = event.target.closest("[data-index]");
    if (row && !event.target.closest("a, button")) {
      this.setActive(Number(row.dataset.index));
      this.pick(this.active);
    }
  }

  key(event) {
    if (event.target !== this.box || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const page = Math.max(1, this.inView - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves && this.count) {
      this.setActive(Math.max(0, Math.min(this.count - 1, this.active + moves[event.key])));
    } else if ((event.key === "Enter" || event.key === " ") && this.active >= 0) {
      this.pick(this.active);
    } else {
      return;
    }
    event.preventDefault();
  }
}
