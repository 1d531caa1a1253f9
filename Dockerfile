# Builds with everything, runs with little: a non-root user, a read-only root file system, no compiler.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json ./
COPY src src
RUN npm run build && npm prune --omit=dev && rm -f dist/.tsbuildinfo
# The README's `npm run …` works here too: what it builds first elsewhere is built.
RUN npm pkg delete $(node -p "Object.entries(require('./package.json').scripts) \
  .filter(([, command]) => command === 'nest build').map(([name]) => 'scripts.' + name).join(' ')")

FROM node:24-slim
ENV NODE_ENV=production \
    AUTH=on \
    HOST=0.0.0.0 \
    PORT=8000 \
    NPM_CONFIG_UPDATE_NOTIFIER=false
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY views views
COPY models/credit-default models/credit-default
COPY data/reference.csv data/reference.csv
# The only folder the service writes to: mount a volume here to keep the records and what monitoring made of them.
RUN mkdir -p data/logs && chown node:node data/logs
USER node
VOLUME ["/app/data/logs"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
