"""The font of the pictures and the widths of its characters; see README.md beside it."""
