// @ts-check

/**
 * An element of the box. Text is always text: nothing is parsed, so that policies on trusted types do not matter.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function signcapMake(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The elements of the box, in a shadow tree that the page cannot look into. */
class SigncapBoxParts {
  host = signcapMake("div", { popover: "manual", hidden: "" });
  name = signcapMake("span", {}, "Captions, by Signcap");
  grip = signcapMake(
    "button",
    { class: "grip", type: "button", "aria-label": "Move the captions: drag, or press the arrow keys", title: "Drag to move" },
    signcapMake("span", { class: "dot" }),
    this.name,
  );
  phrasesButton = signcapMake(
    "button",
    { type: "button", "aria-label": "Quick phrases", "aria-expanded": "false", title: "Quick phrases" },
    "☰",
  );
  hideButton = signcapMake("button", { type: "button", "aria-label": "Hide the captions", title: "Hide" }, "×");
  before = signcapMake("p", { class: "before", "aria-live": "polite" });
  committed = signcapMake("span", { class: "committed" });
  partial = signcapMake("span", { class: "partial" });
  current = signcapMake("p", {}, this.committed, this.partial);
  quiet = signcapMake("p", { class: "quiet" });
  note = signcapMake("p", { class: "note", role: "status" });
  phrases = signcapMake("ul", { class: "phrases", "aria-label": "Quick phrases" });
  input = signcapMake("input", {
    type: "text",
    maxlength: "500",
    autocomplete: "off",
    placeholder: "Type to caption",
    "aria-label": "Type to caption",
  });
  send = signcapMake("button", { type: "button" }, "Send");
  box = signcapMake(
    "section",
    { class: "box", "aria-label": "Captions, by Signcap" },
    signcapMake("div", { class: "bar" }, this.grip, this.phrasesButton, this.hideButton),
    signcapMake("div", { class: "words" }, this.before, this.current, this.quiet),
    this.note,
    this.phrases,
    signcapMake("div", { class: "type" }, this.input, this.send),
  );
  root = this.host.attachShadow({ mode: "closed" });

  constructor() {
    const style = new CSSStyleSheet();
    style.replaceSync(SIGNCAP_BOX_STYLE);
    this.root.adoptedStyleSheets = [style];
    this.root.append(this.box);
  }
}
