# syntax=docker/dockerfile:1
# The gateway's image: built in one stage, run in another that holds no tool to build with.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
# The environment carries no pip of its own: the builder's fills it from outside.
RUN python -m venv --without-pip /opt/wallbounce
# Dependencies first: they change seldom, and this layer is the slow one. Every file is checked
# against the lock's hashes, and only wheels are taken, so nothing is compiled here.
COPY requirements.lock ./
RUN pip --python /opt/wallbounce/bin/python install \
    --require-hashes --no-deps --only-binary=:all: -r requirements.lock
COPY requirements-build.lock ./
RUN pip install --require-hashes --no-deps --only-binary=:all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY providers ./providers
COPY consensus ./consensus
COPY learning ./learning
COPY gateway ./gateway
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/wallbounce/bin/python install --no-deps dist/*.whl

FROM python:3.11.14-slim-bookworm
# The base image's installers are tools to build with, too.
RUN python -m pip uninstall --yes setuptools wheel pip \
    && groupadd --system --gid 10001 wallbounce \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/wallbounce --create-home \
    --shell /usr/sbin/nologin wallbounce \
    && install -d -o 10001 -g 10001 /etc/wallbounce
COPY --from=build /opt/wallbounce /opt/wallbounce
ENV PATH=/opt/wallbounce/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LITELLM_LOCAL_MODEL_COST_MAP=True \
    WALLBOUNCE_DATA_DIR=/var/lib/wallbounce
USER 10001:10001
# `wallbounce rollout set` keeps the share in the working folder's .env (docs/adr/0005).
WORKDIR /etc/wallbounce
VOLUME ["/var/lib/wallbounce", "/etc/wallbounce"]
EXPOSE 4000
# SIGTERM starts the drain; whoever stops the container must wait longer than WALLBOUNCE_DRAIN_SECONDS.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4000/health/live', timeout=2)"]
ENTRYPOINT ["wallbounce"]
CMD ["serve", "--host", "0.0.0.0", "--port", "4000"]
