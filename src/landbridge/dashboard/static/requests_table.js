// The list of exchanges: thousands of rows, of which only those in sight are in the page.
//
// New rows come on top. What the reader looks at stays where it is, unless the reader is at the very top and has not
// just moved the pointer over a row: then the list runs.
const SPARE = 8; // rows outside of sight that are drawn, too
const MOST = 50000; // rows that are kept
const STILL = 3000; // milliseconds that a pointer, once moved, holds the list

export default {
  template: `
    <div class="rq-box" :class="room">
      <button v-if="fresh" class="rq-fresh" type="button" @click="top">
        <span aria-hidden="true">↑</span> {{ freshWords.replace("{n}", fresh) }}
      </button>
      <div ref="view" class="rq-view" role="grid" tabindex="0" :aria-label="label" :aria-rowcount="total"
           :aria-activedescendant="active ? rowId(active) : null" @scroll.passive="look" @keydown="key"
           @pointermove.passive="moved = Date.now()" @pointerleave="moved = 0" @blur="active = ''">
        <div class="rq-head" role="rowgroup"><div class="rq-row" role="row">
          <span v-for="(name, at) in columns" role="columnheader" :class="'c-' + keys[at]">{{ name }}</span>
        </div></div>
        <div ref="space" class="rq-space" role="rowgroup">
          <div v-for="(row, slot) in shown" :key="slot" :id="rowId(row.line.id)" class="rq-row rq-line" role="row"
               :class="{ 'rq-active': row.line.id === active }" :aria-rowindex="row.at + 2" :aria-label="row.line.says"
               @click="open($event, row.line.id)">
            <span v-for="(cell, at) in row.line.cells" role="gridcell" :class="'c-' + keys[at]">
              <span v-if="keys[at] === 'status'" class="lb-badge" :class="'lb-' + row.line.kind">{{ cell }}</span>
              <a v-else-if="keys[at] === 'model'" tabindex="-1" :href="'/requests/' + row.line.id" :title="cell">{{ cell }}</a>
              <span v-else :title="cell">{{ cell }}</span>
            </span>
          </div>
        </div>
      </div>
    </div>`,
  props: { columns: Array, keys: Array, label: String, freshWords: String },
  data() {
    return { shown: [], total: 0, fresh: 0, active: "", height: 40, room: "", pool: 1 };
  },
  created() {
    this.rows = [];
    this.known = new Set();
    this.more = false;
    this.asked = false;
    this.moved = 0;
  },
  mounted() {
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(this.$refs.view);
    this.measure();
  },
  unmounted() {
    this.sizes.disconnect();
  },
  methods: {
    rowId(id) {
      return `rq-${id}`;
    },
    // What the page says.
    reset(lines, more) {
      this.rows = [];
      this.known = new Set();
      this.fresh = 0;
      this.active = "";
      this.take(lines);
      this.more = more;
      this.asked = false;
      this.$refs.view.scrollTop = 0;
      this.look();
    },
    append(lines, more) {
      this.take(lines);
      this.more = more;
      this.asked = false;
      this.look();
    },
    take(lines) {
      for (const line of lines) {
        if (!this.known.has(line.id)) {
          this.known.add(line.id);
          this.rows.push(line);
        }
      }
    },
    merge(lines) {
      const found = lines.filter((line) => !this.known.has(line.id)).sort((one, other) => other.at - one.at);
      if (!found.length) return;
      const view = this.$refs.view;
      const first = Math.floor(view.scrollTop / this.height);
      const runs = view.scrollTop < 1 && !this.active && Date.now() - this.moved > STILL;
      const rows = [];
      let above = 0;
      let next = 0;
      for (const line of found) {
        while (next < this.rows.length && this.rows[next].at > line.at) rows.push(this.rows[next++]);
        if (next <= first) above++;
        rows.push(line);
        this.known.add(line.id);
      }
      this.rows = rows.concat(this.rows.slice(next));
      for (const line of this.rows.splice(MOST)) {
        this.known.delete(line.id);
        this.more = true;
      }
      this.stretch();
      if (!runs) {
        view.scrollTop += above * this.height;
        this.fresh += above;
      }
      this.look();
    },
    failed() {
      this.asked = false;
    },
    // What the reader does.
    top() {
      this.fresh = 0;
      this.active = "";
      this.moved = 0;
      this.$refs.view.scrollTop = 0;
      this.$refs.view.focus();
      this.look();
    },
    open(event, id) {
      if (event.target.closest("a")) return; // the browser follows it
      if (window.getSelection().toString()) return;
      document.getElementById(this.rowId(id))?.querySelector("a").click();
    },
    key(event) {
      const at = this.rows.findIndex((line) => line.id === this.active);
      const page = Math.max(1, Math.floor(this.$refs.view.clientHeight / this.height) - 2);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in steps && this.rows.length) {
        event.preventDefault();
        const start = at < 0 ? Math.ceil(this.$refs.view.scrollTop / this.height) - Math.sign(steps[event.key]) : at;
        this.choose(Math.min(this.rows.length - 1, Math.max(0, start + steps[event.key])));
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        document.getElementById(this.rowId(this.active))?.querySelector("a").click();
      } else if (event.key === "Escape") {
        this.active = "";
      }
    },
    choose(at) {
      const view = this.$refs.view;
      this.active = this.rows[at].id;
      const head = view.firstElementChild.offsetHeight;
      const y = at * this.height;
      if (y < view.scrollTop) view.scrollTop = y;
      else if (y + this.height > view.scrollTop + view.clientHeight - head)
        view.scrollTop = y + this.height - view.clientHeight + head;
      this.look();
    },
    // What is in sight.
    measure() {
      const width = this.$refs.view.clientWidth;
      const room = width > 1060 ? "" : width > 700 ? "rq-mid" : "rq-small";
      if (room !== this.room) {
        this.room = room;
        this.$nextTick(() => this.measure()); // rows are as high as the style says then
        return;
      }
      const height = parseFloat(getComputedStyle(this.$refs.space).getPropertyValue("--rq-height")) || 40;
      if (height !== this.height) {
        const first = this.$refs.view.scrollTop / this.height;
        this.height = height;
        this.stretch();
        this.$refs.view.scrollTop = first * height;
      }
      this.look();
    },
    stretch() {
      const height = `${this.rows.length * this.height}px`;
      if (this.$refs.space.style.height !== height) this.$refs.space.style.height = height;
      this.total = this.rows.length + 1;
    },
    look() {
      const view = this.$refs.view;
      if (!view) return;
      this.stretch();
      if (view.scrollTop < 1) this.fresh = 0;
      // Elements are used again for other rows, and none has a place of its own: new ones, or styles that no other
      // element has, cost the browser ten times as much as the text.
      this.pool = Math.ceil(view.clientHeight / this.height) + 2 * SPARE + 1;
      const first = Math.max(0, Math.floor(view.scrollTop / this.height) - SPARE);
      const last = Math.min(this.rows.length, first + this.pool);
      const shown = [];
      for (let at = first; at < last; at++) shown.push({ at, line: this.rows[at] });
      this.$refs.space.style.paddingTop = `${first * this.height}px`;
      this.shown = shown;
      const left = this.rows.length * this.height - view.scrollTop - view.clientHeight;
      if (this.more && !this.asked && this.rows.length && left < 2 * view.clientHeight) {
        this.asked = true;
        this.$emit("more", this.rows[this.rows.length - 1].id);
      }
    },
  },
};
