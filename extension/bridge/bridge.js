// @ts-check

{
  const BEAT_MS = 20_000; // a worker that hears nothing for 30 seconds is put to sleep
  const RECONNECT_MS = 1000;

  /** @type {Record<string, true>} what the page may ask for: whatever it sends, the box's questions are not among them */
  const FOR_THE_PAGE = { state: true, open: true, close: true, connection: true };

  const keys = new SigncapKeys();
  const channel = new MessageChannel();
  /** @type {chrome.Port | null} */
  let port = null;
  /** @type {SigncapBox | null} */
  let box = null;
  let holdsCamera = false;

  /**
   * @param {string} type
   * @param {object} [more]
   * @returns {Promise<any>}
   * @throws {Error} with a sentence for people, and the name that browsers use
   */
  async function ask(type, more = {}) {
    const answer = await chrome.runtime.sendMessage({ ...more, type });
    if (answer?.error) {
      throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
    }
    return answer?.value;
  }

  /** What the browser says of this site and cameras: asked here, where the page cannot answer in its place. */
  async function permission() {
    try {
      return (await navigator.permissions.query({ name: /** @type {any} */ ("camera") })).state;
    } catch {
      return "denied";
    }
  }

  /** While the camera is open or the box is shown, the worker holds on to this page. */
  function hold() {
    if (port || !(holdsCamera || box?.shown) || !chrome.runtime?.id) {
      return; // without an id, the extension was removed or loaded anew
    }
    port = chrome.runtime.connect({ name: "page" });
    port.onMessage.addListener((/** @type {any} */ { words, link }) => box?.update(words, link));
    port.onDisconnect.addListener(() => {
      port = null;
      setTimeout(hold, RECONNECT_MS);
    });
    port.postMessage({ type: "captions", on: box?.shown === true });
  }

  setInterval(() => port?.postMessage({ type: "beat" }), BEAT_MS);

  /**
   * @param {boolean} shown
   * @param {{x: number, y: number} | null} place
   */
  function showBox(shown, place) {
    if (shown && !box?.shown) {
      box ??= new SigncapBox(ask, keys);
      box.show(place);
    } else if (!shown) {
      box?.hide();
    }
    if (port) {
      port.postMessage({ type: "captions", on: shown });
    }
    hold();
  }

  /** @param {any} data whatever the page sends */
  async function answerPage(data) {
    const { id, type, sdp, happened } = data ?? {};
    if (typeof type !== "string" || !Object.hasOwn(FOR_THE_PAGE, type)) {
      return;
    }
    try {
      holdsCamera = type === "open" || (holdsCamera && type !== "close");
      hold();
      const value = await ask(type, { sdp: String(sdp), happened: String(happened), permission: await permission() });
      channel.port1.postMessage({ id, value });
    } catch (error) {
      channel.port1.postMessage({ id, error: error instanceof Error ? error.name : "AbortError" });
    }
  }

  channel.port1.onmessage = ({ data }) => void answerPage(data);
  const handOver = () =>
    dispatchEvent(new MessageEvent("signcap-bridge", { ports: [channel.port2] }));
  addEventListener("signcap-page", handOver, { once: true }); // where our script in the page comes after this one
  handOver();

  chrome.runtime.onMessage.addListener((message, sender) => {
    if (sender.id !== chrome.runtime.id) {
      return;
    }
    if (message.type === "box" && self === top) {
      void followBox();
    } else if (message.type === "changed" || message.type === "end") {
      channel.port1.postMessage({ type: message.type });
    }
  });

  /** Show the box or hide it, as the person wants it now, where they had put it on this site. */
  async function followBox() {
    const wanted = await ask("box").catch(() => null);
    if (wanted) {
      showBox(wanted.shown, wanted.place);
    }
  }

  if (self === top) {
    if (document.readyState === "loading") {
      addEventListener("DOMContentLoaded", () => void followBox(), { once: true });
    } else {
      void followBox();
    }
  }
  addEventListener("pagehide", () => port?.disconnect());
}
