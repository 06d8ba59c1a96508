"""The example in docs/trees.md: made-up models. Run as a module to write the picture anew."""

from pathlib import Path

from app.phylo.annotated import Annotated
from app.phylo.formats.newick import read
from app.phylo.pictures import Style, draw_svg

PLACE = Path(__file__).parents[3] / "docs" / "pictures" / "made-up.svg"
NEWICK = (
    "((((aurora-7b:0.11,(aurora-7b-chat:0.06,(aurora-7b-chat-dpo:0.05,aurora-7b-chat-int8:0.01)"
    "0.99:0.05)0.98:0.06)0.97:0.05,(aurora-13b:0.12,aurora-13b-instruct:0.13)0.93:0.04)0.88:0.12,"
    "(dawn-merge-7b:0.21,dawn-merge-7b-v2:0.18)0.64:0.05)0.71:0.03,"
    "(((cedar-3b:0.09,(cedar-3b-sft:0.07,cedar-3b-sft-math:0.1)0.96:0.06)1.0:0.17,"
    "(cedar-1b:0.14,(cedar-1b-base:0.1,cedar-1b-distilled:0.22)0.47:0.02)0.91:0.09)0.82:0.06,"
    "((fjord-8b:0.08,((fjord-8b-instruct:0.05,fjord-8b-instruct-awq:0.01)1.0:0.06,"
    "fjord-8b-roleplay:0.12)0.95:0.05)1.0:0.24,"
    "(fjord-2b:0.13,fjord-2b-it:0.15)0.99:0.15)0.9:0.07)0.79:0.04);"
)


def example() -> str:
    """Return the picture."""
    tree = read(NEWICK)
    families = tuple(label.split("-")[0] if "dawn" not in label else "" for label in tree.labels)
    style = Style(
        theme="auto",
        width=960,
        title="Relatives of aurora-7b-chat",
        caption="likelihood-v1, reference 3; neighbour joining, rooted by minimum variance; "
        f"{tree.n_tips} made-up models",
        unit="distance",
        support_meaning="share of 100 bootstrap replicates",
        highlighted=frozenset({tree.labels.index("aurora-7b-chat")}),
        placed=frozenset({tree.labels.index("fjord-8b-roleplay")}),
    )
    return draw_svg(Annotated(tree, families=families), style)


if __name__ == "__main__":
    PLACE.write_text(example())
