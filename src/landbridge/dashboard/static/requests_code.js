// A body in lines, of which only those in sight are in the page. Lines are [indent, name, value, mark, folded text].
const HEIGHT = 20;
const SPARE = 20;
const SIGNS = { moved: ">", changed: "~", "left out": "-", added: "+" };

export default {
  template: `
    <div ref="view" class="rq-code" tabindex="0" role="region" :aria-label="label" @scroll.passive="look">
      <div ref="space" class="rq-code-space">
        <div v-for="(row, slot) in shown" :key="slot" class="rq-code-line" :class="row.mark">
          <span class="rq-sign" :title="row.line[3]">{{ row.sign }}</span><span
            :style="{ paddingLeft: row.line[0] * 2 + 'ch' }"></span><span class="rq-name">{{ row.line[1] }}</span><button
            v-if="row.line[4] >= 0" type="button" class="rq-fold" @click="$emit('fold', row.line[4])">{{ foldWords }}</button
            ><span>{{ row.line[2] }}</span>
        </div>
      </div>
    </div>`,
  props: { label: String, foldWords: String },
  data() {
    return { shown: [] };
  },
  created() {
    this.lines = [];
  },
  mounted() {
    this.sizes = new ResizeObserver(() => this.look());
    this.sizes.observe(this.$refs.view);
  },
  unmounted() {
    this.sizes.disconnect();
  },
  methods: {
    put(lines, at) {
      this.lines = this.lines.slice(0, at).concat(lines);
      this.$refs.space.style.height = `${this.lines.length * HEIGHT}px`;
      this.look();
    },
    // To the next marked line below (or, with -1, above) what is in sight at the top.
    jump(step) {
      const view = this.$refs.view;
      const marked = (at) => this.lines[at]?.[3] && (at === 0 || this.lines[at - 1][3] !== this.lines[at][3]);
      const here = this.at ?? (step > 0 ? -1 : this.lines.length);
      for (let at = here + step; at >= 0 && at < this.lines.length; at += step) {
        if (!marked(at)) continue;
        this.at = at;
        view.scrollTop = Math.max(0, at * HEIGHT - 2 * HEIGHT);
        this.look();
        return true;
      }
      this.at = undefined; // the next one begins anew
      return false;
    },
    look() {
      const view = this.$refs.view;
      if (!view) return;
      const first = Math.max(0, Math.floor(view.scrollTop / HEIGHT) - SPARE);
      const last = Math.min(this.lines.length, Math.ceil((view.scrollTop + view.clientHeight) / HEIGHT) + SPARE);
      this.$refs.space.style.paddingTop = `${first * HEIGHT}px`;
      const shown = [];
      for (let at = first; at < last; at++) {
        const line = this.lines[at];
        const mark = line[3] ? `rq-${line[3].replace(" ", "-")}` : "";
        shown.push({ at, line, mark: at === this.at ? `${mark} rq-here` : mark, sign: SIGNS[line[3]] || "" });
      }
      this.shown = shown;
    },
  },
};
