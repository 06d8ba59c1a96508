# Two images from one file: `api` serves, rings and reconciles without torch; `worker` adds it.
#   docker build --target api .
#   docker build --target worker --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu .
# An operator who wants the same bytes every time names PYTHON_IMAGE by its digest.
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/venv/bin:$PATH
WORKDIR /genebank

# What is installed stays the same while only our code changes.
FROM base AS libraries
RUN python -m venv /venv
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN mkdir app workers migrations nursery \
    && touch app/__init__.py workers/__init__.py migrations/__init__.py nursery/__init__.py \
    && pip install --constraint requirements.lock setuptools \
    && pip install --constraint requirements.lock --no-build-isolation '.[cpu,postgres,worker]' \
    && pip uninstall --yes genebank

FROM libraries AS torch
# Empty: the index that pip uses anyway, whose torch is built for CUDA.
ARG TORCH_INDEX=""
RUN pip install --constraint requirements.lock ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch \
    && pip install --constraint requirements.lock --no-build-isolation '.[extract]' \
    && pip uninstall --yes genebank

FROM libraries AS built-api
COPY app app
COPY workers workers
COPY migrations migrations
COPY nursery nursery
RUN pip install --no-deps --no-build-isolation .

FROM torch AS built-worker
COPY app app
COPY workers workers
COPY migrations migrations
COPY nursery nursery
RUN pip install --no-deps --no-build-isolation .

FROM base AS run
RUN groupadd --gid 10001 genebank \
    && useradd --uid 10001 --gid genebank --no-create-home --home-dir /data genebank \
    && install --directory --owner=genebank --group=genebank --mode=0700 /data
ENV HOME=/data \
    GENEBANK_DATA_DIR=/data \
    NUMBA_CACHE_DIR=/data/numba
WORKDIR /data
VOLUME /data
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["genebank"]

FROM run AS worker
COPY --from=built-worker /venv /venv
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s CMD ["genebank", "doctor", "--worker"]
CMD ["worker"]

FROM run AS api
COPY --from=built-api /venv /venv
EXPOSE 8321
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8321/readyz', timeout=4)"]
CMD ["serve", "--host", "0.0.0.0"]
