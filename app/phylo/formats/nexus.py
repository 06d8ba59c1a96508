"""A tree as Nexus (Maddison, Swofford and Maddison 1997), with the comments that FigTree reads.

Tips stand in the tree as numbers, which TRANSLATE explains, so that no name meets a reader of
trees. Support is the label of inner nodes, as in Newick; everything else that is known of a node
is a comment, [&bootstrap=0.9,date=2024.25,family="acme"]. Programs differ in whether names that
differ in case only are two names: most need an option for it.
"""

import re

from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date, numbers, words
from app.phylo.formats.distinct import distinct
from app.phylo.formats.newick import quoted, support_label, write_labelled
from app.phylo.formats.percent import hide, word

_NO_COMMENT = re.compile(r"""[\[\](){}"'=,&;:]""")


def write(annotated: Annotated) -> str:
    """Return the text of a Nexus file; a name that comes again is followed by its number."""
    tree = annotated.tree
    names = [quoted(name) for name in distinct(tree.labels)]

    def label(node: int) -> str:
        own = str(node + 1) if node < tree.n_tips else support_label(tree, node)
        return own + _comment(annotated, node)

    return "\n".join(
        [
            "#NEXUS",
            "BEGIN TAXA;",
            f"  DIMENSIONS NTAX={tree.n_tips};",
            "  TAXLABELS",
            *(f"    {name}" for name in names),
            "  ;",
            "END;",
            "BEGIN TREES;",
            "  TRANSLATE",
            ",\n".join(f"    {tip} {name}" for tip, name in enumerate(names, 1)),
            "  ;",
            f"  TREE genebank = [&R] {write_labelled(tree, label)}",
            "END;",
            "",
        ]
    )


def _comment(annotated: Annotated, node: int) -> str:
    fields = {name: f"{number:.10g}" for name, number in numbers(annotated, node).items()}
    when = date(annotated, node)
    if when is not None:
        fields["date"] = f"{when:.10g}"
    said = words(annotated, node)
    fields |= {name: f'"{hide(value, _NO_COMMENT)}"' for name, value in said.items()}
    if not fields:
        return ""
    return "[&" + ",".join(f"{word(name)}={value}" for name, value in fields.items()) + "]"
