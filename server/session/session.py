"""The session from `signcap run` to Ctrl-C: made in one place, and ended there in a named order.

Nothing of HTTP is in it. Pages and streams ask a session and tell it what to do; they neither make its services nor
bring captions and settings to them: that is done here, whether a page is there for it or not.
"""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Final

from overlay.core.settings_store import SettingsStore
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.profile import Profiles
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.run_captions import CaptionRecord
from overlay.prompted.phrase import assisting
from overlay.recognition.letter_model import LetterModel
from overlay.speech.service import SpeechService
from overlay.tuning.tuner import Tuner
from server.call_captions.service import CallCaptions
from server.collection.collector import Collector
from server.collection.store import Store
from server.doctor.reports import Doctor
from server.inspector.queue import JobQueue
from server.session.camera_rest import Resting
from server.session.collecting import Collecting
from server.session.enrolling import Enrolling
from server.session.folders import ModelFiles
from server.session.options import RunOptions
from server.session.prompted import ShownDesk
from server.session.recording.control import Recording
from server.session.recording.running_instance import note_running
from server.session.recording.service import Recordings, Wishes
from server.session.seeing import tell_seeing
from server.session.shutdown import in_thread
from server.session.startup import Opened
from server.session.transcripts import TranscriptService
from server.session.viewers import Viewers
from server.session.virtual_camera import add_virtual_camera

LOOK_EVERY: Final = 1.0  # seconds between two looks at the file of settings, which may be edited by hand

StopServing = Callable[[], Awaitable[None]]
Tell = Callable[[str], None]


class Session:
    """Made and used in the event loop; `close` ends it.

    Args:
        opened: the pipeline, not started yet, and what was opened with it.
        options: what the command line asks for from the beginning, see `prepare` and `start`; None for nothing.
        profiles: where signers' profiles are kept; the user's own by default.
        tell: tells the person at the terminal.

    Attributes:
        pipeline: reads captions and gives pictures.
        settings: those in force; decoder, transcripts and voice follow them.
        source: chooses camera and virtual camera.
        notices: what the parts of the run tell of themselves.
        final_captions: tells of each caption that is finished, or changed later, those who hear of them.
        captions: all finished captions of the run.
        tuner: what was seen in the last seconds, for other thresholds.
        transcripts: keeps captions in files.
        call_captions: sends captions to a call.
        speech: speaks captions into a call.
        recording: records the picture.
        viewers: who sees and reads along.
        folders: of pictures, trainings and the text file.
        models: the models that the program was started with.
        profiles: where signers' profiles are kept.
        in_use: the profile that is read with.
        hand_model: fetches the hand model where it is not there; None where it is none of the session's business.
        enrolling: enrols a signer.
        prompted: shows phrases, and reads how they are spelled.
        collecting: collects pictures of letters.
        inspector: reads pictures and clips that are tried.
        doctor: checks this computer.
    """

    def __init__(
        self,
        opened: Opened,
        options: RunOptions | None = None,
        *,
        profiles: Profiles | None = None,
        tell: Tell = lambda _sentence: None,
    ) -> None:
        self._options, self._tell = options, tell
        self.pipeline = pipeline = opened.pipeline
        self.settings = settings = opened.store
        self.source = opened.sources
        self.notices = opened.notices
        self.folders = opened.folders
        self.models = ModelFiles() if options is None else ModelFiles(options.model, options.hand_model)
        self.profiles = profiles or Profiles()
        self.in_use = opened.in_use
        self.hand_model = opened.hand_model
        self.final_captions = FinalCaptionStream()
        self.captions = CaptionRecord()
        self.tuner = Tuner(lambda: LetterModel(self.models.model), lambda: settings.current)
        self.transcripts = TranscriptService(settings, self.notices, self.folders.transcript, tell=tell)
        self.call_captions = CallCaptions(
            self._notice("call captions"), speaker=lambda: settings.current.calls.speaker
        )
        self.speech = SpeechService(settings.current.voice, told=self._notice("voice"))
        self.recording = self._make_recordings()
        self.viewers = Viewers()
        make_enroller = functools.cache(lambda: Enroller(self.models.model, self.profiles))
        self.enrolling = Enrolling(pipeline, make_enroller, self.profiles, self.in_use, self.models.model)
        assist = None if opened.assisted is None else assisting(opened.assisted)
        self.prompted = ShownDesk(pipeline, make_enroller, self.in_use, assist)
        self.collecting = Collecting(Collector(Store(self.folders.data), pipeline.source.name), pipeline)
        self.inspector = JobQueue(self.models.hand_model)
        self.doctor = Doctor()
        self._recording_of_run = Recording(self.recording, tell)
        self._looking: asyncio.Task[None] | None = None
        self._ended = False
        pipeline.add_sink(self.viewers.stream)
        pipeline.add_sink(self.viewers.stills)
        pipeline.add_sink(self.viewers.clean)
        # Who hears captions and settings, each until it ends. New captions are heard in this order.
        self._hearing = {
            "final captions": [pipeline.listen(self.final_captions.accept)],
            "captions": [self.captions.follow(self.final_captions, pipeline)],
            "decoder": [settings.listen(lambda: pipeline.configure(settings.current))],
            "seeing": [tell_seeing(pipeline, self._notice("seeing"))],
            "tuner": [pipeline.listen(self.tuner.accept)],
            "transcripts": [self.final_captions.listen(self.transcripts.writer.accept)],
            "call captions": [self.final_captions.listen(self.call_captions.accept)],
            "speech": [
                self.final_captions.listen(self.speech.accept),
                settings.listen(lambda: self.speech.configure(settings.current.voice)),
            ],
            "viewers": [
                pipeline.listen(self.viewers.captions.publish),
                settings.listen(lambda: self.viewers.captions.configure(settings.current)),
            ],
        }
        self.viewers.captions.configure(settings.current)
        self.viewers.captions.publish(pipeline.reading)

    async def prepare(self) -> None:
        """Begin what the command line asks for before anything is read: to record, and to send captions to a call.

        Raises:
            SigncapError: it cannot be recorded there.
        """
        options = self._options
        if options is None:
            return
        await self._recording_of_run.begin(record=options.record is not None)
        if (link := options.call_captions) is not None:
            await self.call_captions.start(link)
            self._tell(f"Captions go to {link.service.value} ({link.masked}). The page says how it goes.")

    def start(self) -> None:
        """Begin to read, and to look at the file of settings; with a command line, what it says of cameras too."""
        self.pipeline.start()
        self._looking = asyncio.get_running_loop().create_task(_look_again_and_again(self.settings))
        if (options := self._options) is not None:
            in_thread(lambda: self._add_virtual_camera(options.virtual_camera), "open virtual camera")
            Resting(self.pipeline, self.source, self.settings, self.notices, self.watching)

    def watching(self) -> int:
        """Return how many pages, second screens and other programs show pictures or captions now.

        Pages that take pictures of the person are among them. A text file that was asked for on the command line is
        one more, and so are a recording, a call that captions are sent to, and one that hears the voice: somebody
        wants what is signed in this run.
        """
        desks = (self.enrolling, self.prompted, self.collecting)
        wanted = (
            sum(desk.open for desk in desks)
            + (self.transcripts.file is not None)
            + self.call_captions.sending
            + self.recording.on
        )
        return self.viewers.count + wanted + len(self.speech.state.heard_by)

    async def finish_recording(self) -> None:
        """Complete the recording that runs, however long that takes; everything else goes on meanwhile."""
        await self._recording_of_run.end()

    async def close(self, stop_serving: StopServing | None = None, *, limit: float) -> bool:
        """End everything: the recording, then the services as `end_services` says, the pipeline last.

        Args:
            stop_serving: lets no request come any more; while those that are answered still are, it calls
                `end_services`.
            limit: seconds for the services together, and once more for the pipeline's threads. The recording has as
                long as it takes.

        Returns:
            Whether all of the pipeline's threads have ended.
        """
        try:
            await self.finish_recording()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    if stop_serving is not None:
                        await stop_serving()
                    await self.end_services()
        finally:
            stopping = in_thread(self.pipeline.stop, "stop")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping, limit)
        return stopping.done() and not stopping.cancelled()

    async def end_services(self) -> None:
        """End all services, one after the other in this order; a second time there is nothing to do.

        Who takes pictures of the person takes no more. The transcript is written, with the caption that is being
        signed. Captions that wait have a last chance to reach the call, and the rest are told as lost. The voice
        falls silent. The streams of captions, which can do without the others, end last.
        """
        if self._ended:
            return
        self._ended = True
        if self._looking is not None:
            self._looking.cancel()
        self._hear_no_more("captions")
        if self.hand_model is not None:
            await asyncio.to_thread(self.hand_model.close)
        await self.collecting.close()
        self.inspector.close()
        await self.enrolling.close()
        await self.prompted.close()
        for name in ("seeing", "tuner", "decoder"):
            self._hear_no_more(name)
        self._hear_no_more("transcripts")
        await asyncio.to_thread(self.transcripts.close)
        self._hear_no_more("call captions")
        await self.call_captions.close()
        self._hear_no_more("speech")
        await asyncio.to_thread(self.speech.close)
        for name in ("final captions", "viewers"):
            self._hear_no_more(name)
        self.viewers.captions.close()

    def _hear_no_more(self, name: str) -> None:
        for end in self._hearing.pop(name):
            end()

    def _notice(self, subject: str) -> Callable[[str | None], None]:
        """What shows a sentence about `subject` on the pages, or takes it away."""
        return lambda sentence: self.notices.notice(subject, sentence)

    def _make_recordings(self) -> Recordings:
        show, options = self._notice("recording"), self._options
        if options is None:
            return Recordings(self.pipeline, show, tell=self._tell)
        wishes = Wishes(options.record, options.record_clean, options.microphone)
        return Recordings(self.pipeline, show, wishes, tell=self._tell, changed=note_running)

    def _add_virtual_camera(self, choice: str) -> None:
        status = add_virtual_camera(self.pipeline, choice)
        if status is not None:
            self.notices.virtual_camera = status
            if choice != "off":
                self._tell(f"Virtual camera {status.sentence}" if status.on else status.sentence)


async def _look_again_and_again(settings: SettingsStore) -> None:
    """Look at the file of settings until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        await asyncio.to_thread(settings.look)
