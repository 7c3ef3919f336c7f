# One image for all services: which one runs is an argument, as the chart and the Compose files give it.
# Where there is no container engine, `npm run image -- --out DIR` executes these steps into a plain directory.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --prefer-offline --no-audit --no-fund
RUN node node_modules/typescript/bin/tsc -b
RUN node services/console/web/build.mjs
RUN node deploy/kube/assemble.mjs ../app

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
COPY --from=build /app /app
# A home that every user has: a library looks for its settings there, and without one the process ends.
ENV NODE_ENV=production HOME=/tmp NODE_OPTIONS="--enable-source-maps --max-semi-space-size=8"
USER 65532:65532
EXPOSE 8100 8101 9101
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["--import", "@flotilla/service-kit/otel", "services/ingest/dist/main.js"]
