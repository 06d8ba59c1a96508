"""Pictures of trees: SVG and PNG, rectangular and radial, in light and in dark.

`draw_svg(annotated, style)` returns text, `draw_png(annotated, style, scale)` bytes.
"""

from app.phylo.pictures.drawing import draw_png, draw_svg
from app.phylo.pictures.style import Style

__all__ = ["Style", "draw_png", "draw_svg"]
