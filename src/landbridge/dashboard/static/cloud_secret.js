// A field for a key. What is typed stays in the field: it is in no attribute, and nobody is told of it before it is
// taken, once.
export default {
  template: `
    <q-field :model-value="filled" :label="label" outlined dense @focus="$refs.input.focus()">
      <template #control>
        <input ref="input" type="password" class="q-field__native" :aria-label="label" autocomplete="new-password"
               spellcheck="false" autocapitalize="off" @input="look">
      </template>
    </q-field>`,
  props: { label: String },
  data() {
    return { filled: "" };
  },
  methods: {
    look() {
      this.filled = this.$refs.input.value ? "*" : "";
    },
    take() {
      return this.$refs.input.value.trim();
    },
    forget() {
      this.$refs.input.value = "";
      this.look();
    },
  },
};
