"""Lightning Fabric for the devices and processes that there are."""

import logging
import os
import warnings
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from overlay.core.process.parallel import cores


def precision_name(precision: str) -> Any:
    """Fabric's name for a recipe's precision."""
    if precision == "auto":
        precision = ("bf16" if torch.cuda.is_bf16_supported() else "16") if torch.cuda.is_available() else "32"
    return {"32": "32-true", "16": "16-mixed", "bf16": "bf16-mixed"}[precision]


def make_fabric(precision: str = "auto") -> Fabric:
    """Fabric for what there is: one process alone, or all that `torchrun` started; a GPU where there is one."""
    world, local = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    on_gpu = torch.cuda.is_available()
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it tells of every process that joins
    warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
    fabric = Fabric(
        accelerator="cuda" if on_gpu else "cpu",
        devices=local,
        num_nodes=max(world // local, 1),
        # Buffers are shared when pictures are read, not in each step: processes read different numbers of batches.
        strategy=DDPStrategy(forward_sync_buffers=False) if world > 1 else "auto",
        precision=precision_name(precision),
    )
    fabric.launch()
    if on_gpu:
        torch.set_float32_matmul_precision("high")
    elif world > 1 and os.environ.get("OMP_NUM_THREADS") in (None, "1"):  # torchrun sets 1 of its own accord
        torch.set_num_threads(max(1, cores() // local))
    return fabric


def processor_fabric() -> Fabric:
    """Fabric for a training in this process, on the processor."""
    return Fabric(accelerator="cpu", devices=1, precision="32-true")


def leave_together(fabric: Fabric) -> None:
    """End the group of processes: one that merely exits leaves its network threads running, and may abort."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        fabric.barrier()
        torch.distributed.destroy_process_group()
