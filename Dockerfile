# The same commands as the wheel gives, in an image that runs as nobody in particular:
#   docker build -t fhirgate . && docker run --rm fhirgate demo
#   docker run --rm -v "$PWD/record:/data:ro" fhirgate assess /data
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 fhirgate
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links=/wheels fhirgate && rm -rf /wheels
USER fhirgate
WORKDIR /home/fhirgate
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["fhirgate"]
CMD ["demo"]
