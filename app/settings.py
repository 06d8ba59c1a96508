"""A leaf: all configuration, from `GENEBANK_*` variables. Only composition roots read it."""

import os
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

GIB = 1 << 30

# The same names as in app/broker/queues.py, which a leaf cannot ask.
Queue = Literal["cpu", "gpu", "large"]


def _default_data_dir() -> Path:
    return Path.home() / ".local" / "share" / "genebank"


def _password(url: str) -> str:
    """The password of a URL as it is spelt there; "" where there is none, or no URL."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _three_quarters_of_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4_000_000


class Settings(BaseSettings):
    """Where things are, and what a job may use."""

    model_config = SettingsConfigDict(env_prefix="GENEBANK_", extra="forbid", populate_by_name=True)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder of the embedded registry: the SQLite file, jobs' folders, encoders, "
        "the secret.",
    )
    database_url: str = Field(
        default="",
        description="postgresql://user@host/name; empty means SQLite in the data folder.",
    )
    database_pool: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Connections to PostgreSQL that a process keeps open; in a rush it opens as "
        "many more.",
    )
    statement_timeout_s: float = Field(
        default=30.0,
        ge=0,
        description="Seconds that PostgreSQL may take for one statement of a request; 0: no bound. "
        "Imports, exports and references have none.",
    )
    lock_timeout_s: float = Field(
        default=10.0,
        ge=0,
        description="Seconds that a statement of a request may wait for a lock; 0: no bound.",
    )
    max_import_bytes: int = Field(
        default=512 << 20,
        gt=0,
        description="Bytes that an import over HTTP may hold, as they are after decompression.",
    )
    local_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders, separated by ':', under which `local:` models may lie.",
    )
    hub_url: str = Field(
        default="",
        validation_alias=AliasChoices("GENEBANK_HUB_URL", "HF_ENDPOINT"),
        description="Hub of `hf:` models; empty means https://huggingface.co.",
    )
    hub_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("GENEBANK_HUB_TOKEN", "HF_TOKEN"),
        description="Token for the hub: whoever hands in models may have fingerprinted what it "
        "reads; empty means that of `hf auth login`, if any.",
    )
    encoders_dir: Path | None = Field(
        default=None,
        description="Folder of sentence encoders, one sub-folder each; default: `encoders` in the "
        "data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="What keys of endpoints are sealed with; empty means the file `secret.key` in "
        "the data folder, which is made when it is first needed.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(default=8321, ge=0, le=65535, description="Port that `serve` listens on.")
    allow_remote: bool = Field(
        default=False,
        description="Serve on an address that others reach, although there are no API keys yet.",
    )
    embedded_worker: bool = Field(
        default=True,
        description="Whether `serve` runs jobs itself; never where there is a broker.",
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""),
        description="Broker that rings workers: redis://:password@host:6379/0, rediss://, "
        "amqp:// or amqps://; empty means that workers look into the database by themselves.",
    )
    queues: Annotated[tuple[Queue, ...], NoDecode] = Field(
        default=get_args(Queue),
        min_length=1,
        description="Queues that `worker` serves, separated by ',': cpu, gpu, large.",
    )
    gpu_weight_bytes: int = Field(
        default=2 * GIB, ge=0, description="Models with as many bytes of weights go to queue gpu."
    )
    large_weight_bytes: int = Field(
        default=32 * GIB,
        ge=0,
        description="Models with as many bytes of weights go to queue large.",
    )
    gpus: str | None = Field(
        default=None,
        validation_alias=AliasChoices("GENEBANK_GPUS", "CUDA_VISIBLE_DEVICES"),
        description="GPUs that a worker lends to its jobs, each to one at a time, as in "
        "CUDA_VISIBLE_DEVICES; one that is named twice is lent to two jobs; empty: none; not set: "
        "all.",
    )
    grace_s: float = Field(
        default=8.0,
        ge=0,
        description="Seconds in which a worker that is asked to end may finish its jobs, and a "
        "service its requests; what then still runs is given back, or cut off.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port on which `worker` and `reconciler` answer scrapes of their own metrics; "
        "0: any; empty: none.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address for these scrapes: no key is asked for there."
    )
    slots: int = Field(default=1, ge=1, le=64, description="Jobs that one worker runs at once.")
    threads: int = Field(default=0, ge=0, description="CPU threads a job uses; 0 means all cores.")
    lease_s: float = Field(
        default=15.0, gt=0, description="Seconds until a lost worker's job is taken back."
    )
    job_timeout_s: float = Field(
        default=3600.0,
        gt=0,
        description="Seconds a process of a job may take; downloads and endpoints have bounds of "
        "their own.",
    )
    job_memory_mb: int = Field(
        default_factory=_three_quarters_of_memory,
        gt=0,
        description="MB of memory that a job's process may hold; larger weights are streamed.",
    )
    max_weight_bytes: int = Field(
        default=64 * GIB, gt=0, description="Largest weights that are read."
    )
    keep_responses_days: float | None = Field(
        default=None,
        gt=0,
        description="Days for which responses are kept, for `genebank db prune`; empty: for ever.",
    )
    rate_limit: str = Field(
        default="",
        pattern=r"^(off|[1-9][0-9]{0,8}/(second|minute|hour))?$",
        description="Requests of one client that are answered, such as 600/minute; off: all; "
        "empty: all on a loopback address, else 600/minute.",
    )
    index_device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto",
        description="Where `serve` searches large indexes: cpu, gpu (with extra gpu), or auto: a "
        "GPU if faiss sees one.",
    )
    tree_at_once: int = Field(
        default=2000,
        ge=2,
        description="Trees of more models are grown by jobs, not in the request that asks.",
    )
    unconfined: bool = Field(
        default=False,
        description="Run jobs although this kernel cannot take their network away.",
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="Least level that is logged: debug, info, warning or error.",
    )

    @field_validator("local_roots", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(":") if part)
        return value

    @field_validator("keep_responses_days", "metrics_port", mode="before")
    @classmethod
    def _none_if_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("queues", mode="before")
    @classmethod
    def _split_queues(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
        return value

    @property
    def secrets(self) -> list[str]:
        """All that must never be written anywhere, as it is and as URLs spell it."""
        given = [self.hub_token, self.secret_key]
        found = [part.strip() for one in given for part in one.get_secret_value().split(",")]
        for url in (self.broker_url.get_secret_value(), self.database_url):
            password = _password(url)
            found += [password, unquote(password)]
        return [secret for secret in found if secret]

    @property
    def resolved_encoders_dir(self) -> Path:
        """The folder of sentence encoders, with the default filled in."""
        return self.encoders_dir or self.data_dir / "encoders"

    @property
    def resolved_database_url(self) -> str:
        """The database URL, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'genebank.db'}"
