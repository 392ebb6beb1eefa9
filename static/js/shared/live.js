// @ts-check
import { follow } from "./stream.js";

/**
 * @typedef {{rate: number, median_ms: number, p95_ms: number, dropped: number}} StageStats
 * @typedef {{
 *   camera: "on" | "off" | "lost" | "ended",
 *   kind: "Camera" | "Demo" | "Video",
 *   source: string,
 *   viewers: number,
 *   in_call: string[],
 *   caption_pages: number,
 *   virtual_camera: {on: boolean, sentence: string},
 *   notices: string[],
 *   stages: Record<string, StageStats>,
 *   paused: boolean,
 *   asking: import("../calls/pairing.js").Question[],
 *   recording: import("../start/recording.js").RecordingState,
 *   transcript: boolean,
 *   call_captions: import("../start/call_captions.js").CallState,
 *   hand_model: import("../start/hand_model.js").HandModelState | null,
 *   reads_every: number,
 *   lean_preview: boolean,
 *   camera_facts: CameraFacts | null,
 * }} Status
 * @typedef {{size: [number, number], fourcc: string, rate: number, exposure_ms: number | null}} CameraFacts
 * @typedef {{hand: boolean, hand_height: number | null, best: [string, number][]}} Live
 * @typedef {Record<string, any>} Group
 * @typedef {{caption: Group, decoding: Group, endpointing: Group, suggesting: Group, camera: Group, transcript: Group, phrases: Group, voice: Group, calls: Group}} Settings
 * @typedef {{
 *   settings: Settings,
 *   defaults: Settings,
 *   preset: string | null,
 *   file: string,
 *   problem: string | null,
 *   warnings: string[],
 *   revision: number,
 * }} SettingsEvent
 * @typedef {[at: number, hand: 0 | 1, best: [string, number][]]} Moment
 * @typedef {{text: string, confidence: number, start: number, end: number}} Letter
 * @typedef {{moments: Moment[], letters: Letter[]}} Strip
 * @typedef {{
 *   status?: (status: Status) => void,
 *   live?: (live: Live) => void,
 *   settings?: (settings: SettingsEvent) => void,
 *   strip?: (strip: Strip) => void,
 *   voice?: (voice: import("../start/voice_panel.js").VoiceState) => void,
 *   opened?: () => void,
 *   gone?: (sentence: string) => void,
 * }} Listeners
 */

/**
 * Follows what happens, until the page is closed.
 *
 * @param {Listeners} listeners
 */
export function followLive(listeners) {
  const { opened, gone, ...events } = listeners;
  follow(`/api/v1/events${listeners.strip ? "?strip=1" : ""}`, {
    opened,
    events,
    gone: (_why, sentence) => gone?.(sentence),
  });
}
