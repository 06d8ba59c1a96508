import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.services import local_refs
from app.services.local_refs import contained, stat_revision


def refusal(directory, roots):
    with pytest.raises(InputError) as error:
        contained(directory, roots)
    return error.value.code


def test_a_directory_under_a_root_is_given_back_by_its_real_path(tmp_path):
    model = tmp_path / "root" / "org" / "model"
    model.mkdir(parents=True)
    (tmp_path / "root" / "alias").symlink_to(model)
    roots = [tmp_path / "elsewhere", tmp_path / "root"]
    assert contained(model, roots) == model
    assert contained(tmp_path / "root" / "alias", roots) == model
    assert contained(tmp_path / "root" / "org" / ".." / "org" / "model", roots) == model


def test_a_root_may_be_a_link_itself(tmp_path):
    (tmp_path / "real" / "model").mkdir(parents=True)
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert contained(tmp_path / "root" / "model", [tmp_path / "root"]) == tmp_path / "real/model"


def test_what_leaves_the_roots_is_refused_whether_it_exists_or_not(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root-2").mkdir()
    (tmp_path / "root" / "link").symlink_to("/etc")
    roots = [tmp_path / "root"]
    for name in ("root-2", "root-3", "root/../root-2", "root/link", "root/link/none", "/etc"):
        assert refusal(tmp_path / name, roots) == "outside_roots"
    assert refusal(tmp_path / "root", []) == "outside_roots"


def test_what_is_no_directory_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name in ("none", "file", "loop", "n" * 5_000, "nul\0"):
        assert refusal(tmp_path / name, [tmp_path]) == "no_such_directory"


def write(folder, name, content, time_ns):
    (folder / name).write_bytes(content)
    os.utime(folder / name, ns=(time_ns, time_ns))


def test_the_revision_follows_names_sizes_and_times(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    seen = {stat_revision(folder)}
    write(folder, "a", b"1", 10)
    seen.add(stat_revision(folder))
    write(folder, "a", b"12", 10)
    seen.add(stat_revision(folder))
    write(folder, "a", b"12", 11)
    seen.add(stat_revision(folder))
    (folder / "a").rename(folder / "b")
    seen.add(stat_revision(folder))
    assert len(seen) == 5
    assert all(len(revision) == 16 and int(revision, 16) >= 0 for revision in seen)
    (folder / "logs").mkdir()
    write(folder / "logs", "x", b"1", 10)
    assert stat_revision(folder) in seen


def test_a_link_stands_for_its_target(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    write(tmp_path, "target", b"1", 10)
    (folder / "link").symlink_to(tmp_path / "target")
    (folder / "broken").symlink_to(tmp_path / "none")
    before = stat_revision(folder)
    write(tmp_path, "target", b"2", 11)
    assert stat_revision(folder) != before


@settings(deadline=None)
@given(names=st.sets(st.text("abc", min_size=1, max_size=3), max_size=5), data=st.data())
def test_the_revision_does_not_depend_on_the_order(tmp_path_factory, names, data):
    revisions = set()
    for _ in range(2):
        folder = tmp_path_factory.mktemp("model")
        for name in data.draw(st.permutations(sorted(names))):
            write(folder, name, name.encode(), 10)
        revisions.add(stat_revision(folder))
    assert len(revisions) == 1


def test_missing_and_crowded_directories_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no_such_directory"):
        stat_revision(tmp_path / "none")
    monkeypatch.setattr(local_refs, "MAX_FILES", 2)
    for name in "ab":
        (tmp_path / name).touch()
    stat_revision(tmp_path)
    (tmp_path / "c").touch()
    with pytest.raises(InputError, match="too_many_files"):
        stat_revision(tmp_path)


def test_a_link_in_a_circle_is_no_file(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    before = stat_revision(tmp_path)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert stat_revision(tmp_path) == before
