from benchmarks.nursery import related_mask


def test_models_are_related_that_share_an_ancestor():
    parents = {"a": [], "b": [], "a1": ["a"], "a2": ["a"], "b1": ["b"], "both": ["a1", "b1"]}
    names = list(parents)
    mask = related_mask(parents)
    assert (mask == mask.T).all()
    related = {name: {o for j, o in enumerate(names) if mask[i, j]} for i, name in enumerate(names)}
    assert related["a1"] == {"a", "a1", "a2", "both"}
    assert related["b"] == {"b", "b1", "both"}
    assert related["both"] == set(names)
