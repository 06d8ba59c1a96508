"""The colours of the pictures and the style sheet that says them, in light and in dark."""

from collections.abc import Mapping

from app.phylo.pictures.style import Theme

# Ten colours that differ by at least 0.07 in Oklab, from each other and from the grey, to the
# usual eye and to protan, deutan and tritan ones (Machado et al. 2009), with a contrast of 3:1
# to the background or more. Dark ones are lighter relatives of the light ones, in the same order.
LIGHT = {
    "page": "#ffffff",
    "ink": "#1b1f24",
    "mute": "#59636e",
    "faint": "#dfe3e8",
    "leader": "#c3cad2",
    "branch": "#6c7580",
    "grey": "#8a929c",
    "band": "#ffe89a",
    "mark": "#d39400",
    "fair": "#8c949e",
}
LIGHT_FAMILIES = (
    "#4090f8", "#d03818", "#008868", "#b868c8", "#e07800",
    "#4858b0", "#582800", "#a01880", "#205050", "#281060",
)  # fmt: skip
DARK = {
    "page": "#11161c",
    "ink": "#e8ebef",
    "mute": "#a2acb8",
    "faint": "#262e38",
    "leader": "#3d4753",
    "branch": "#8f99a5",
    "grey": "#7d8590",
    "band": "#5c4a00",
    "mark": "#e0a800",
    "fair": "#7d8793",
}
DARK_FAMILIES = (
    "#5890d8", "#e88038", "#60d0a0", "#e0b8f0", "#f8b000",
    "#a8a0f8", "#a85800", "#f838c0", "#78a878", "#e0f0f8",
)  # fmt: skip
N_COLOURS = len(LIGHT_FAMILIES)
FONTS = (
    '"Genebank Sans","DejaVu Sans Condensed",Arial,"Liberation Sans","Helvetica Neue",'
    "Helvetica,sans-serif"
)


def style_sheet(theme: Theme) -> str:
    """Return the CSS of one theme; every rule holds only inside pictures of that theme."""
    scope = f".gt-{theme}"
    fixed = (
        f"{scope}{{font-family:{FONTS};font-variant-ligatures:none}}"
        f"{scope} path{{fill:none;stroke-linejoin:round;stroke-linecap:round}}"
        f"{scope} path.butt{{stroke-linecap:butt}}"
        f"{scope} .halo{{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}}"
    )
    light, dark = _colours(scope, LIGHT, LIGHT_FAMILIES), _colours(scope, DARK, DARK_FAMILIES)
    if theme == "auto":
        return f"{fixed}{light}@media (prefers-color-scheme:dark){{{dark}}}"
    return fixed + (light if theme == "light" else dark)


def _colours(scope: str, colours: Mapping[str, str], families: tuple[str, ...]) -> str:
    named = {**colours, **{f"f{i}": colour for i, colour in enumerate(families)}}
    rules = [
        f"{scope} .{name}{{fill:{colour}}}{scope} path.{name}{{fill:none;stroke:{colour}}}"
        for name, colour in named.items()
    ]
    page, ink, fair = colours["page"], colours["ink"], colours["fair"]
    return "".join(rules) + (
        f"{scope} .halo{{stroke:{page}}}"
        f"{scope} .dot-strong{{fill:{ink};stroke:{page}}}"
        f"{scope} .dot-fair{{fill:{fair};stroke:{page}}}"
        f"{scope} .dot-weak{{fill:{page};stroke:{fair}}}"
    )
