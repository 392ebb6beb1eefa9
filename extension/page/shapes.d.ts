/** The camera as a page is told of it. */
export interface Camera {
  deviceId: string;
  groupId: string;
  /** Whether the page may know its name, and use it unasked. */
  allowed: boolean;
}

/** Put `apply` in the place of a method or getter, so that it looks and fails as before. */
export declare function wrap(
  prototype: object,
  name: string,
  apply: (native: Function, self: any, given: any[]) => unknown,
): void;

/** Which camera a call means. */
export interface Choice {
  first: "ours" | "others";
  /** Whether the other may be tried where the first fails. */
  eitherWay: boolean;
  /** The constraints of the video without our camera's id, for the others. */
  others: unknown;
}

export interface Link {
  ask(type: "state"): Promise<(Camera & { listed: boolean }) | null>;
  ask(type: "open", sdp: string): Promise<{ name: string; sdp: string }>;
  tell(type: "close"): void;
  tell(type: "connection", happened: "playing" | "blocked"): void;
  listen(hear: (type: "changed" | "end") => void): void;
}
export type LinkClass = new () => Link;

export interface Picture {
  track: MediaStreamTrack;
  width: number;
  height: number;
}
export interface Connection {
  open(): Promise<Picture>;
  close(): void;
  readonly size: { width: number; height: number };
}
export type ConnectionClass = new (link: Link, onStill: (still: boolean) => void, onEnd: () => void) => Connection;

export interface Tracks {
  /** A track of our camera's for the page. */
  give(master: MediaStreamTrack, constraints: MediaTrackConstraints): MediaStreamTrack;
  still(still: boolean): void;
  end(): void;
}
export type TracksClass = new (
  camera: () => Camera | null,
  size: () => { width: number; height: number },
  onUnused: () => void,
) => Tracks;
