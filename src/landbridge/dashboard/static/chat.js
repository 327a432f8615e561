// What the chat needs in the browser itself: it stays at the end while answers grow, unless the reader has scrolled
// away; code gets a button that copies it; files are dropped and pasted; Escape stops.
export default {
  template: `<div class="lb-chat"><slot></slot></div>`,
  props: { copyLabel: String, copiedLabel: String, codeLabel: String, uploader: Number },
  mounted() {
    this.atEnd = true;
    this.top = 0;
    this.fit();
    this.scroller = this.$el.querySelector(".lb-chat-scroll");
    this.end = this.$el.querySelector(".lb-chat-end");
    this.scroller.addEventListener("scroll", this.scrolled, { passive: true });
    this.observer = new MutationObserver(() => this.changed());
    this.observer.observe(this.scroller, { childList: true, subtree: true, characterData: true });
    this.sizes = new ResizeObserver(() => this.follow());
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.scroller.firstElementChild);
    this.bar = new ResizeObserver(this.fit);
    this.bar.observe(document.querySelector("header") || this.$el);
    this.end.addEventListener("click", () => this.toEnd());
    this.$el.addEventListener("dragover", this.dragged);
    this.$el.addEventListener("dragleave", this.left);
    this.$el.addEventListener("drop", this.dropped);
    this.$el.addEventListener("paste", this.pasted);
    document.addEventListener("keydown", this.pressed);
    window.addEventListener("resize", this.fit);
    this.changed();
  },
  unmounted() {
    this.observer?.disconnect();
    this.sizes?.disconnect();
    this.bar?.disconnect();
    document.removeEventListener("keydown", this.pressed);
    window.removeEventListener("resize", this.fit);
  },
  methods: {
    fit() {
      const page = this.$el.closest(".lb-main");
      const below = page ? parseFloat(getComputedStyle(page).paddingBottom) : 0;
      const top = this.$el.getBoundingClientRect().top + window.scrollY;
      this.$el.style.height = `calc(100dvh - ${Math.ceil(top + below)}px)`;
    },
    changed() {
      for (const pre of this.scroller.querySelectorAll(".lb-fence-code:not([tabindex])")) {
        pre.tabIndex = 0;
        pre.setAttribute("role", "region");
        pre.setAttribute("aria-label", this.codeLabel);
        const bar = pre.parentElement.querySelector(".lb-fence-bar");
        if (bar) bar.append(this.copyButton(pre));
      }
      for (const link of this.scroller.querySelectorAll(".lb-prose a[href]:not([target])")) {
        link.target = "_blank";
        link.rel = "noopener noreferrer";
      }
      for (const table of this.scroller.querySelectorAll(".lb-prose table:not([tabindex])")) table.tabIndex = 0;
      this.follow();
    },
    copyButton(pre) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "lb-fence-copy";
      button.textContent = this.copyLabel;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(pre.textContent.replace(/\n$/, ""));
        button.textContent = this.copiedLabel;
        setTimeout(() => (button.textContent = this.copyLabel), 1500);
      });
      return button;
    },
    rest() {
      return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    },
    scrolled() {
      this.atEnd = this.rest() < 48;
      this.end.hidden = this.rest() < 200;
    },
    follow() {
      // The event of the reader's own scrolling may come later than this.
      if (this.scroller.scrollTop < this.top - 2 && this.rest() >= 48) this.atEnd = false;
      if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
      else this.end.hidden = this.rest() < 200;
      this.top = this.scroller.scrollTop;
    },
    toEnd() {
      this.atEnd = true;
      this.top = this.scroller.scrollTop;
      this.follow();
    },
    painted() {
      // Frames are not drawn in a tab that nobody sees.
      return new Promise((done) => {
        requestAnimationFrame(() => setTimeout(done, 0, true));
        setTimeout(done, 300, true);
      });
    },
    hasFiles(event) {
      return [...(event.dataTransfer?.types || [])].includes("Files");
    },
    dragged(event) {
      if (!this.hasFiles(event)) return;
      event.preventDefault();
      this.$el.classList.add("lb-chat-drop");
    },
    left(event) {
      if (!this.$el.contains(event.relatedTarget)) this.$el.classList.remove("lb-chat-drop");
    },
    dropped(event) {
      if (!this.hasFiles(event)) return;
      event.preventDefault();
      this.$el.classList.remove("lb-chat-drop");
      this.give(event.dataTransfer.files);
    },
    pasted(event) {
      if (event.clipboardData?.files?.length) {
        event.preventDefault();
        this.give(event.clipboardData.files);
      }
    },
    give(files) {
      getElement(this.uploader).$refs.qRef.addFiles([...files]);
    },
    pressed(event) {
      if (event.key === "Escape" && !document.querySelector(".q-dialog, .q-menu")) this.$emit("escape");
    },
  },
};
