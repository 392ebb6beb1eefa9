// @ts-check
(() => {
  const parts = (globalThis.signcapParts ??= {});
  const STATE_MS = 10_000; // a busy computer: without an answer the camera is not in the list
  const OPEN_MS = 75_000; // the person may be asked meanwhile

  /**
   * Speaks with our script outside the page's world, over a channel that is handed over before the page's first script
   * runs. It is no secret: whoever speaks through it gets no more than what getUserMedia gives.
   */
  parts.Link = class {
    /** @type {MessagePort | null} */
    #port = null;
    #count = 0;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    #open = new Map();
    /** @type {(type: "changed" | "end") => void} */
    #hear = () => {};

    constructor() {
      /** @param {any} event */
      const take = ({ ports: [port] }) => {
        removeEventListener("signcap-bridge", take);
        this.#port = port;
        port.onmessage = (/** @type {MessageEvent} */ { data }) => this.#receive(data);
      };
      addEventListener("signcap-bridge", take);
      dispatchEvent(new Event("signcap-page"));
    }

    /**
     * @param {"state" | "open"} type
     * @param {string} [sdp]
     * @returns {Promise<any>}
     */
    ask(type, sdp) {
      const id = ++this.#count;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(reject)(failure("AbortError")), type === "open" ? OPEN_MS : STATE_MS);
        /** @param {(value: any) => void} end */
        const settle = (end) => (/** @type {any} */ value) => {
          clearTimeout(timer);
          this.#open.delete(id);
          end(value);
        };
        this.#open.set(id, { resolve: settle(resolve), reject: settle(reject) });
        if (this.#port) {
          this.#port.postMessage({ id, type, sdp });
        } else {
          settle(reject)(failure("AbortError"));
        }
      });
    }

    /**
     * @param {"close" | "connection"} type
     * @param {"playing" | "blocked"} [happened]
     */
    tell(type, happened) {
      this.#port?.postMessage({ type, happened });
    }

    /** @param {(type: "changed" | "end") => void} hear */
    listen(hear) {
      this.#hear = hear;
    }

    /** @param {any} data */
    #receive({ id, type, value, error }) {
      const asked = this.#open.get(id);
      if (asked && error) {
        asked.reject(failure(error));
      } else if (asked) {
        asked.resolve(value);
      } else if (type === "changed" || type === "end") {
        this.#hear(type);
      }
    }
  };

  /** @type {Record<string, string>} as browsers say it */
  const SENTENCES = {
    NotAllowedError: "Permission denied",
    NotReadableError: "Could not start video source",
    AbortError: "Could not start video source",
  };

  /** @param {string} name */
  function failure(name) {
    const known = Object.hasOwn(SENTENCES, name) ? name : "NotReadableError";
    return new DOMException(SENTENCES[known], known);
  }
})();
