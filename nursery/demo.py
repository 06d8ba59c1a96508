"""`make demo`: the whole service on one machine, shown from outside through HTTP and its command.

Starts `genebank serve` on an empty embedded registry, raises a nursery, POSTs every model, shows
the jobs' progress, and prints what the service found next to the true genealogy. Knows nothing of
the service but its HTTP and its command line.
"""

import csv
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text
from rich.tree import Tree

GENEBANK = str(Path(sys.executable).with_name("genebank"))
START_S = 120
Lineage = Mapping[str, Mapping[str, str]]

say = Console(stderr=True, highlight=False)
show = Console(highlight=False)


def main(
    folder: Annotated[Path, typer.Option(help="Where models and registry are kept.")] = Path(
        "var/demo"
    ),
    port: Annotated[int, typer.Option(help="Port of the service.")] = 8321,
    seed: Annotated[int, typer.Option(help="Another seed, other models.")] = 1,
    size: Annotated[str, typer.Option(help="small (16 models) or large (36).")] = "small",
    end: Annotated[
        bool, typer.Option("--exit", envvar="DEMO_EXIT", help="End after the tree.")
    ] = False,
) -> None:
    """Raise a nursery of tiny models, fingerprint all over HTTP, print their tree."""
    models = folder.absolute() / f"nursery-{size}-{seed}"
    models.mkdir(parents=True, exist_ok=True)
    with _service(folder.absolute() / "registry", models, port) as (process, url):
        _raise(models, seed, size)
        lineage = _read_lineage(models / "lineage.tsv")
        try:
            with httpx2.Client(base_url=url, timeout=60) as client:
                good = _fingerprint(client, models, list(lineage))
        except httpx2.TransportError as error:
            say.print("The service is gone; nothing is lost: run the demo again.", style="red")
            raise typer.Exit(2) from error
        _show_findings(url, lineage)
        say.print(f"\nGenebank listens on {url} (documentation: {url}/docs)", soft_wrap=True)
        if not end:
            say.print("Ctrl-C ends it.")
            with suppress(KeyboardInterrupt):
                process.wait()
    raise typer.Exit(0 if good else 2)


@contextmanager
def _service(data: Path, roots: Path, port: int) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """`genebank serve`, from ready to stopped; its log goes to a file in the data folder."""
    data.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    command = [GENEBANK, "serve", "--port", str(port), "--data-dir", str(data)]
    command += ["--local-root", str(roots)]
    log = data / "serve.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdout=errors,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is ours: it is stopped when we are done
        )
    try:
        _await_ready(process, url, log)
        yield process, url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _await_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    with say.status(f"Starting the service on {url} (log: {log}) ..."):
        while time.monotonic() < until:
            if process.poll() is not None:
                say.print(f"The service did not start: {_last_line(log)}", style="red")
                raise typer.Exit(2)
            with suppress(httpx2.TransportError):
                if httpx2.get(f"{url}/readyz").status_code == 200:
                    return
            time.sleep(0.2)
    say.print(f"The service was not ready after {START_S} seconds; see {log}.", style="red")
    raise typer.Exit(2)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it left no message"


def _raise(out: Path, seed: int, size: str) -> None:
    """In a process of its own, whose memory goes back when it ends."""
    command = [sys.executable, "-m", "nursery", str(out), "--seed", str(seed), "--size", size]
    status = subprocess.run(command, check=False).returncode
    if status:
        raise typer.Exit(status)


def _read_lineage(path: Path) -> Lineage:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file, delimiter="\t")}


def _fingerprint(client: httpx2.Client, folder: Path, names: list[str]) -> bool:
    """POST every model, then follow the jobs to their ends; return whether all succeeded."""
    waiting = {}
    for name in names:
        answer = client.post("/v1/models", json={"model": f"local:{folder / name}"})
        answer.raise_for_status()
        waiting[answer.json()["job"]["id"]] = name
    say.print(f"POST /v1/models: {len(waiting)} models accepted.")
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=say) as progress:
        everything = progress.add_task("fingerprinting", total=len(waiting))
        for job_id, name in waiting.items():
            job = _follow(client, progress, job_id, name)
            progress.advance(everything)
            if job["state"] != "succeeded":
                failed += 1
                say.print(f"{name}: {job['state']}: {job['error']}", style="red")
    return failed == 0


def _follow(client: httpx2.Client, progress: Progress, job_id: str, name: str) -> dict[str, Any]:
    bar = progress.add_task(f"  {name}", total=None)
    job: dict[str, Any] = client.get(f"/v1/jobs/{job_id}").json()
    while job["state"] in ("queued", "running"):
        progress.update(
            bar,
            description=f"  {name}: {job['stage'] or job['state']}",
            completed=job["progress"]["done"],
            total=job["progress"]["total"] or None,
        )
        params = {"wait": 20, "version": job["version"]}
        job = client.get(f"/v1/jobs/{job_id}", params=params).json()
    progress.remove_task(bar)
    return job


def _show_findings(url: str, lineage: Lineage) -> None:
    grandchild = _grandchild(lineage)
    _genebank("relatives", grandchild, "-k", "5", "--server", url)
    chain = [grandchild]
    while parent := lineage[chain[-1]]["parent"].split(",")[0]:
        chain.append(parent)
    show.print(f"In truth: {' ← '.join(chain)}\n")
    _genebank("tree", "--protocol", "likelihood-v1", "--server", url)
    show.print("\n[bold]The true genealogy[/bold] (lineage.tsv):")
    show.print(_genealogy(lineage))


def _genebank(*arguments: str) -> None:
    """Run the command as a reader would, and show how."""
    show.print(Text(f"\n$ genebank {shlex.join(arguments)}", style="bold"))
    sys.stdout.flush()
    status = subprocess.run([GENEBANK, *arguments], check=False).returncode
    if status:
        raise typer.Exit(status)


def _grandchild(lineage: Lineage) -> str:
    """The first model whose parent has a parent, and a single one."""
    for name, row in lineage.items():
        if row["parent"] in lineage and lineage[row["parent"]]["parent"]:
            return name
    raise typer.BadParameter("this nursery has no grandchild")


def _genealogy(lineage: Lineage) -> Tree:
    root = Tree("founders", hide_root=True)
    nodes: dict[str, Tree] = {}
    for name, row in lineage.items():
        first, *others = row["parent"].split(",")
        label = Text(name, style="bold" if not first else "")
        label.append(f"  {row['relation']}", style="dim")
        if others:
            label.append(f" with {', '.join(others)}", style="dim")
        nodes[name] = nodes.get(first, root).add(label)
    return root


if __name__ == "__main__":
    typer.run(main)
