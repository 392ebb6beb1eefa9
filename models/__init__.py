"""Network architectures, training and the shipped weights. The only package that may import torch."""
