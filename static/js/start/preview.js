// @ts-check
import { Refusal, call } from "../shared/api.js";
import { Pictures } from "../shared/pictures.js";

const RETRY_MS = [500, 1000, 2000, 5000];
const HIDDEN_MS = 20_000; // nobody looks at a hidden tab: after this long its picture costs nothing any more
const CONNECT_MS = 6000;
const STILLS = "/api/v1/preview.mjpeg";

/**
 * Plays the captioned picture, and goes on trying while the page is open: over WebRTC in a video element,
 * or, where the browser does not have that on this machine, as a stream of images in an image element.
 */
export class Preview {
  #video;
  #image;
  #onState;
  #stills;
  /** @type {RTCPeerConnection | null} */
  #peer = null;
  #name = "";
  #failures = 0;
  /** @type {number | undefined} */
  #timer;
  // Firefox sends no WebRTC to 127.0.0.1, the only address that Signcap is at.
  // Without a network, Chromium has no address to send from.
  #asStills =
    !navigator.onLine ||
    typeof RTCPeerConnection === "undefined" || / Firefox\//.test(navigator.userAgent);

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLImageElement} image
   * @param {(playing: boolean, sentence: string) => void} onState
   */
  constructor(video, image, onState) {
    this.#video = video;
    this.#image = image;
    this.#onState = onState;
    video.addEventListener("playing", () => onState(true, ""));
    image.addEventListener("load", () => onState(true, ""));
    this.#stills = new Pictures(image, STILLS, (why, sentence) => {
      onState(false, why === "cut" ? "The picture was cut off. Trying again …" : sentence);
    });
    document.addEventListener("visibilitychange", () => this.#seenOrHidden());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", () => document.hidden || this.#open());
  }

  #open() {
    this.#close();
    this.#video.hidden = this.#asStills;
    this.#image.hidden = !this.#asStills;
    if (this.#asStills) {
      this.#stills.open();
    } else {
      this.#openWebRtc();
    }
  }

  async #openWebRtc() {
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.#peer = peer;
    this.#timer = setTimeout(() => this.#failed(peer), CONNECT_MS);
    let addresses = 0;
    peer.addEventListener("icecandidate", ({ candidate }) => {
      addresses += candidate?.candidate ? 1 : 0;
      if (!candidate && addresses === 0) {
        this.#failed(peer); // without a network, Chromium has no address to send from
      }
    });
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "connected") {
        clearTimeout(this.#timer);
        this.#failures = 0;
      } else if (peer.connectionState === "failed") {
        this.#failed(peer);
      } else if (peer.connectionState === "disconnected") {
        this.#lost(peer);
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
      if (error instanceof Refusal && error.status === 422) {
        this.#failed(peer);
      } else {
        this.#lost(peer, error instanceof Refusal ? error.message : undefined);
      }
    }
  }

  /**
   * WebRTC does not come about here: take the images.
   *
   * @param {RTCPeerConnection} peer
   */
  #failed(peer) {
    if (this.#peer === peer) {
      this.#asStills = true;
      this.#open();
    }
  }

  /**
   * It did, and was cut off.
   *
   * @param {RTCPeerConnection} peer
   * @param {string} [sentence]
   */
  #lost(peer, sentence = "The picture was cut off.") {
    if (this.#peer === peer) {
      this.#retry(sentence);
    }
  }

  /** @param {string} sentence */
  #retry(sentence) {
    this.#close();
    this.#onState(false, `${sentence} Trying again …`);
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#isLookedAt && this.#open(), pause);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#stills.close();
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

  get #isOpen() {
    return this.#stills.isOpen || this.#peer?.connectionState === "connected";
  }

  get #isLookedAt() {
    return !document.hidden || document.pictureInPictureElement === this.#video;
  }

  #seenOrHidden() {
    clearTimeout(this.#timer);
    if (!document.hidden) {
      if (!this.#isOpen) {
        this.#open();
      }
    } else if (!this.#asStills) {
      this.#timer = setTimeout(() => {
        if (!this.#isLookedAt) {
          this.#close();
          this.#onState(false, "The picture pauses while this tab is hidden.");
        }
      }, HIDDEN_MS);
    }
  }
}
