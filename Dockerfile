# One image for every service of docker-compose.yml: web, workers, reconcile.

FROM node:24.4.1-bookworm-slim@sha256:36ae19f59c91f3303c7a648f07493fe14c4bd91320ac8d898416327bacf1bbfa AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11.13-slim-bookworm@sha256:86adf8dbadc3d6e82ee5dd2c74bec2e1c2467cdad47886280501df722372d2e1 AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt ./
RUN pip install --upgrade "pip>=25.1" && pip install --require-hashes -r requirements.txt
# For NVIDIA cards one package takes the place of another: onnxruntime-gpu that of onnxruntime, or paddlepaddle-gpu that
# of paddlepaddle; the latter comes from Paddle's own index, as its installation guide names it for each CUDA version.
ARG GPU_PACKAGE=""
ARG GPU_REPLACES="onnxruntime"
ARG GPU_INDEX=""
RUN if [ -n "$GPU_PACKAGE" ]; then \
        pip uninstall --yes "$GPU_REPLACES" \
        && pip install ${GPU_INDEX:+--extra-index-url "$GPU_INDEX"} "$GPU_PACKAGE"; \
    fi
COPY recognition recognition
RUN python -m recognition.weights --folder /opt/weights --all
COPY . .
COPY --from=frontend /src/node_modules node_modules
RUN python -c "from ocrsite import install; install.copy_frontend(); install.compile_translations('python')" \
    && rm -r node_modules

FROM python:3.11.13-slim-bookworm@sha256:86adf8dbadc3d6e82ee5dd2c74bec2e1c2467cdad47886280501df722372d2e1
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 libgomp1 libseccomp2 poppler-data poppler-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin ocrsite \
    && install --directory --owner=ocrsite --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/weights /opt/weights
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    OCRSITE_DATA=/data \
    OCRSITE_WEIGHTS=/opt/weights
WORKDIR /app
USER ocrsite
VOLUME /data
EXPOSE 8000
CMD ["sh", "-ec", "python manage.py collectstatic --no-input -v 0 && exec gunicorn ocrsite.wsgi --bind 0.0.0.0:8000"]
