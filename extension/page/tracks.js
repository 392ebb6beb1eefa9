// @ts-check
(() => {
  const parts = (globalThis.signcapParts ??= {});
  const { wrap, unmet } = parts;
  if (!wrap || !unmet) {
    return;
  }
  const { MediaStreamTrack, WeakRef, FinalizationRegistry } = globalThis;
  const stopNatively = MediaStreamTrack.prototype.stop;
  const cloneNatively = MediaStreamTrack.prototype.clone;
  const FRAME_RATE = 30;

  /** @type {WeakMap<object, {constraints: MediaTrackConstraints, muted: boolean, key: object}>} */
  const ours = new WeakMap();

  /** The tracks of our camera that the page holds. They behave as a camera's, not as those of a remote side. */
  parts.Tracks = class {
    #camera;
    #size;
    #onUnused;
    /** @type {Map<object, WeakRef<MediaStreamTrack>>} by a key of each */
    #live = new Map();
    // A page may let go of a track without stopping it.
    #dropped = new FinalizationRegistry((/** @type {object} */ key) => this.#drop(key));

    /**
     * @param {() => import("./shapes").Camera | null} camera
     * @param {() => {width: number, height: number}} size of the picture
     * @param {() => void} onUnused told when the last one has stopped
     */
    constructor(camera, size, onUnused) {
      this.#camera = camera;
      this.#size = size;
      this.#onUnused = onUnused;
      this.#patch();
    }

    /**
     * @param {MediaStreamTrack} master
     * @param {MediaTrackConstraints} constraints
     * @returns {MediaStreamTrack}
     */
    give(master, constraints) {
      const track = Reflect.apply(cloneNatively, master, []);
      const key = {};
      this.#live.set(key, new WeakRef(track));
      this.#dropped.register(track, key);
      ours.set(track, { constraints, muted: false, key });
      return track;
    }

    /**
     * The picture stands still, or goes on: as with a camera that stalls.
     *
     * @param {boolean} still
     */
    still(still) {
      for (const track of this.#tracks()) {
        const known = ours.get(track);
        if (known && known.muted !== still) {
          known.muted = still;
          track.dispatchEvent(new Event(still ? "mute" : "unmute"));
        }
      }
    }

    /** No more pictures: as with a camera that is unplugged. */
    end() {
      for (const track of this.#tracks()) {
        this.#stop(track);
        track.dispatchEvent(new Event("ended"));
      }
    }

    #tracks() {
      return [...this.#live.values()].flatMap((held) => held.deref() ?? []);
    }

    /** @param {MediaStreamTrack} track */
    #stop(track) {
      Reflect.apply(stopNatively, track, []);
      this.#drop(ours.get(track)?.key ?? {});
    }

    /** @param {object} key */
    #drop(key) {
      if (this.#live.delete(key) && this.#live.size === 0) {
        this.#onUnused();
      }
    }

    #settings() {
      const { width, height } = this.#size();
      const { deviceId = "", groupId = "" } = this.#camera() ?? {};
      return { deviceId, groupId, width, height, aspectRatio: width / height, frameRate: FRAME_RATE, resizeMode: "none" };
    }

    #capabilities() {
      const { width, height, deviceId, groupId } = this.#settings();
      return {
        deviceId,
        groupId,
        width: { min: 1, max: width },
        height: { min: 1, max: height },
        aspectRatio: { min: 1 / height, max: width },
        frameRate: { min: 1, max: FRAME_RATE },
        facingMode: [],
        resizeMode: ["none"],
      };
    }

    /**
     * @param {MediaStreamTrack} track
     * @param {MediaTrackConstraints} constraints
     */
    async #apply(track, constraints) {
      const name = unmet?.(constraints, this.#capabilities());
      if (name) {
        throw new OverconstrainedError(name, "Cannot satisfy constraints");
      }
      const known = ours.get(track);
      if (known) {
        known.constraints = structuredClone(constraints);
      }
    }

    /** @param {MediaStreamTrack} track */
    #clone(track) {
      const copy = this.give(track, ours.get(track)?.constraints ?? {});
      if (track.readyState === "ended") {
        this.#stop(copy);
      }
      return copy;
    }

    #patch() {
      /** @type {Record<string, (track: MediaStreamTrack, given: any[]) => unknown>} */
      const members = {
        label: () => "Signcap",
        muted: (track) => ours.get(track)?.muted ?? false,
        getSettings: () => this.#settings(),
        getCapabilities: () => this.#capabilities(),
        getConstraints: (track) => structuredClone(ours.get(track)?.constraints ?? {}),
        applyConstraints: (track, [constraints]) => this.#apply(track, constraints ?? {}),
        clone: (track) => this.#clone(track),
        stop: (track) => this.#stop(track),
      };
      for (const [name, does] of Object.entries(members)) {
        wrap?.(MediaStreamTrack.prototype, name, (native, self, given) =>
          ours.has(self) ? does(self, given) : Reflect.apply(native, self, given),
        );
      }
      // A stream clones its tracks without asking their method.
      wrap?.(MediaStream.prototype, "clone", (native, self, given) => {
        const copy = Reflect.apply(native, self, given);
        const mine = MediaStream.prototype.getTracks.call(self).filter((track) => ours.has(track));
        if (mine.length > 0) {
          const copies = MediaStream.prototype.getTracks.call(copy);
          MediaStream.prototype.getTracks.call(self).forEach((track, place) => {
            if (ours.has(track)) {
              copy.removeTrack(copies[place]);
              Reflect.apply(stopNatively, copies[place], []);
              copy.addTrack(this.#clone(track));
            }
          });
        }
        return copy;
      });
    }
  };
})();
