"""Receivers of captioned pictures: the virtual camera and the previews."""
