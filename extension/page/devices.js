// @ts-check
(() => {
  const parts = (globalThis.signcapParts ??= {});
  const LABEL = "Signcap";

  parts.wrap = (prototype, name, apply) => {
    const found = Object.getOwnPropertyDescriptor(prototype, name);
    const native = found?.get ?? found?.value;
    if (!found || typeof native !== "function") {
      return; // this browser does not have it
    }
    // A proxy says "[native code]" of itself, and has the name and length of what it stands for.
    const wrapped = new Proxy(native, { apply: (_, self, given) => apply(native, self, given) });
    Object.defineProperty(prototype, name, { ...found, [found.get ? "get" : "value"]: wrapped });
  };

  /** @type {WeakMap<object, import("./shapes").Camera>} our devices, and what a page may know of them */
  const ours = new WeakMap();

  parts.makeDevice = (camera) => {
    const device = Object.create(InputDeviceInfo.prototype);
    ours.set(device, camera);
    return device;
  };

  /** @type {Record<string, (camera: import("./shapes").Camera) => unknown>} as browsers do: nameless until allowed */
  const known = {
    deviceId: ({ allowed, deviceId }) => (allowed ? deviceId : ""),
    groupId: ({ allowed, groupId }) => (allowed ? groupId : ""),
    kind: () => "videoinput",
    label: ({ allowed }) => (allowed ? LABEL : ""),
  };
  for (const [name, value] of Object.entries(known)) {
    parts.wrap(MediaDeviceInfo.prototype, name, (native, self, given) => {
      const camera = ours.get(self);
      return camera ? value(camera) : Reflect.apply(native, self, given);
    });
  }
  parts.wrap(MediaDeviceInfo.prototype, "toJSON", (native, self, given) => {
    const camera = ours.get(self);
    return camera
      ? Object.fromEntries(Object.entries(known).map(([name, value]) => [name, value(camera)]))
      : Reflect.apply(native, self, given);
  });
  parts.wrap(InputDeviceInfo.prototype, "getCapabilities", (native, self, given) => {
    const camera = ours.get(self);
    if (!camera) {
      return Reflect.apply(native, self, given);
    }
    const { deviceId, groupId } = camera;
    const most = { width: { min: 1, max: 1280 }, height: { min: 1, max: 720 }, frameRate: { min: 1, max: 30 } };
    return camera.allowed ? { ...most, deviceId, groupId, facingMode: [], resizeMode: ["none"] } : {};
  });
})();
