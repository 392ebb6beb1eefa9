// @ts-check
(() => {
  const parts = (globalThis.signcapParts ??= {});

  /** @param {unknown} value a string or a list of them */
  const listOf = (value) => (value === undefined || value === null ? [] : [value].flat().map(String));

  /** @param {any} wish a string, a list, or an object with exact and ideal */
  const read = (wish) =>
    wish !== null && typeof wish === "object" && !Array.isArray(wish)
      ? { exact: listOf(wish.exact), ideal: listOf(wish.ideal) }
      : { exact: [], ideal: listOf(wish) };

  /**
   * Browsers also take ids in the manner of old: {mandatory: {sourceId}, optional: [{sourceId}]}.
   *
   * @param {any} video
   */
  const wishOf = (video) => {
    const { exact, ideal } = read(video.deviceId);
    const advanced = [video.advanced ?? []].flat().flatMap((/** @type {any} */ one) => {
      const wish = read(one?.deviceId);
      return [...wish.exact, ...wish.ideal];
    });
    const optional = [video.optional ?? []].flat().flatMap((/** @type {any} */ one) => listOf(one?.sourceId));
    return { exact: [...exact, ...listOf(video.mandatory?.sourceId)], ideal: [...ideal, ...advanced, ...optional] };
  };

  /**
   * Whether a screen, window or tab is asked for, in the manner of old: {mandatory: {chromeMediaSource}}.
   *
   * @param {any} one constraints of the video or of the audio
   */
  const isScreen = (one) =>
    [one?.mandatory, one?.optional].flat().some((/** @type {any} */ part) => part?.chromeMediaSource !== undefined);

  parts.wantsScreen = (constraints) => isScreen(constraints?.video) || isScreen(constraints?.audio);

  parts.choose = (video, camera) => {
    const id = camera.deviceId;
    if (video === true || video === null || typeof video !== "object") {
      return { first: "others", eitherWay: true, others: video };
    }
    const wish = wishOf(video);
    const group = read(/** @type {any} */ (video).groupId).exact;
    if (group.length > 0 && !group.includes(camera.groupId)) {
      return { first: "others", eitherWay: false, others: video };
    }
    if (wish.exact.length > 0) {
      const rest = wish.exact.filter((one) => one !== id);
      const others = rest.length < wish.exact.length ? { ...video, deviceId: { exact: rest } } : video;
      const first = wish.exact[0] === id || wish.ideal[0] === id ? "ours" : "others";
      const has = wish.exact.includes(id);
      return { first: has ? first : "others", eitherWay: has && rest.length > 0, others };
    }
    const first = wish.ideal[0] === id || group.includes(camera.groupId) ? "ours" : "others";
    return { first, eitherWay: group.length === 0, others: video };
  };

  parts.unmet = (constraints, capabilities) => {
    for (const name of /** @type {const} */ (["width", "height", "frameRate"])) {
      const wish = constraints[name];
      const most = capabilities[name]?.max ?? Infinity;
      if (wish && typeof wish === "object") {
        const least = Math.max(wish.min ?? 0, wish.exact ?? 0);
        if (least > most || (wish.max ?? 1) <= 0 || (wish.min ?? 0) > (wish.max ?? Infinity)) {
          return name;
        }
      }
    }
    for (const name of /** @type {const} */ (["facingMode", "displaySurface"])) {
      if (read(constraints[name]).exact.length > 0) {
        return name; // a camera of no side
      }
    }
    const { exact } = read(constraints.deviceId);
    return exact.length > 0 && !exact.includes(capabilities.deviceId ?? "") ? "deviceId" : "";
  };
})();
