"""What the owner's pages tune and control while Signcap runs."""
