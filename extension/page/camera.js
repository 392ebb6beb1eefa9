// @ts-check
(() => {
  const { wrap, makeDevice, choose, wantsScreen, unmet, Link, Connection, Tracks } = globalThis.signcapParts ?? {};
  delete globalThis.signcapParts; // nothing of ours is in the page's sight
  if (!wrap || !makeDevice || !choose || !wantsScreen || !unmet || !Link || !Connection || !Tracks) {
    return;
  }
  if (!navigator.mediaDevices) {
    return;
  }
  const { MediaStream, OverconstrainedError } = globalThis;
  const openNatively = MediaDevices.prototype.getUserMedia;
  const Shared = Connection;
  const link = new Link();
  /** @type {import("./shapes").Camera | null} as it was last seen */
  let camera = null;
  let told = "null"; // the camera as the page last listed it or was told that it changed
  let asked = 0;
  let answered = 0;
  /** @type {import("./shapes").Connection | null} */
  let connection = null;
  /** @type {Promise<MediaStreamTrack> | null} */
  let opening = null;

  const tracks = new Tracks(
    () => camera,
    () => connection?.size ?? { width: 1280, height: 720 },
    close,
  );

  async function lookUp() {
    const own = ++asked;
    const state = await link.ask("state").catch(() => null);
    if (own > answered) {
      answered = own; // an older answer that comes later says nothing
      camera = state?.listed ? state : null;
    }
    return camera;
  }

  /** The track of the shared connection. It is the page's only in copies. */
  function master() {
    opening ??= (async () => {
      const own = new Shared(link, (still) => tracks.still(still), () => tracks.end());
      connection = own;
      try {
        return (await own.open()).track;
      } catch (error) {
        if (connection === own) {
          close();
        }
        throw error;
      }
    })();
    return opening;
  }

  function close() {
    connection?.close();
    connection = null;
    opening = null;
  }

  /**
   * @param {any} video
   * @returns {Promise<MediaStreamTrack>}
   */
  async function openOurs(video) {
    const constraints = typeof video === "object" && video !== null ? video : {};
    const most = { width: { max: 1280 }, height: { max: 720 }, frameRate: { max: 30 }, deviceId: camera?.deviceId };
    const name = unmet?.(constraints, most);
    if (name) {
      throw new OverconstrainedError(name, "");
    }
    return tracks.give(await master(), copyOf(constraints));
  }

  /** @param {MediaTrackConstraints} constraints */
  function copyOf(constraints) {
    try {
      return structuredClone(constraints);
    } catch {
      return {}; // a page may put anything into them
    }
  }

  /**
   * @param {any} self
   * @param {any} constraints
   */
  async function openWithSound(self, constraints) {
    /** @type {MediaStream} */
    const stream = constraints.audio
      ? await Reflect.apply(openNatively, self, [{ ...constraints, video: false }])
      : new MediaStream();
    try {
      stream.addTrack(await openOurs(constraints.video));
      return stream;
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop());
      throw error;
    }
  }

  /**
   * @param {any} self
   * @param {any} constraints
   * @returns {Promise<MediaStream>}
   */
  async function open(self, constraints) {
    const { first, eitherWay, others } = choose?.(constraints.video, /** @type {any} */ (camera)) ?? {};
    const openOthers = () => Reflect.apply(openNatively, self, [{ ...constraints, video: others }]);
    try {
      return await (first === "ours" ? openWithSound(self, constraints) : openOthers());
    } catch (error) {
      // Who wants ours and cannot have it, because Signcap is not running, does not get the bare webcam instead.
      if (!eitherWay || !(first === "ours" ? nameOf(error) === "OverconstrainedError" : isAbsence(error))) {
        throw error;
      }
      try {
        // Signcap itself holds the webcam, as a rule: who asks for any camera gets the one that there is.
        return await (first === "ours" ? openOthers() : openWithSound(self, constraints));
      } catch {
        throw error;
      }
    }
  }

  /** @param {any} error */
  function nameOf(error) {
    return String(error?.name);
  }

  /** @param {unknown} error of a camera that is not there, is in use or does not fit */
  function isAbsence(error) {
    return ["NotFoundError", "NotReadableError", "OverconstrainedError", "AbortError"].includes(nameOf(error));
  }

  wrap(MediaDevices.prototype, "getUserMedia", (native, self, given) => {
    const [constraints] = given;
    // A request for a screen goes on whole: the camera is no answer to it, and the browser ends the page that asks for
    // the sound of a screen without its picture.
    if (!(self instanceof MediaDevices) || !constraints?.video || wantsScreen(constraints)) {
      return Reflect.apply(native, self, given);
    }
    return lookUp().then((found) => (found ? open(self, constraints) : Reflect.apply(native, self, given)));
  });

  wrap(MediaDevices.prototype, "enumerateDevices", async (native, self, given) => {
    const found = /** @type {MediaDeviceInfo[]} */ (await Reflect.apply(native, self, given));
    await lookUp();
    told = JSON.stringify(camera);
    if (!camera) {
      return found;
    }
    const allowed = camera.allowed || found.some(({ kind, label }) => kind === "videoinput" && label !== "");
    const places = found.map(({ kind }) => kind);
    if (!allowed && places.includes("videoinput")) {
      return found; // before they are allowed to a site, browsers list one camera, however many there are
    }
    const after = Math.max(places.lastIndexOf("videoinput"), places.lastIndexOf("audioinput"));
    return found.toSpliced(after + 1, 0, makeDevice({ ...camera, allowed }));
  });

  // The old ways, with functions to call back.
  for (const name of ["getUserMedia", "webkitGetUserMedia"]) {
    wrap(Navigator.prototype, name, (native, self, given) => {
      const [constraints, succeed, fail] = given;
      if (wantsScreen(constraints)) {
        return Reflect.apply(native, self, given);
      }
      self.mediaDevices.getUserMedia(constraints).then(succeed, fail);
    });
  }

  link.listen(async (type) => {
    if (type === "end") {
      tracks.end();
      close();
    }
    await lookUp();
    if (JSON.stringify(camera) !== told) {
      told = JSON.stringify(camera); // told once, also where several listen for it at a time
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    }
  });
  addEventListener("pagehide", () => {
    if (connection) {
      tracks.end();
      close();
    }
  });
})();
