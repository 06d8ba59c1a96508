"""What the test hub holds, and how a hub answers for it: listings, files, refusals.

Files kept by Git LFS are answered with a redirect to a store at another address.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

LARGE = frozenset({".safetensors", ".bin", ".gguf"})
CREATED_AT = "2024-05-06T07:08:09.000Z"
_NAME = r"(?P<name>[^/]+(?:/[^/]+)?)"
_LISTING = re.compile(rf"/api/models/{_NAME}(?:/revision/(?P<revision>[^/]+))?")
_ACCESS = re.compile(rf"/api/models/{_NAME}/auth-check")
_FILE = re.compile(rf"/{_NAME}/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass(frozen=True)
class Answer:
    """What a request is answered with; `file` is whose content the body is."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    file: str = ""


@dataclass
class Repository:
    """Branches point at commits; `readers` are the tokens that see its files, None: everybody."""

    info: dict[str, Any]
    private: bool
    readers: frozenset[str] | None
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @property
    def is_gated(self) -> bool:
        """Whether everybody sees what it is, and only readers its files."""
        return self.readers is not None and not self.private


Speak = Callable[[Repository, re.Match[str], str | None], Answer]


class Repositories:
    """All repositories of a hub, which lies at `url`, its store at `store_url`."""

    def __init__(self) -> None:
        self.url = self.store_url = ""
        self.tokens: set[str] = set()
        self.renamed: dict[str, str] = {}
        self._repositories: dict[str, Repository] = {}

    def publish(
        self,
        name: str,
        folder: Path,
        *,
        branch: str = "main",
        private: bool = False,
        readers: frozenset[str] | None = None,
        **info: Any,
    ) -> str:
        """Commit all files of a folder to a branch and return the commit; `info` goes as it is."""
        repository = self._repositories.setdefault(name, Repository(info, private, readers))
        repository.info |= info
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        listed = "".join(f"{path}\0{_blob_id(body)}\n" for path, body in files.items())
        commit = _sha1(f"{len(repository.commits)} {listed}".encode())
        repository.commits[commit] = files
        repository.branches[branch] = commit
        return commit

    def answer(self, path: str, token: str | None) -> Answer:
        """Answer a request to the hub itself."""
        if token is not None and token not in self.tokens:
            return _refused(401, "", "Invalid credentials in Authorization header")
        for pattern, speak in (
            (_ACCESS, self._access),
            (_FILE, self._file),
            (_LISTING, self._listing),
        ):
            found = pattern.fullmatch(path)
            if found:
                return self._about(speak, found, path, token)
        return _refused(404, "", "Not found")

    def stored(self, path: str) -> Answer:
        """Answer a request to the store, which knows no tokens."""
        for repository in self._repositories.values():
            for files in repository.commits.values():
                for name, body in files.items():
                    if path == f"/{_sha256(body)}":
                        return Answer(200, {"ETag": f'"{path[1:]}"'}, body, name)
        return _refused(404, "", "No such object")

    def _about(
        self,
        speak: Speak,
        found: re.Match[str],
        path: str,
        token: str | None,
    ) -> Answer:
        name = found["name"]
        if name in self.renamed:
            to = path.replace(name, self.renamed[name])
            return Answer(307, {"Location": f"{self.url}{to}?blobs=true"})
        repository = self._repositories.get(name)
        if repository is None or (repository.private and not _reads(repository, token)):
            return _missing(token)
        return speak(repository, found, token)

    def _listing(self, repository: Repository, found: re.Match[str], _: str | None) -> Answer:
        commit = _pinned(repository, found["revision"] or "main")
        if commit is None:
            return _refused(404, "RevisionNotFound", "Invalid rev id")
        info = {
            "id": found["name"],
            "sha": commit,
            "private": repository.private,
            "gated": "manual" if repository.is_gated else False,
            "createdAt": CREATED_AT,
            "siblings": [_sibling(*file) for file in repository.commits[commit].items()],
            **repository.info,
        }
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(info).encode())

    def _access(self, repository: Repository, _: re.Match[str], token: str | None) -> Answer:
        return Answer(200, {}, b"OK") if _reads(repository, token) else _gated(token)

    def _file(self, repository: Repository, found: re.Match[str], token: str | None) -> Answer:
        if not _reads(repository, token):
            return _gated(token)
        commit = _pinned(repository, found["revision"])
        if commit is None:
            return _refused(404, "RevisionNotFound", "Invalid rev id")
        headers, path = {"X-Repo-Commit": commit}, unquote(found["path"])
        body = repository.commits[commit].get(path)
        if body is None:
            return _refused(404, "EntryNotFound", "Entry not found")
        if Path(path).suffix not in LARGE:
            return Answer(200, {**headers, "ETag": f'"{_blob_id(body)}"'}, body, path)
        digest = _sha256(body)
        headers |= {"X-Linked-Size": str(len(body)), "X-Linked-ETag": f'"{digest}"'}
        return Answer(302, {**headers, "Location": f"{self.store_url}/{digest}"})


def _pinned(repository: Repository, revision: str) -> str | None:
    revision = unquote(revision)
    if revision in repository.commits:
        return revision
    return repository.branches.get(revision)


def _reads(repository: Repository, token: str | None) -> bool:
    return repository.readers is None or token in repository.readers


def _missing(token: str | None) -> Answer:
    if token is None:
        return _refused(401, "", "Invalid username or password.")
    return _refused(404, "RepoNotFound", "Repository not found")


def _gated(token: str | None) -> Answer:
    return _refused(403 if token else 401, "GatedRepo", "Access to this model is restricted.")


def _refused(status: int, code: str, message: str) -> Answer:
    headers = {"X-Error-Message": message, "Content-Type": "application/json"}
    if code:
        headers["X-Error-Code"] = code
    return Answer(status, headers, json.dumps({"error": message}).encode())


def _sibling(path: str, body: bytes) -> dict[str, Any]:
    told = {"rfilename": path, "size": len(body), "blobId": _blob_id(body)}
    if Path(path).suffix in LARGE:
        told["lfs"] = {"sha256": _sha256(body), "size": len(body), "pointerSize": 135}
    return told


def _blob_id(body: bytes) -> str:
    return _sha1(b"blob %d\0" % len(body) + body)


def _sha1(raw: bytes) -> str:
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
