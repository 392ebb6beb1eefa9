// @ts-check
import { Refusal, call } from "./api.js";

const RETRY_MS = [500, 1000, 2000, 5000];
const HIDDEN_MS = 20_000; // nobody looks at a hidden tab: after this long its picture costs nothing any more
const CONNECT_MS = 8000;

/**
 * Plays the captioned picture in a video element, and goes on trying while the page is open.
 */
export class Preview {
  #video;
  #onState;
  /** @type {RTCPeerConnection | null} */
  #peer = null;
  #name = "";
  #failures = 0;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {HTMLVideoElement} video
   * @param {(playing: boolean, sentence: string) => void} onState
   */
  constructor(video, onState) {
    this.#video = video;
    this.#onState = onState;
    video.addEventListener("playing", () => onState(true, ""));
    document.addEventListener("visibilitychange", () => this.#seenOrHidden());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", () => this.#open());
  }

  async #open() {
    this.#close();
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.#peer = peer;
    this.#timer = setTimeout(() => this.#failed(peer, "The picture does not come through: trying again …"), CONNECT_MS);
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "connected") {
        clearTimeout(this.#timer);
        this.#failures = 0;
      } else if (peer.connectionState === "failed" || peer.connectionState === "disconnected") {
        this.#failed(peer, "The picture was cut off: trying again …");
      }
    });
    peer.addEventListener("track", ({ track }) => {
      this.#video.srcObject = new MediaStream([track]);
    });
    try {
      const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
      if ("jitterBufferTarget" in receiver) {
        receiver.jitterBufferTarget = 0; // nothing on the way can be late: there is no network
      }
      await peer.setLocalDescription();
      const { name, sdp } = await call("POST", "/api/v1/preview", { sdp: peer.localDescription?.sdp });
      if (this.#peer !== peer) {
        this.#tellClosed(name);
        return;
      }
      this.#name = name;
      await peer.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      const sentence = error instanceof Refusal ? error.message : "The picture was cut off: trying again …";
      this.#failed(peer, sentence);
    }
  }

  /**
   * @param {RTCPeerConnection} peer
   * @param {string} sentence
   */
  #failed(peer, sentence) {
    if (this.#peer !== peer) {
      return;
    }
    this.#close();
    this.#onState(false, sentence);
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), pause);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = null;
    if (this.#name) {
      this.#tellClosed(this.#name);
      this.#name = "";
    }
  }

  /** @param {string} name */
  #tellClosed(name) {
    call("DELETE", `/api/v1/preview/${name}`, {}, { keepalive: true }).catch(() => {});
  }

  #seenOrHidden() {
    if (document.hidden) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        if (document.pictureInPictureElement !== this.#video) {
          this.#close();
          this.#onState(false, "The picture rests while this tab is hidden.");
        }
      }, HIDDEN_MS);
    } else if (this.#peer?.connectionState === "connected") {
      clearTimeout(this.#timer);
    } else {
      this.#open();
    }
  }
}
