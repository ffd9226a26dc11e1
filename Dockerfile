# Certkeep, for use with a PostgreSQL of your own. compose.yaml brings one; docs/docker.md says how to run both.
# `npm run check:docker` runs these steps without Docker, and therefore knows only the instructions that stand here.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Not now the script that compiles after an installation: the sources come later, so that a change to them leaves this layer alone.
RUN npm ci --ignore-scripts
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma prisma
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
# Without optional packages, because the embedded PostgreSQL has no use beside a DATABASE_URL, and because npm counts Prisma's command
# line and the compiler, which are peers of Prisma's client, as both: only what is left out twice is left out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Certkeep" \
      org.opencontainers.image.description="Keeps certificates and their private keys, and serves them over the REST APIs that existing clients already speak." \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    CERTKEEP_HOST=0.0.0.0 \
    CERTKEEP_PORT=9000 \
    UV_THREADPOOL_SIZE=8
WORKDIR /app
COPY --from=dependencies /dependencies/node_modules node_modules
COPY prisma/migrations prisma/migrations
COPY package.json ./
COPY --from=build /build/dist dist
# A number, so that Kubernetes can see that it isn't root. Everything above is root's: the server can't write to its own files.
USER 10001:10001
EXPOSE 9000
STOPSIGNAL SIGTERM
# The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.CERTKEEP_PORT + '/-/health/ready/').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
