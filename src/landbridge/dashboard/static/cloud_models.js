// The models of a provider: found, sorted and scrolled here, so that thousands of them cost the page a screenful.
const SPARE = 10; // rows outside of sight that are drawn, too
const ICONS = ["visibility", "build", "psychology", "picture_as_pdf"];

export default {
  template: `
    <div class="cm">
      <div class="cm-bar">
        <q-input v-model="wanted" class="cm-search" outlined dense clearable type="search" :label="words.search"
                 @update:model-value="arrange">
          <template #prepend><q-icon name="search" aria-hidden="true"></q-icon></template>
        </q-input>
        <div class="cm-filters" role="group" :aria-label="words.can">
          <button v-for="(what, at) in words.abilities.slice(0, 3)" type="button" class="cm-chip" :aria-pressed="only.includes(at)"
                  :title="words.only.replace('{what}', what)" @click="toggle(at)">
            <i class="q-icon material-icons" aria-hidden="true">{{ icons[at] }}</i>{{ what }}
          </button>
          <button type="button" class="cm-chip" :aria-pressed="priced" :title="words.priced" @click="priced = !priced; arrange()">
            <i class="q-icon material-icons" aria-hidden="true">payments</i>$
          </button>
        </div>
        <span class="lb-muted lb-small cm-count" role="status">{{ counted }}</span>
      </div>
      <div ref="view" class="cm-view" role="table" tabindex="0" :aria-label="words.label" :aria-rowcount="total + 1"
           @scroll.passive="look">
        <div class="cm-head" role="rowgroup"><div class="cm-row" role="row">
          <span v-for="key in columns" role="columnheader" :class="'c-' + key" :aria-sort="sorted(key)">
            <span v-if="key === 'can'">{{ words.can }}</span>
            <button v-else type="button" class="cm-sort" @click="sort(key)">{{ words[key] }}
              <i class="q-icon material-icons" aria-hidden="true">{{ arrow(key) }}</i></button>
          </span>
        </div></div>
        <div ref="space" class="cm-space" role="rowgroup">
          <div v-for="row in shown" :key="row.line.name" class="cm-row cm-line" role="row" :aria-rowindex="row.at + 2"
               :style="{ top: row.at * height + 'px' }">
            <span role="cell" class="c-model"><span class="cm-name" :title="row.line.name">{{ row.line.model }}</span>
              <button type="button" class="cm-copy" :aria-label="words.copy.replace('{name}', row.line.name)"
                      :title="row.line.name" @click="copy(row.line.name)">
                <i class="q-icon material-icons" aria-hidden="true">{{ copied === row.line.name ? "check" : "content_copy" }}</i></button>
            </span>
            <span role="cell" class="c-window" :title="full(row.line.window)">{{ tokens(row.line.window) }}</span>
            <span role="cell" class="c-output" :title="full(row.line.output)">{{ tokens(row.line.output) }}</span>
            <span role="cell" class="c-can"><template v-for="(what, at) in words.abilities">
              <i v-if="row.line.can[at] !== 'no'" class="q-icon material-icons" role="img" :class="'can-' + row.line.can[at]"
                 :aria-label="able(row.line.can[at], what)" :title="able(row.line.can[at], what)">{{ icons[at] }}</i>
              <i v-else class="cm-not" aria-hidden="true"></i></template></span>
            <span role="cell" class="c-in" :title="row.line.says">{{ dollars(row.line.in) }}</span>
            <span role="cell" class="c-out" :title="row.line.says">{{ dollars(row.line.out) }}</span>
          </div>
        </div>
        <div v-if="known && !total" class="cm-none lb-muted" role="row"><span role="cell">{{ words.none }}</span></div>
      </div>
      <span class="cm-hidden" role="status">{{ copied ? words.copied : "" }}</span>
    </div>`,
  props: { words: Object },
  emits: ["uncopied"],
  data() {
    return {
      wanted: "",
      only: [],
      priced: false,
      by: "",
      down: false,
      shown: [],
      total: 0,
      known: 0,
      height: 40,
      copied: "",
      icons: ICONS,
      columns: ["model", "window", "output", "can", "in", "out"],
    };
  },
  computed: {
    counted() {
      return this.words.count.replace("{n}", this.total.toLocaleString()).replace("{all}", this.known.toLocaleString());
    },
  },
  created() {
    this.all = [];
    this.rows = [];
  },
  mounted() {
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(this.$refs.view);
    this.measure();
  },
  unmounted() {
    this.sizes.disconnect();
    clearTimeout(this.later);
  },
  methods: {
    show(lines) {
      for (const line of lines) line.key = line.model.toLowerCase();
      this.all = lines;
      this.known = lines.length;
      this.arrange(true);
    },
    arrange(stay) {
      const words = (this.wanted || "").toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (line) =>
        words.every((word) => line.key.includes(word)) &&
        this.only.every((at) => line.can[at] === "yes") &&
        (!this.priced || line.in !== null);
      const rows = this.all.filter(fits);
      if (this.by) {
        const key = this.by === "model" ? "key" : this.by;
        const turn = this.down ? -1 : 1;
        // What is not known comes last, whichever way it is sorted.
        rows.sort((one, other) => {
          const [a, b] = [one[key], other[key]];
          if (a === b) return 0;
          if (a === null) return 1;
          if (b === null) return -1;
          return (a < b ? -1 : 1) * turn;
        });
      }
      this.rows = rows;
      this.total = rows.length;
      if (stay !== true) this.$refs.view.scrollTop = 0;
      this.look();
    },
    toggle(at) {
      this.only = this.only.includes(at) ? this.only.filter((each) => each !== at) : [...this.only, at];
      this.arrange();
    },
    sort(key) {
      if (this.by !== key) [this.by, this.down] = [key, key === "window" || key === "output"];
      else if (this.down === (key === "window" || key === "output")) this.down = !this.down;
      else this.by = "";
      this.arrange();
    },
    sorted(key) {
      return this.by !== key ? null : this.down ? "descending" : "ascending";
    },
    arrow(key) {
      return this.by !== key ? "unfold_more" : this.down ? "arrow_downward" : "arrow_upward";
    },
    measure() {
      const height = parseFloat(getComputedStyle(this.$refs.space).getPropertyValue("--cm-height")) || 40;
      if (height !== this.height) this.height = height;
      this.look();
    },
    look() {
      const view = this.$refs.view;
      if (!view) return;
      this.$refs.space.style.height = `${this.rows.length * this.height}px`;
      const first = Math.max(0, Math.floor(view.scrollTop / this.height) - SPARE);
      const last = Math.min(this.rows.length, Math.ceil((view.scrollTop + view.clientHeight) / this.height) + SPARE);
      const shown = [];
      for (let at = first; at < last; at++) shown.push({ at, line: this.rows[at] });
      this.shown = shown;
    },
    async copy(name) {
      try {
        await navigator.clipboard.writeText(name);
      } catch {
        this.$emit("uncopied", name); // there is no clipboard for pages of other machines without https
        return;
      }
      this.copied = name;
      clearTimeout(this.later);
      this.later = setTimeout(() => (this.copied = ""), 2000);
    },
    tokens(number) {
      if (number === null) return "-";
      if (number >= 1e6) return `${+(number / 1e6).toFixed(1)}M`;
      return number >= 1000 ? `${Math.round(number / 1000)}k` : `${number}`;
    },
    full(number) {
      return number === null ? this.words.unknown : number.toLocaleString();
    },
    dollars(price) {
      return price === null ? "-" : price && price < 0.01 ? `$${price}` : `$${price.toFixed(2)}`;
    },
    able(state, what) {
      return state === "assumed" ? this.words.assumed.replace("{what}", what) : what;
    },
  },
};
