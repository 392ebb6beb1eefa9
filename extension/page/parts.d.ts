/** What the scripts in the page hand on to each other; the last one takes it out of the page's sight. */
interface SigncapParts {
  wrap?: typeof import("./shapes").wrap;
  setCamera?: (camera: import("./shapes").Camera | null) => void;
  makeDevice?: (camera: import("./shapes").Camera) => MediaDeviceInfo;
  choose?: (video: unknown, camera: import("./shapes").Camera) => import("./shapes").Choice;
  /** Whether a request in the manner of old is for a screen, window or tab, or for its sound. */
  wantsScreen?: (constraints: any) => boolean;
  unmet?: (constraints: MediaTrackConstraints, capabilities: MediaTrackCapabilities) => string;
  Link?: import("./shapes").LinkClass;
  Connection?: import("./shapes").ConnectionClass;
  Tracks?: import("./shapes").TracksClass;
}

declare var signcapParts: SigncapParts | undefined;
