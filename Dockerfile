FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY docs/errors.md ./docs/
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
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
  CMD ["node", "-e", "fetch('http://127.0.0.1:23849/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/portkv.js"]
# The port is fixed here, so that the health check and the published port hold whatever the configuration says.
CMD ["serve", "--init", "--config", "/data/config.json", "--host", "0.0.0.0", "--port", "23849", "--data", "/data/storage_data"]
