"""What becomes of which file: by names alone, nothing overwritten, no two into one."""

import os
from pathlib import Path

import pytest

from overlay.batch.output_plan import BESIDE, make_plan
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.unit


@pytest.fixture
def talks(tmp_path: Path) -> list[str]:
    """Two videos in two folders."""
    paths = [tmp_path / "a" / "one.mov", tmp_path / "b" / "two.mp4"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"a video")
    return [str(path) for path in paths]


def test_nothing_is_written_unless_asked_for(talks: list[str]) -> None:
    plan = make_plan(talks, {})
    assert [(str(job.source), dict(job.outputs)) for job in plan.jobs] == [(talk, {}) for talk in talks]
    assert plan.notes == ()


def test_a_file_for_one_video(talks: list[str], tmp_path: Path) -> None:
    wanted = {"output": str(tmp_path / "x.MP4"), "jsonl": str(tmp_path / "x.jsonl")}
    (job,) = make_plan(talks[:1], wanted).jobs
    assert {option: str(path) for option, path in job.outputs.items()} == wanted


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_for_several(talks: list[str], tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "made" / "here"
    if exists:
        folder.mkdir(parents=True)
    plan = make_plan(talks, {"output": f"{folder}" if exists else f"{folder}/", "vtt": f"{folder}/"})
    assert folder.is_dir()
    assert [dict(job.outputs) for job in plan.jobs] == [
        {"output": folder / f"{name}.captioned.mp4", "vtt": folder / f"{name}.vtt"} for name in ("one", "two")
    ]


def test_beside_each_video(talks: list[str], tmp_path: Path) -> None:
    wanted = dict.fromkeys(("output", "vtt", "srt", "text", "jsonl"), BESIDE)
    first, second = (dict(job.outputs) for job in make_plan(talks, wanted).jobs)
    assert sorted(path.name for path in first.values()) == [
        "one.captioned.mp4",
        "one.jsonl",
        "one.srt",
        "one.txt",
        "one.vtt",
    ]
    assert {path.parent for path in second.values()} == {tmp_path / "b"}


def test_what_is_done_is_left_and_what_is_missing_is_made(talks: list[str], tmp_path: Path) -> None:
    (tmp_path / "a" / "one.vtt").touch()
    (tmp_path / "a" / "one.srt").touch()
    (tmp_path / "b" / "two.vtt").touch()
    plan = make_plan(talks, {"vtt": BESIDE, "srt": BESIDE})
    assert [dict(job.outputs) for job in plan.jobs] == [{"srt": tmp_path / "b" / "two.srt"}]
    vtt, srt = tmp_path / "a" / "one.vtt", tmp_path / "a" / "one.srt"
    assert plan.notes == (f"{talks[0]} is done already: {vtt} and {srt} are there.",)


def test_a_file_that_is_named_twice_is_read_once(talks: list[str], tmp_path: Path) -> None:
    again = os.path.join(tmp_path, "b", "..", "a", "one.mov")
    plan = make_plan([*talks, again], {})
    assert [str(job.source) for job in plan.jobs] == talks
    assert plan.notes == (f"{again} is named twice: it is read once.",)


@pytest.mark.parametrize("where", [BESIDE, "out/"])
def test_what_was_made_is_not_captioned_again(
    talks: list[str], tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when all videos of a folder are named once more."""
    monkeypatch.chdir(tmp_path)
    (first,) = make_plan(talks[:1], {"output": where}).jobs
    first.outputs["output"].write_bytes(b"a captioned video")
    plan = make_plan([*talks[:1], str(first.outputs["output"])], {"output": where})
    assert plan.jobs == ()
    assert [note.split(": ")[0] for note in plan.notes] == [
        f"{talks[0]} is done already",
        f"{first.outputs['output']} is what {talks[0]} becomes",
    ]


def test_two_videos_never_become_one_file(talks: list[str], tmp_path: Path) -> None:
    other = tmp_path / "b" / "one.mp4"
    other.write_bytes(b"another video")
    with pytest.raises(SigncapError, match=r"would both become .*out/one.vtt: caption them into"):
        make_plan([*talks, str(other)], {"vtt": f"{tmp_path}/out/"})
    assert len(make_plan([*talks, str(other)], {"vtt": BESIDE}).jobs) == 3


def test_one_file_for_several_videos(talks: list[str], tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match=r"2 videos cannot all become .*all.vtt: name a folder"):
        make_plan(talks, {"vtt": str(tmp_path / "all.vtt")})


@pytest.mark.parametrize(
    ("option", "name"), [("output", "x.mkv"), ("vtt", "x.srt"), ("text", "HELLO"), ("jsonl", ".jsonl"), ("srt", "")]
)
def test_a_name_of_another_kind(talks: list[str], tmp_path: Path, option: str, name: str) -> None:
    with pytest.raises(SigncapError, match=f"--{option} .*: give a name that ends in"):
        make_plan(talks[:1], {option: f"{tmp_path}/none/{name}".removesuffix("/")})


def test_output_that_is_the_input(talks: list[str]) -> None:
    with pytest.raises(SigncapError, match="is the video that is to be captioned"):
        make_plan(talks[1:], {"output": talks[1]})


def test_output_that_is_a_link_to_the_input(talks: list[str], tmp_path: Path) -> None:
    (tmp_path / "link.mp4").symlink_to(talks[1])
    with pytest.raises(SigncapError, match="is the video that is to be captioned"):
        make_plan(talks[1:], {"output": str(tmp_path / "link.mp4")})


def test_output_that_exists(talks: list[str], tmp_path: Path) -> None:
    (tmp_path / "dangling.vtt").symlink_to(tmp_path / "nowhere")
    for name in ("there.vtt", "dangling.vtt"):
        if name == "there.vtt":
            (tmp_path / name).touch()
        with pytest.raises(SigncapError, match="exists already: choose another name"):
            make_plan(talks[:1], {"vtt": str(tmp_path / name)})


def test_a_folder_that_cannot_be_made(talks: list[str]) -> None:
    with pytest.raises(SigncapError, match=r"cannot be made .*: choose another"):
        make_plan(talks, {"vtt": f"{talks[0]}/inside/"})


def test_where_players_would_show_captions_twice_somebody_is_told(talks: list[str], tmp_path: Path) -> None:
    wanted = {"output": str(tmp_path / "x.mp4"), "srt": str(tmp_path / "x.srt"), "vtt": str(tmp_path / "x en.vtt")}
    (note,) = make_plan(talks[:1], wanted).notes
    assert note.startswith("Players show captions twice where")
    assert wanted["srt"] in note
    assert wanted["vtt"] in note
    assert make_plan(talks[:1], {**wanted, "output": str(tmp_path / "y.mp4")}).notes == ()


@pytest.mark.parametrize("where", [BESIDE, "out/"])
def test_no_file_has_a_name_by_which_players_load_it_with_the_captioned_video(
    talks: list[str], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = make_plan(talks, dict.fromkeys(("output", "vtt", "srt"), where))
    for job in plan.jobs:
        video = job.outputs["output"]
        assert not any(job.outputs[kind].stem.startswith(video.stem) for kind in ("vtt", "srt"))
    assert plan.notes == ()
