"""How a smaller network that finds landmarks is made, from A to Z: `python -m models.training.hands.build --help`."""

from pathlib import Path
from typing import Annotated

import onnx
import torch
import typer

from models.training.hands.export import hand_model
from models.training.hands.full import prepare
from models.training.hands.letters import LetterEyes
from models.training.hands.palm import write_palm_graph
from models.training.hands.teacher import read_teacher
from models.training.hands.train import HandRecipe, train
from overlay.core.process.parallel import cores
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.hands.tracker import NETWORK
from overlay.recognition.letter_model import shipped_model


def main(
    photographs: Annotated[Path, typer.Option(help="Folder of PERSON/LETTER/*.jpg.")],
    out: Annotated[Path, typer.Option(help="Folder for the finished network.")],
    close: Annotated[Path | None, typer.Option(help="Folder of PERSON/SIGN/*.jpg that a hand fills.")] = None,
    work: Annotated[Path, typer.Option(help="Folder for what can be used again.")] = Path("build/hands"),
    signers: Annotated[int, typer.Option(help="Synthetic people who spell.")] = 230,
    gesturing: Annotated[int, typer.Option(help="Synthetic people who gesture.")] = 90,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 2100,
    begin: Annotated[Path | None, typer.Option(help="Weights to begin with (.pt), for the teacher's own.")] = None,
    rate: Annotated[float, typer.Option(help="The highest learning rate.")] = HandRecipe.rate,
    whole_from: Annotated[float, typer.Option(help="Part of the steps after which it counts in 8 bits.")] = 0.7,
    seed: int = 0,
) -> None:
    """Collect pictures, train the network, and export it."""
    torch.set_num_threads(cores())
    bundle = hand_model_path()
    content, pictures = prepare(bundle, photographs, close, work, signers=signers, gesturing=gesturing)
    recipe = HandRecipe(steps=steps, rate=rate, whole_from=whole_from, seed=seed)
    network = read_teacher(content)
    if begin is not None:
        network.load_state_dict(torch.load(begin, weights_only=True))
    kept = work / "hand.pt"
    eyes = LetterEyes(shipped_model())
    network = train(
        network, read_teacher(content), eyes, pictures, recipe, each=lambda weights: torch.save(weights, kept)
    )
    torch.save(network.state_dict(), kept)
    out.mkdir(parents=True, exist_ok=True)
    write_palm_graph(bundle, out)
    onnx.save(hand_model(network, recipe.size, recipe.share), out / NETWORK)
    print(f"Wrote {out / NETWORK}.")


if __name__ == "__main__":
    typer.run(main)
