# laco with a runtime of its own, from the distribution that 'mvn -Prelease package' makes:
#
#   docker build --build-arg VERSION=0.2.0 --tag laco .
#   docker run --rm --volume "$PWD:/work" laco collapse MODEL OUT --threshold 0.65
#
# Needs no network while it runs: docker run --network none …
FROM debian:stable-slim

ARG VERSION
ARG PLATFORM=linux-x86_64
ADD laco-cli/target/laco-${VERSION}-${PLATFORM}-runtime.tar.gz /opt/
# Unpacks the native libraries and makes the archive of classes, so that each run starts as fast as the second.
ENV LACO_CACHE=/var/cache/laco
RUN ln -s "/opt/laco-${VERSION}" /opt/laco \
    && ln -s /opt/laco/bin/laco /usr/local/bin/laco \
    && laco collapse /opt/laco/model /tmp/collapsed --threshold 0.5 --quiet \
    && rm -rf /tmp/collapsed \
    && chmod -R a+rwX "$LACO_CACHE"

WORKDIR /work
USER 1000:1000
ENTRYPOINT ["laco"]
CMD ["--help"]
