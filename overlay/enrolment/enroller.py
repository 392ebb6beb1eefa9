"""From takes to a saved profile: the model that is enrolled to, and where profiles are kept."""

from collections.abc import Callable, Sequence
from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import EnrolmentClip
from overlay.enrolment.fit import enrol
from overlay.enrolment.profile import Profile, Profiles, check_name, model_digest
from overlay.enrolment.prototypes import read_letter_means
from overlay.recognition.letter_model import LetterModel, shipped_model


class Enroller:
    """Fits profiles to one model. Loading it takes a moment.

    Args:
        model: folder of the model; the shipped one by default.
        profiles: where they are kept.

    Attributes:
        letter_model: the general model.
        digest: of it.

    Raises:
        SigncapError: the model cannot be run or cannot be enrolled.
    """

    def __init__(self, model: Path | None, profiles: Profiles) -> None:
        self.letter_model = LetterModel(model)
        self._means = read_letter_means(model or shipped_model(), self.letter_model.info.features)
        self.digest = model_digest(model)
        self._profiles = profiles

    def fit(
        self, name: str, takes: Sequence[EnrolmentClip], progress: Callable[[float], None] = lambda _part: None
    ) -> Profile:
        """Fit and save a profile; it is on where it is better than the general model.

        One from before that was better, for the same model, is not replaced by one that is not.

        Raises:
            SigncapError: there is too little to learn from, or the profile cannot be saved.
        """
        enrolled = enrol(takes, self.letter_model, self._means, progress)
        profile = Profile(name, self.digest, enrolled, enrolled.correction is not None, 0.0)
        return profile if self._keeps_earlier(profile) else self._profiles.save(profile)

    def learn(
        self, name: str, takes: Sequence[EnrolmentClip], progress: Callable[[float], None] = lambda _part: None
    ) -> Profile | None:
        """Fit and save a profile to words, beside what one of that name and model has learnt before.

        Returns:
            The profile; None where nothing was better than what there was, which is left as it is.

        Raises:
            SigncapError: there is too little to learn from, the name is none, or the profile cannot be saved.
        """
        check_name(name)
        earlier = self._profiles.load(name) if name in self._profiles.names() else None
        before = earlier.enrolled if earlier is not None and earlier.model == self.digest else None
        enrolled = enrol(takes, self.letter_model, self._means, progress, earlier=before)
        if enrolled.correction is None or (before is not None and enrolled.correction is before.correction):
            return None
        return self._profiles.save(Profile(name, self.digest, enrolled, True, 0.0))

    def _keeps_earlier(self, profile: Profile) -> bool:
        if profile.enrolled.correction is not None or profile.name not in self._profiles.names():
            return False
        try:
            earlier = self._profiles.load(profile.name)
        except SigncapError:  # damaged: nothing is lost with it
            return False
        return earlier.model == self.digest and earlier.enrolled.correction is not None
