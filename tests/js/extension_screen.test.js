import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { before, beforeEach, test } from "node:test";

const require = createRequire(import.meta.url);
const OURS = { deviceId: "ours", groupId: "group", allowed: true, listed: true };
const SCREEN = { mandatory: { chromeMediaSource: "desktop", chromeMediaSourceId: "screen:0:0" } };

/** @type {{constraints: any, legacy: boolean}[]} what the browser itself was asked for */
let asked;
/** @type {string} name of the error with which the browser answers; empty: it gives a stream */
let fails;
let opened;

const answer = async () => {
  if (fails) {
    throw Object.assign(new Error(), { name: fails });
  }
  return "the browser's stream";
};

before(() => {
  globalThis.MediaDevices = class {
    getUserMedia(constraints) {
      asked.push({ constraints, legacy: false });
      return answer();
    }
    async enumerateDevices() {
      return [];
    }
    dispatchEvent() {}
  };
  globalThis.Navigator = class {
    mediaDevices = new MediaDevices();
    webkitGetUserMedia(constraints, succeed, fail) {
      asked.push({ constraints, legacy: true });
      answer().then(succeed, fail);
    }
  };
  globalThis.MediaDeviceInfo = class {
    toJSON() {}
  };
  globalThis.InputDeviceInfo = class extends MediaDeviceInfo {
    getCapabilities() {}
  };
  globalThis.MediaStream = class {
    addTrack() {}
    getTracks() {
      return [];
    }
  };
  globalThis.OverconstrainedError = class extends Error {
    name = "OverconstrainedError";
  };
  globalThis.addEventListener = () => {};
  Object.defineProperty(globalThis, "navigator", { value: new Navigator(), configurable: true });
  require("../../extension/page/devices.js");
  require("../../extension/page/constraints.js");
  Object.assign(globalThis.signcapParts, {
    Link: class {
      ask = async () => OURS;
      tell() {}
      listen() {}
    },
    Connection: class {
      size = { width: 1280, height: 720 };
      async open() {
        opened += 1;
        return { track: {} };
      }
      close() {}
    },
    Tracks: class {
      give = () => ({});
      still() {}
      end() {}
    },
  });
  require("../../extension/page/camera.js");
});

beforeEach(() => {
  [asked, fails, opened] = [[], "", 0];
});

const byPromise = (constraints) => navigator.mediaDevices.getUserMedia(constraints);
const byCallback = (constraints) =>
  new Promise((succeed, fail) => navigator.webkitGetUserMedia(constraints, succeed, fail));

test("a camera of any kind that cannot be opened is replaced by Signcap's", async () => {
  fails = "NotReadableError";
  await byPromise({ video: true });
  assert.equal(opened, 1);
});

for (const [name, request] of Object.entries({
  "a screen": { video: SCREEN },
  "a screen with its sound": { video: SCREEN, audio: { mandatory: { chromeMediaSource: "desktop" } } },
  "a screen that names our camera": { video: { mandatory: { ...SCREEN.mandatory, sourceId: "ours" } } },
  "a screen as an option": { video: { optional: [{ chromeMediaSource: "tab" }] } },
  "the sound of a screen beside our camera": {
    video: { deviceId: { exact: "ours" } },
    audio: { mandatory: { chromeMediaSource: "desktop" } },
  },
})) {
  for (const [way, ask] of Object.entries({ promise: byPromise, callback: byCallback })) {
    test(`${name}, asked for by ${way}, goes on whole and unchanged`, async () => {
      const before = structuredClone(request);
      assert.equal(await ask(request), "the browser's stream");
      assert.equal(asked.length, 1);
      assert.equal(asked[0].constraints, request);
      assert.deepEqual(request, before);
      assert.equal(opened, 0);
    });

    for (const error of ["NotReadableError", "AbortError", "NotFoundError", "NotAllowedError", "OverconstrainedError"]) {
      test(`${name}, asked for by ${way}, never becomes the camera after ${error}`, async () => {
        fails = error;
        await assert.rejects(ask(request), { name: error });
        assert.equal(asked.length, 1);
        assert.equal(opened, 0);
      });
    }
  }
}
