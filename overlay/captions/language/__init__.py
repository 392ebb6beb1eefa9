"""Reading with a language: what a spelled word is likely to be, by the network and by how words are written.

`AssistedReader` stands beside the literal reading and never in its place: it says what else a word may be, where that
is clearly better, and who asks decides what to do with it.
"""

from overlay.captions.language.assisted_reader import AROUND, Assisted, AssistedReader

__all__ = ["AROUND", "Assisted", "AssistedReader"]
