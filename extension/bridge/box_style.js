// @ts-check

/** The looks of the box. As an adopted style sheet no policy of the page stands against it. */
const SIGNCAP_BOX_STYLE = `
:host {
  all: initial !important;
  position: fixed !important;
  inset: auto !important;
  left: var(--left, 0) !important;
  top: var(--top, 0) !important;
  margin: 0 !important;
  padding: 0 !important;
  border: 0 !important;
  background: none !important;
  overflow: visible !important;
  width: min(30rem, calc(100vw - 1rem)) !important;
  z-index: 2147483647 !important;
  color-scheme: dark !important;
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif !important;
  -webkit-user-select: none !important;
  user-select: none !important;
}

:host(:not(:popover-open)[hidden]) {
  display: none !important;
}

* {
  box-sizing: border-box;
}

.box {
  display: grid;
  gap: 8px;
  padding: 8px 10px 10px;
  border: 1px solid #343b47;
  border-radius: 16px;
  background: rgb(16 19 23 / 93%);
  box-shadow: 0 12px 32px rgb(0 0 0 / 35%);
  color: #f1f0ea;
}

.bar {
  display: flex;
  align-items: center;
  gap: 8px;
}

.grip {
  display: flex;
  flex: 1;
  align-items: center;
  gap: 8px;
  min-height: 32px;
  padding: 0 6px;
  border: 0;
  border-radius: 10px;
  background: none;
  color: #a6acb7;
  font: inherit;
  font-size: 13px;
  font-weight: 600;
  text-align: left;
  cursor: grab;
  touch-action: none;
}

.grip:active {
  cursor: grabbing;
}

.dot {
  width: 9px;
  height: 9px;
  flex: none;
  border-radius: 50%;
  background: #ffc572;
}

.box[data-link="live"] .dot {
  background: #63d396;
}

.bar button:not(.grip) {
  display: grid;
  place-items: center;
  width: 32px;
  height: 32px;
  padding: 0;
  border: 0;
  border-radius: 10px;
  background: none;
  color: #f1f0ea;
  font: inherit;
  font-size: 18px;
  cursor: pointer;
}

button:hover {
  background: #2a2f38 !important;
}

:focus-visible {
  outline: 2px solid #63d5c6;
  outline-offset: 1px;
}

.words {
  display: flex;
  flex-direction: column;
  justify-content: flex-end;
  min-height: 3.1em;
  max-height: 8.4em;
  overflow: hidden;
  padding: 0 6px;
  font-size: 20px;
  line-height: 1.4;
  overflow-wrap: anywhere;
}

.before {
  color: #a6acb7;
}

.partial {
  color: #ffd75e;
  text-decoration: underline dotted 0.08em;
  text-underline-offset: 0.18em;
}

.committed {
  white-space: pre-wrap;
}

/* Words stand in attributes: a page can search all text, that of closed trees too, by window.find, but not this. */
[data-words]::before {
  content: attr(data-words);
}

.quiet {
  color: #a6acb7;
  font-size: 15px;
}

.note {
  padding: 0 6px;
  color: #ffc572;
}

.note:empty,
.phrases:empty,
p:empty:not([data-words]),
[data-words=""] {
  display: none;
}

p {
  margin: 0;
}

.type {
  display: flex;
  gap: 6px;
}

input {
  flex: 1;
  min-width: 0;
  height: 36px;
  padding: 0 12px;
  border: 1px solid #4a525f;
  border-radius: 18px;
  background: #181c22;
  color: #f1f0ea;
  font: inherit;
  -webkit-user-select: text;
  user-select: text;
}

input::placeholder {
  color: #a6acb7;
}

.type button,
.phrases button {
  min-height: 36px;
  padding: 0 14px;
  border: 1px solid #4a525f;
  border-radius: 18px;
  background: #181c22;
  color: #f1f0ea;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}

.phrases {
  display: flex;
  gap: 6px;
  margin: 0;
  padding: 2px;
  overflow-x: auto;
  list-style: none;
  scrollbar-width: none;
}

.phrases button {
  min-height: 32px;
  padding: 0 12px;
  font-weight: 500;
  white-space: nowrap;
}
`;
