FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts: what is built is not there yet, and the addons come built.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY docs/errors.md ./docs/
COPY src ./src
RUN npm run build && npm prune --ignore-scripts --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
# docs/performance.md says what the second is for.
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=1048576
WORKDIR /app
COPY package.json LICENSE ./
COPY bin ./bin
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/docs ./dist/docs
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 23849
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s --start-interval=1s \
  CMD ["node", "bin/portkv.js", "health", "--config", "/data/config.json", "--data", "/data/storage_data"]
ENTRYPOINT ["node", "bin/portkv.js"]
# The port is fixed here, so that the published one holds whatever the configuration says; the health check asks where
# the server listens.
CMD ["serve", "--init", "--config", "/data/config.json", "--host", "0.0.0.0", "--port", "23849", "--data", "/data/storage_data"]
