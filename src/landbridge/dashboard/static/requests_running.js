// The exchanges under way. How long each has been is counted here, so that nothing is sent for it.
export default {
  template: `
    <div class="rq-running" :role="rows.length ? 'list' : 'group'" :aria-label="label" tabindex="0">
      <div v-if="!rows.length" class="rq-idle lb-muted">{{ idleWords }}</div>
      <div v-for="row in rows" :key="row.id" class="rq-under" role="listitem">
        <span class="rq-pulse" :class="'rq-' + row.phase" aria-hidden="true"></span>
        <span class="rq-under-model" :title="row.model">{{ row.model }}</span>
        <span class="rq-under-client lb-muted">{{ row.client }}</span>
        <span class="rq-under-phase">{{ row.says }}</span>
        <span class="rq-under-bar" aria-hidden="true"><span v-if="row.percent !== null" :style="{ width: row.percent + '%' }"></span></span>
        <span class="rq-under-time">{{ row.time }}</span>
      </div>
    </div>`,
  props: { label: String, idleWords: String },
  data() {
    return { rows: [] };
  },
  created() {
    this.began = new Map();
  },
  unmounted() {
    clearInterval(this.ticking);
  },
  methods: {
    show(rows) {
      const now = performance.now();
      const began = new Map();
      for (const row of rows) began.set(row.id, this.began.get(row.id) ?? now - row.age * 1000);
      this.began = began;
      this.rows = rows;
      this.tick();
      if (rows.length && !this.ticking) this.ticking = setInterval(() => this.tick(), 100);
      if (!rows.length) {
        clearInterval(this.ticking);
        this.ticking = undefined;
      }
    },
    tick() {
      const now = performance.now();
      for (const row of this.rows) {
        const seconds = Math.max(0, (now - this.began.get(row.id)) / 1000);
        row.time =
          seconds < 60
            ? `${seconds.toFixed(1)} s`
            : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
      }
    },
  },
};
