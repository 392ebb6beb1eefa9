// @ts-check
(() => {
  const parts = (globalThis.signcapParts ??= {});
  const { RTCPeerConnection, setTimeout, clearTimeout, DOMException } = globalThis;
  const BEGIN_MS = 6000; // a browser that keeps the page from this computer does not even begin to connect
  const CONNECT_MS = 15_000; // a busy computer
  const PICTURE_MS = 15_000;
  const WATCH_MS = 1500;
  const RETRY_MS = [500, 1000, 2000, 4000];

  /** @param {number} ms */
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const unreadable = () => new DOMException("Could not start video source", "NotReadableError");

  /**
   * The one way on which the picture comes to this page: over the page's own peer connection, straight from Signcap.
   *
   * When Signcap goes, the picture stands still and the connection tries again: it negotiates anew over the same peer
   * connection, so that the tracks which the page holds go on by themselves when Signcap is back.
   */
  parts.Connection = class {
    #link;
    #onStill;
    #onEnd;
    #closed = false;
    #failures = 0;
    #came = 0;
    #retrying = false;
    /** @type {number | undefined} */
    #watch;
    #peer = new RTCPeerConnection({ iceServers: [] });
    #receiver;
    size = { width: 1280, height: 720 };

    /**
     * @param {import("./shapes").Link} link
     * @param {(still: boolean) => void} onStill told when the picture stands still, and when it goes on
     * @param {() => void} onEnd told when it will not go on
     */
    constructor(link, onStill, onEnd) {
      this.#link = link;
      this.#onStill = onStill;
      this.#onEnd = onEnd;
      this.#receiver = this.#peer.addTransceiver("video", { direction: "recvonly" }).receiver;
      if ("jitterBufferTarget" in this.#receiver) {
        this.#receiver.jitterBufferTarget = 0; // nothing on the way can be late: there is no network
      }
    }

    async open() {
      try {
        await this.#negotiate();
        await this.#firstPicture();
      } catch (error) {
        this.close();
        throw error;
      }
      this.#peer.addEventListener("connectionstatechange", () => {
        if (!["connected", "connecting"].includes(this.#peer.connectionState)) {
          void this.#retry();
        }
      });
      this.#watch = setTimeout(() => this.#look(), WATCH_MS);
      this.#link.tell("connection", "playing");
      return { track: this.#receiver.track, ...this.size };
    }

    close() {
      if (!this.#closed) {
        this.#closed = true;
        clearTimeout(this.#watch);
        this.#peer.close();
        this.#link.tell("close");
      }
    }

    async #negotiate() {
      const peer = this.#peer;
      await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
      const { sdp } = await this.#link.ask("open", peer.localDescription?.sdp ?? "");
      if (this.#closed) {
        this.#link.tell("close");
        throw unreadable();
      }
      await peer.setRemoteDescription({ type: "answer", sdp });
      if (!(await this.#connected())) {
        this.#link.tell("connection", "blocked");
        throw unreadable();
      }
    }

    async #connected() {
      const limit = () => (this.#peer.iceConnectionState === "new" ? BEGIN_MS : CONNECT_MS);
      for (const start = performance.now(); performance.now() - start < limit() && !this.#closed; await pause(30)) {
        if (this.#peer.connectionState === "connected") {
          return true;
        }
      }
      return false;
    }

    async #firstPicture() {
      for (const end = performance.now() + PICTURE_MS; performance.now() < end && !this.#closed; await pause(30)) {
        const { frames } = await this.#pictures();
        if (frames > 0) {
          return;
        }
      }
      throw unreadable();
    }

    /** How many pictures have come; notes their size. */
    async #pictures() {
      for (const stats of (await this.#receiver.getStats()).values()) {
        if (stats.type === "inbound-rtp" && stats.frameWidth) {
          this.size = { width: stats.frameWidth, height: stats.frameHeight };
          return { frames: stats.framesReceived, bytes: stats.bytesReceived };
        }
      }
      return { frames: 0, bytes: 0 };
    }

    /** Signcap may go without a word: no picture for a while means that it has. */
    async #look() {
      const { bytes } = await this.#pictures();
      if (this.#closed) {
        return;
      }
      this.#watch = setTimeout(() => this.#look(), WATCH_MS);
      if (bytes === this.#came) {
        void this.#retry();
      }
      this.#came = bytes;
    }

    async #retry() {
      if (this.#retrying || this.#closed) {
        return;
      }
      this.#retrying = true;
      this.#onStill(true);
      while (!this.#closed) {
        try {
          await this.#negotiate();
          this.#failures = 0;
          this.#came = -1;
          this.#onStill(false);
          this.#link.tell("connection", "playing");
          break;
        } catch (error) {
          if (error instanceof DOMException && error.name === "NotAllowedError") {
            this.#onEnd();
            break;
          }
          await pause(RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]);
          this.#failures += 1;
        }
      }
      this.#retrying = false;
    }
  };
})();
