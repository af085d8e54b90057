# The same commands as the wheel gives, in an image that runs as nobody in particular:
#   docker build -t fhirgate . && docker run --rm fhirgate demo
#   docker run --rm -v "$PWD/record:/data:ro" fhirgate assess /data
#
# The service, by gunicorn, with a registry in /etc/fhirgate and PostgreSQL; migrations are a command of their own,
# run once before a new version is started:
#   docker run --rm -e FHIRGATE_DATABASE_URL_FILE=/run/secrets/database-url … fhirgate db upgrade
#   docker run -p 8080:8080 -v /etc/fhirgate:/etc/fhirgate:ro \
#     -e FHIRGATE_SERVERS=/etc/fhirgate/servers.toml -e FHIRGATE_API_TOKENS=/etc/fhirgate/callers.toml \
#     -e FHIRGATE_DATABASE_URL_FILE=/run/secrets/database-url … \
#     --entrypoint gunicorn fhirgate --config python:fhirgate.wsgi --bind 0.0.0.0:8080 'fhirgate.wsgi:app()'
# One process on SQLite, in a volume that keeps the database and the token beside it:
#   docker run -p 8080:8080 -v fhirgate:/data -w /data -v /etc/fhirgate:/etc/fhirgate:ro \
#     -e FHIRGATE_SERVERS=/etc/fhirgate/servers.toml fhirgate serve --host 0.0.0.0
# In front of either belongs a proxy that speaks TLS, and before gunicorn one that takes requests whole, as nginx does. For more
# than one process: -e WEB_CONCURRENCY=2 --tmpfs /tmp/counted:mode=1777 -e PROMETHEUS_MULTIPROC_DIR=/tmp/counted
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[postgres]' 'gunicorn>=23,<28'

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 fhirgate && install -d -o fhirgate -m 700 /data
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links=/wheels 'fhirgate[postgres]' gunicorn && rm -rf /wheels
USER fhirgate
WORKDIR /home/fhirgate
ENV PYTHONUNBUFFERED=1
EXPOSE 8080
STOPSIGNAL SIGTERM
# Of the service; a command that ends by itself is over before it is asked.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/live', timeout=4)"]
ENTRYPOINT ["fhirgate"]
CMD ["demo"]
