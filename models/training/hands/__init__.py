"""The networks that find hands: how the graphs that ship are made, and how a smaller one can be trained."""
